// Decodes the lines of a JPEG-LS scan (ITU-T T.87 annex A).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "codec/jpegls/bits.hpp"
#include "codec/jpegls/parameters.hpp"

namespace dcmtk_native::codec::jpegls {

/// Samples are bytes, or words of two bytes whatever their precision.
template <class Sample> class LineDecoder {
  public:
    LineDecoder() = default;
    LineDecoder(const LineDecoder&) = delete;
    LineDecoder& operator=(const LineDecoder&) = delete;
    virtual ~LineDecoder() = default;

    /// Decodes a line below the line `above`. Of both, the pixels beside the first and the last are
    /// there, too, as LineMemory has them. False when the bits are no code of JPEG-LS: the line is not
    /// complete, and the source stands behind those bits.
    [[nodiscard]] virtual bool decode(BitSource& source, const Sample* above, Sample* line,
                                      unsigned& run_index) noexcept = 0;
    /// Forgets what was learned, as at the start of a scan.
    virtual void reset() noexcept = 0;
};

/// A decoder of lines of `columns` pixels, each of which has `samples` (1 to 4) side by side.
template <class Sample>
[[nodiscard]] std::unique_ptr<LineDecoder<Sample>>
make_line_decoder(const Parameters& parameters, std::size_t columns, unsigned samples);

}  // namespace dcmtk_native::codec::jpegls
