// Lossless JPEG (ITU-T T.81 annex H): Huffman-coded differences to a prediction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/frame_format.hpp"
#include "codec/table.hpp"
#include "intake/jpeg_markers.hpp"

namespace dcmtk_native::codec {

/// `header` is what read_jpeg_header found in `coded`, and fits `format`.
void decode_jpeg_lossless(std::string_view coded, const intake::JpegHeader& header,
                          const FrameFormat& format, const DecodeOptions& options,
                          std::uint8_t* out);

/// `format` has at most 16 bits and 4 samples, and between 1 and 65535 rows and columns.
[[nodiscard]] std::string encode_jpeg_lossless(const std::uint8_t* pixels,
                                               const FrameFormat& format, int predictor,
                                               int point_transform);

}  // namespace dcmtk_native::codec
