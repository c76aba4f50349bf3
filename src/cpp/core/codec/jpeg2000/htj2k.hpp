// HTJ2K: JPEG 2000 with the block coder of ITU-T T.814, on OpenJPH (PS3.5 section A.4.13).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/table.hpp"

namespace dcmtk_native::codec {

/// False in a build without OpenJPH, where all the others throw Error: unsupported.
[[nodiscard]] bool has_htj2k() noexcept;

/// Throws Error (codec) when the stream is broken or does not fit the frame. What OpenJPH does not read
/// is left to OpenJPEG.
StreamFormat decode_htj2k(std::string_view coded, const FrameFormat& format,
                          const DecodeOptions& options, std::uint8_t* out);

/// Reversible: every sample comes back. Samples that do not fit into bits_stored are coded with bits_allocated.
std::string encode_htj2k_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                  const EncodeOptions& options);
/// The same with a tile-part for each resolution, the smallest of at most 64 columns or rows, and
/// their lengths in the header (PS3.5 section 10.18).
std::string encode_htj2k_rpcl(const std::uint8_t* pixels, const FrameFormat& format,
                              const EncodeOptions& options);
/// Irreversible: the finest that reaches the compression ratio, or else the coarsest that keeps the
/// PSNR; lossless when neither is given.
std::string encode_htj2k(const std::uint8_t* pixels, const FrameFormat& format,
                         const EncodeOptions& options);

}  // namespace dcmtk_native::codec
