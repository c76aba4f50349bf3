// JPEG-LS (ITU-T T.87, ISO/IEC 14495-1), lossless and near-lossless: PS3.5 section A.4.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/frame_format.hpp"
#include "codec/table.hpp"

namespace dcmtk_native::codec {

/// Decodes all of the standard but palettes, point transforms and subsampling; also undoes the colour
/// transforms of HP's. A frame that is complete needs no EOI marker. Rows that a stream lacks are zeros
/// with `workaround_incomplete`, else an error.
StreamFormat decode_jpegls(std::string_view coded, const FrameFormat& format,
                           const DecodeOptions& options, std::uint8_t* out);

/// Signed samples are coded as what their bits stored are, without a sign. Samples that need more
/// than the bits stored are an error.
std::string encode_jpegls_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                   const EncodeOptions& options);
/// With `max_deviation`, up to which each sample may differ in what comes back.
std::string encode_jpegls_near(const std::uint8_t* pixels, const FrameFormat& format,
                               const EncodeOptions& options);

}  // namespace dcmtk_native::codec
