// OpenJPH behind functions that throw nothing but Error: one stream to samples, and back.
#pragma once

#ifdef DCMTK_NATIVE_HAS_OPENJPH

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/jpeg2000/markers.hpp"

namespace dcmtk_native::codec {

/// Decodes a stream whose packets were found sound. Throws Error (codec) when OpenJPH refuses it.
void decode_by_openjph(const Codestream& stream, const FrameFormat& format, std::uint8_t* out);

struct OpenjphParameters {
    unsigned bits = 0;    // of a sample
    unsigned levels = 5;  // of decomposition
    bool transform = false;
    float step = 0;  // of quantization, of the whole range of the samples; 0: reversible
};

/// One tile, one tile-part, order RPCL, code-blocks of 64 x 64.
[[nodiscard]] std::string encode_by_openjph(const std::uint8_t* pixels, const FrameFormat& format,
                                            const OpenjphParameters& parameters);

}  // namespace dcmtk_native::codec

#endif
