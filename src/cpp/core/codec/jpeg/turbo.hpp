// Lossy JPEG of 8 bit samples, baseline to progressive, by libjpeg-turbo.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/frame_format.hpp"
#include "codec/table.hpp"
#include "intake/jpeg_markers.hpp"

namespace dcmtk_native::codec {

/// `header` is what read_jpeg_header found in `coded`, and fits `format`.
void decode_jpeg_turbo(std::string_view coded, const intake::JpegHeader& header,
                       const FrameFormat& format, const DecodeOptions& options, std::uint8_t* out);

enum class LossyProcess : std::uint8_t { baseline, extended, spectral_selection, progressive };

/// `format` is unsigned and has at most 8 bits stored and at most 4 samples.
[[nodiscard]] std::string encode_jpeg_turbo(const std::uint8_t* pixels, const FrameFormat& format,
                                            const EncodeOptions& options, LossyProcess process);

}  // namespace dcmtk_native::codec
