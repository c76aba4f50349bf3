// Lossy JPEG of 12 bit samples, by DCMTK's libijg12.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/frame_format.hpp"
#include "codec/jpeg/turbo.hpp"
#include "codec/table.hpp"
#include "intake/jpeg_markers.hpp"

namespace dcmtk_native::codec {

/// `header` is what read_jpeg_header found in `coded`, and fits `format`.
void decode_jpeg_ijg12(std::string_view coded, const intake::JpegHeader& header,
                       const FrameFormat& format, const DecodeOptions& options, std::uint8_t* out);

/// `format` is unsigned and has 16 bits allocated, at most 12 stored, and 1 or 3 samples.
[[nodiscard]] std::string encode_jpeg_ijg12(const std::uint8_t* pixels, const FrameFormat& format,
                                            const EncodeOptions& options, LossyProcess process);

}  // namespace dcmtk_native::codec
