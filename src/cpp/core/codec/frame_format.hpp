// One frame as the codecs see it: memory of a known shape. No codec knows of data sets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcmtk_native::codec {

/// The shape of a frame, as the image pixel module claims it (PS3.3 section C.7.6.3). In memory the
/// samples of a pixel stand side by side, a sample takes `sample_bytes()` in host byte order, and
/// rows follow without a gap.
struct FrameFormat {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint16_t samples = 1;         // per pixel
    std::uint16_t bits_allocated = 8;  // 8, 16 or 32
    std::uint16_t bits_stored = 8;
    bool is_signed = false;

    [[nodiscard]] std::size_t sample_bytes() const noexcept { return bits_allocated / 8U; }
    [[nodiscard]] std::size_t pixels() const noexcept { return std::size_t{rows} * columns; }
    [[nodiscard]] std::size_t bytes() const noexcept { return pixels() * samples * sample_bytes(); }
};

/// What a decoder found: the stream may disagree with the data set about its samples.
struct StreamFormat {
    unsigned precision = 0;  // bits of a sample
    bool is_signed = false;  // by the stream's own word (JPEG 2000); then it is sign-extended in memory
    bool is_rgb = false;     // the decoder has undone a color transform
};

}  // namespace dcmtk_native::codec
