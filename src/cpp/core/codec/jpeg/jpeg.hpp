// The JPEG family (ITU-T T.81). One decoder for all of it: what a stream is its markers say, and
// files exist whose transfer syntax names another process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/frame_format.hpp"
#include "codec/table.hpp"

namespace dcmtk_native::codec {

/// `ybr_to_rgb` holds for lossy streams, unless the markers say that the components are R, G and B;
/// `is_rgb` of the result is true when they say so, or when the conversion was done.
StreamFormat decode_jpeg(std::string_view coded, const FrameFormat& format,
                         const DecodeOptions& options, std::uint8_t* out);

/// Whether the markers of a stream of three components speak for luminance and chroma, by the rules
/// of libjpeg.
bool jpeg_looks_ybr(std::string_view coded);

// Lossy processes take unsigned samples of at most 12 bits stored (baseline: 8). Three samples are
// stored as luminance and chroma, converted when `is_rgb`.
std::string encode_jpeg_baseline(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options);
std::string encode_jpeg_extended(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options);
std::string encode_jpeg_spectral_selection(const std::uint8_t* pixels, const FrameFormat& format,
                                           const EncodeOptions& options);
std::string encode_jpeg_progressive(const std::uint8_t* pixels, const FrameFormat& format,
                                    const EncodeOptions& options);
// Samples of up to 16 bits stored, signed ones as patterns of that many bits.
std::string encode_jpeg_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options);
/// Of any first-order prediction: always predictor 1.
std::string encode_jpeg_lossless_sv1(const std::uint8_t* pixels, const FrameFormat& format,
                                     const EncodeOptions& options);

}  // namespace dcmtk_native::codec
