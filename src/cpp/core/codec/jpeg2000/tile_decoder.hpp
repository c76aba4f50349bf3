// JPEG 2000 by a decoder of our own: of the streams that encoders write, not of all that the
// standard allows.
#pragma once

#include <cstdint>

#include "codec/jpeg2000/markers.hpp"

namespace dcmtk_native::codec {

/// True if the frame is in `out`. False if the stream makes use of what is rare (modes of the block
/// coder, subsampled components, an origin other than zero, coding that changes within the image,
/// markers between packets), or something is wrong with its packets.
[[nodiscard]] bool decode_common_j2k(const Codestream& stream, const FrameFormat& format,
                                     const DecodeOptions& options, std::uint8_t* out);

}  // namespace dcmtk_native::codec
