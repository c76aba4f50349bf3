// What an item says of its pixel data, checked before DCMTK's image libraries believe it: they
// compute sizes in 32 bits, and read and write by them.
#pragma once

#include <cstdint>

#include "intake/limits.hpp"

class DcmItem;
class DcmPixelData;

namespace dcmtk_native::codec {

/// What is going to happen to the pixels.
struct PixelUse {
    bool is_rendered;       // by dcmimgle, else the cells go to the encoder as they stand
    bool makes_histogram;
};

/// As many frames as DCMTK's image libraries assume.
[[nodiscard]] std::uint64_t frames_assumed(DcmItem& item);

/// Throws Error: codec when attributes are missing, impossible or promise more than is there; limit
/// (max_pixel_bytes).
void check_pixel_claims(DcmItem& item, DcmPixelData& pixels, const PixelUse& use,
                        const intake::Limits& limits);

}  // namespace dcmtk_native::codec
