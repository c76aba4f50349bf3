// Encodes the lines of a JPEG-LS scan (ITU-T T.87 annex A).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "codec/jpegls/bits.hpp"
#include "codec/jpegls/parameters.hpp"

namespace dcmtk_native::codec::jpegls {

/// Samples are bytes, or words of two bytes whatever their precision.
template <class Sample> class LineEncoder {
  public:
    LineEncoder() = default;
    LineEncoder(const LineEncoder&) = delete;
    LineEncoder& operator=(const LineEncoder&) = delete;
    virtual ~LineEncoder() = default;

    /// Encodes a line below the line `above`. Of both, the pixels beside the first and the last are
    /// there, too, as LineMemory has them. What a decoder will make of it takes the place of `line`.
    /// Returns the number of bits in the sink's line.
    [[nodiscard]] virtual std::size_t encode(BitSink& sink, const Sample* above, Sample* line,
                                             unsigned& run_index) noexcept = 0;
};

/// An encoder of lines of `columns` pixels, each of which has `samples` (1 to 4) side by side.
template <class Sample>
[[nodiscard]] std::unique_ptr<LineEncoder<Sample>>
make_line_encoder(const Parameters& parameters, std::size_t columns, unsigned samples);

}  // namespace dcmtk_native::codec::jpegls
