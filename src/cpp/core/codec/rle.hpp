// RLE Lossless (PS3.5 annex G): a segment of PackBits for each byte of a pixel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/table.hpp"

namespace dcmtk_native::codec {

/// Throws Error (codec) when a segment is missing, overlaps the header, or ends early (then, with
/// workaround_incomplete, the rest of its bytes are zero).
StreamFormat decode_rle(std::string_view coded, const FrameFormat& format,
                        const DecodeOptions& options, std::uint8_t* out);
std::string encode_rle(const std::uint8_t* pixels, const FrameFormat& format,
                       const EncodeOptions& options);

}  // namespace dcmtk_native::codec
