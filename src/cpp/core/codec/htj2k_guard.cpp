#include "codec/htj2k_guard.hpp"

#include <cstring>

namespace dcmtk_native::codec {

void check_code_blocks(const Codestream& stream) {
    // With several layers, or packet headers elsewhere, bytes of a block come together that are apart here.
    if (stream.coding.layers != 1 || stream.coding.packet_markers)
        fail_j2k("HTJ2K with several layers, SOP or EPH is not supported");
    for (const TilePart& part : stream.parts) {
        const char* at = part.data.data();
        const char* const end = at + part.data.size();
        while (at < end && (at = static_cast<const char*>(
                                std::memchr(at, 0xff, static_cast<std::size_t>(end - at)))) != nullptr) {
            ++at;
            // A tile-part is followed by the next one of its tile.
            if (at == end || static_cast<unsigned char>(*at) > 0x8f)
                fail_j2k("broken HTJ2K code-block");
        }
    }
}

}  // namespace dcmtk_native::codec
