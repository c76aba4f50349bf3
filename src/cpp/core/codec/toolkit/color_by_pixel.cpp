#include "codec/toolkit/color_by_pixel.hpp"

#include "codec/frames/color.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcpixel.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dcmtk_native::codec {

namespace {

std::size_t number_of(DcmItem& item, const DcmTagKey& key) {
    Uint16 value = 0;
    return item.findAndGetUint16(key, value).good() ? value : 0;
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
    const auto count = static_cast<std::size_t>(frames);
    if (words == nullptr || frame_pixels * samples * (allocated / 8) * count > pixels.getLength())
        runtime::raise(runtime::ErrorKind::codec, "pixel data by plane is shorter than is claimed");
    const std::size_t cell = allocated / 8;
    const std::size_t frame_size = frame_pixels * samples * cell;
    auto* frame = reinterpret_cast<std::uint8_t*>(words);
    std::vector<std::uint8_t> planes;
    for (Sint32 number = 0; number < frames; ++number, frame += frame_size) {
        runtime::checkpoint_now();
        planes.assign(frame, frame + frame_size);
        weave_planes(planes.data(), frame, frame_pixels, samples, cell);
    }
    runtime::check(item.putAndInsertUint16(DCM_PlanarConfiguration, 0),
                   "putting the planar configuration");
}

}  // namespace dcmtk_native::codec
