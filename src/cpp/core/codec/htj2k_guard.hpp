// What makes the HTJ2K block decoders of OpenJPEG and OpenJPH end the process, found before they see it.
#pragma once

#include "codec/j2k_markers.hpp"

namespace dcmtk_native::codec {

/// Throws Error (codec) when code-blocks hold what no encoder writes and decoders assert against: a byte
/// above 0x8f behind 0xff (ITU-T T.814 section 7.1.4).
void check_code_blocks(const Codestream& stream);

}  // namespace dcmtk_native::codec
