#include "codec/color_by_pixel.hpp"

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcpixel.h>

#include <cstddef>
#include <vector>

namespace dcmtk_native::codec {

namespace {

std::size_t number_of(DcmItem& item, const DcmTagKey& key) {
    Uint16 value = 0;
    return item.findAndGetUint16(key, value).good() ? value : 0;
}

template <typename Cell>
void interleave(Cell* frame, std::size_t pixels, std::size_t samples, std::vector<Cell>& planes) {
    planes.assign(frame, frame + pixels * samples);
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const Cell* plane = planes.data() + sample * pixels;
        for (std::size_t pixel = 0; pixel < pixels; ++pixel)
            frame[pixel * samples + sample] = plane[pixel];
    }
}

template <typename Cell>
void interleave_all(Cell* cells, std::size_t frames, std::size_t pixels, std::size_t samples) {
    std::vector<Cell> planes;
    for (std::size_t frame = 0; frame < frames; ++frame) {
        runtime::checkpoint_now();
        interleave(cells + frame * pixels * samples, pixels, samples, planes);
    }
}

}  // namespace

void make_color_by_pixel(DcmItem& item, DcmPixelData& pixels) {
    const std::size_t samples = number_of(item, DCM_SamplesPerPixel);
    const std::size_t allocated = number_of(item, DCM_BitsAllocated);
    if (samples < 2 || number_of(item, DCM_PlanarConfiguration) != 1) return;
    if (allocated != 8 && allocated != 16) return;  // which the encoder refuses
    const std::size_t frame_pixels = number_of(item, DCM_Rows) * number_of(item, DCM_Columns);
    Sint32 frames = 1;
    if (item.findAndGetSint32(DCM_NumberOfFrames, frames).bad() || frames < 1) frames = 1;
    Uint16* words = nullptr;
    runtime::check(pixels.getUint16Array(words), "reading the pixel data");
    if (words == nullptr) return;
    const auto count = static_cast<std::size_t>(frames);
    if (allocated == 8)
        interleave_all(reinterpret_cast<Uint8*>(words), count, frame_pixels, samples);
    else
        interleave_all(words, count, frame_pixels, samples);
    runtime::check(item.putAndInsertUint16(DCM_PlanarConfiguration, 0),
                   "putting the planar configuration");
}

}  // namespace dcmtk_native::codec
