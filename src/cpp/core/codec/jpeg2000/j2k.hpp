// JPEG 2000: raw codestreams and JP2 files in, raw codestreams out (PS3.5 section A.4.4). Common streams
// are decoded by tile_decoder, all others by OpenJPEG, which is the encoder, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/jpeg2000/markers.hpp"
#include "codec/table.hpp"

namespace dcmtk_native::codec {

/// Throws Error (codec) when the stream is broken or does not fit the frame. OpenJPEG decodes samples of
/// up to 31 bits, not all streams of more than 25.
StreamFormat decode_j2k(std::string_view coded, const FrameFormat& format,
                        const DecodeOptions& options, std::uint8_t* out);
/// The same by OpenJPEG, of a stream whose headers have been read.
StreamFormat decode_by_openjpeg(const Codestream& stream, const FrameFormat& format,
                                const DecodeOptions& options, std::uint8_t* out);

/// Reversible: every sample comes back. Samples that do not fit into bits_stored are coded with bits_allocated.
std::string encode_j2k_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                const EncodeOptions& options);
/// Irreversible, to a compression ratio or else a PSNR; lossless when neither is given.
std::string encode_j2k(const std::uint8_t* pixels, const FrameFormat& format,
                       const EncodeOptions& options);

}  // namespace dcmtk_native::codec
