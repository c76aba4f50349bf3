#include "codec/toolkit/pixel_claims.hpp"

#include "runtime/error.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dctag.h>
#include <dcmtk/dcmjpeg/djutils.h>

#include <cmath>
#include <limits>
#include <string>

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;

// libdcmjpeg multiplies rows, columns, samples and bytes of a frame as int.
constexpr std::uint64_t max_frame_bytes = std::numeric_limits<std::int32_t>::max();
// Of an element of defined length.
constexpr std::uint64_t max_bytes = 0xFFFFFFFE;
// dcmimgle counts every grey value that may occur.
constexpr double max_histogram = 1 << 26;

[[noreturn]] void refuse(const std::string& reason) {
    runtime::raise(ErrorKind::codec, "the pixel data cannot be encoded: " + reason);
}

std::string name_of(const DcmTagKey& key) { return DcmTag(key).getTagName(); }

/// The value as dcmimgle and libdcmjpeg see it; they take US and nothing else.
std::uint16_t number_of(DcmItem& item, const DcmTagKey& key) {
    DcmElement* element = nullptr;
    Uint16 value = 0;
    if (item.findAndGetElement(key, element).bad()) refuse(name_of(key) + " is missing");
    if (element->ident() != EVR_US || element->getUint16(value).bad())
        refuse(name_of(key) + " is no number");
    return value;
}

/// As many frames as the libraries assume.
std::uint64_t frames_of(DcmItem& item, const DcmTagKey& key) {
    Sint32 frames = 0;
    return item.findAndGetSint32(key, frames).good() && frames > 1
               ? static_cast<std::uint64_t>(frames)
               : 1;
}

double real_of(DcmItem& item, const DcmTagKey& key, double otherwise) {
    Float64 value = 0;
    return item.findAndGetFloat64(key, value).good() ? value : otherwise;
}

/// What dcmimgle takes the colours for; it is as forgiving of the spelling.
EP_Interpretation interpretation_of(DcmItem& item) {
    return DcmJpegHelper::getPhotometricInterpretation(&item);
}

/// Of two chroma samples, one is stored.
bool halves_chroma(EP_Interpretation interpretation) {
    return interpretation == EPI_YBR_Full_422 || interpretation == EPI_YBR_Partial_422;
}

/// 0: any.
unsigned samples_of(EP_Interpretation interpretation) {
    switch (interpretation) {
    case EPI_RGB:
    case EPI_HSV:
    case EPI_YBR_Full:
    case EPI_YBR_Full_422:
    case EPI_YBR_Partial_422:
        return 3;
    case EPI_ARGB:
    case EPI_CMYK:
        return 4;
    default:
        return 0;
    }
}

class Claims {
  public:
    explicit Claims(DcmItem& item)
        : item_(item), rows_(number_of(item, DCM_Rows)), columns_(number_of(item, DCM_Columns)),
          samples_(number_of(item, DCM_SamplesPerPixel)),
          allocated_(number_of(item, DCM_BitsAllocated)),
          stored_(number_of(item, DCM_BitsStored)), frames_(frames_of(item, DCM_NumberOfFrames)) {
        if (rows_ == 0 || columns_ == 0) refuse("it has no rows or no columns");
        if (samples_ == 0 || samples_ > 4)
            refuse(std::to_string(samples_) + " samples per pixel");
        if (allocated_ == 0 || allocated_ > 32)
            refuse(std::to_string(allocated_) + " bits allocated");
    }

    void check_size(std::uint64_t there, bool is_rendered, const intake::Limits& limits) const {
        const std::uint64_t pixels = std::uint64_t{rows_} * columns_;
        if (pixels * samples_ * ((allocated_ + 7U) / 8) > max_frame_bytes)
            refuse("frames of more than 2 GiB");
        // Only dcmimgle makes three samples of two.
        const bool is_halved =
            is_rendered && samples_ == 3 && halves_chroma(interpretation_of(item_));
        const unsigned stored_samples = is_halved ? 2 : samples_;
        std::uint64_t bits = 0;
        if (__builtin_mul_overflow(pixels * stored_samples * allocated_, frames_, &bits))
            bits = std::numeric_limits<std::uint64_t>::max();
        const std::uint64_t bytes = bits / 8 + (bits % 8 != 0 ? 1 : 0);
        if (bytes > limits.max_pixel_bytes)
            runtime::raise_limit("pixel data", "max_pixel_bytes", bytes, limits.max_pixel_bytes);
        if (bytes > max_bytes) refuse("it claims more than 4 GiB");
        if (bytes > there)
            refuse("it claims " + std::to_string(bytes) + " bytes and has " +
                   std::to_string(there));
    }

    void check_rendering() const {
        const std::uint16_t high = number_of(item_, DCM_HighBit);
        if (stored_ == 0 || stored_ > allocated_ || high >= allocated_)
            refuse("bits stored and high bit do not fit into what is allocated");
        // dcmimgle reads as many as the colours have.
        const unsigned wanted = samples_of(interpretation_of(item_));
        if (wanted != 0 && wanted != samples_)
            refuse(std::to_string(samples_) + " samples per pixel for colors of " +
                   std::to_string(wanted));
        check_overlays();
    }

    void check_histogram() const {
        const double slope = std::fabs(real_of(item_, DCM_RescaleSlope, 1));
        const double intercept = std::fabs(real_of(item_, DCM_RescaleIntercept, 0));
        const double values = std::ldexp(slope > 1 ? slope : 1, stored_);
        if (!(values <= max_histogram) || !(intercept <= std::numeric_limits<std::int32_t>::max() / 2))
            refuse("a histogram of so many values");
    }

  private:
    /// Overlays without data of their own are taken out of the pixel cells, into memory that is
    /// sized by what they claim.
    void check_overlays() const {
        for (std::uint16_t group = 0x6000; group <= 0x60FE; ++group) check_overlay(group);
    }

    void check_overlay(std::uint16_t group) const {
        DcmElement* data = nullptr;
        Uint16 rows = 0;
        Uint16 columns = 0;
        if (item_.findAndGetUint16({group, 0x0010}, rows).bad() ||
            item_.findAndGetUint16({group, 0x0011}, columns).bad())
            return;
        if (item_.findAndGetElement({group, 0x3000}, data).good() && data->getLength() > 0) return;
        const std::uint64_t frames = frames_of(item_, {group, 0x0015});
        const std::uint64_t bits = std::uint64_t{rows} * columns;
        if (bits * frames > std::uint64_t{rows_} * columns_ * samples_ * frames_)
            refuse("an overlay in it is larger than the image");
        // dcmimgle writes beyond its memory where a frame ends within a byte.
        if (frames > 1 && bits % 8 != 0)
            refuse("an overlay of several frames in it whose frames end within a byte");
    }

    DcmItem& item_;
    std::uint16_t rows_;
    std::uint16_t columns_;
    std::uint16_t samples_;
    std::uint16_t allocated_;
    std::uint16_t stored_;
    std::uint64_t frames_;
};

}  // namespace

std::uint64_t frames_assumed(DcmItem& item) { return frames_of(item, DCM_NumberOfFrames); }

void check_pixel_claims(DcmItem& item, DcmPixelData& pixels, const PixelUse& use,
                        const intake::Limits& limits) {
    const Claims claims(item);
    claims.check_size(pixels.getLength(), use.is_rendered, limits);
    if (use.is_rendered) claims.check_rendering();
    if (use.makes_histogram) claims.check_histogram();
}

}  // namespace dcmtk_native::codec
