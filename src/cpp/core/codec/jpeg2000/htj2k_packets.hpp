// Packets of HTJ2K streams (ITU-T T.800 annex B, T.814), walked through before a library does.
//
// The block decoders of OpenJPEG 2.5.0 and OpenJPH 0.9.0 assert what encoders write and end the process
// when it is not so; OpenJPH 0.9.0 also trusts every length that a packet header tells.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "codec/jpeg2000/markers.hpp"

namespace dcmtk_native::codec {

/// Throws Error (codec) when code-blocks hold what decoders assert against: a byte above 0x8f behind 0xff
/// (T.814 section 7.1.4).
void check_code_blocks(const Codestream& stream);

/// Where in the packets of the one tile of a stream (its tile-parts joined) those of each resolution
/// end; nothing when its packets are not sound, or the stream is one of those that OpenJPH 0.9.0 does not
/// read as the standard has it: of several tiles or layers, off the origin, subsampled, with overridden
/// coding, and some more. Of a component-wise order there is one end.
[[nodiscard]] std::optional<std::vector<std::size_t>> packet_ends(const Codestream& stream);

}  // namespace dcmtk_native::codec
