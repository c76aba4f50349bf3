// Writes a draft as a file or a data set: every native encoding, lengths, group lengths, padding,
// meta header. No switch of the process is involved, so calls with different options run side by
// side.
#pragma once

#include <cstdint>
#include <string>

#include "data/draft.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::data {

/// What becomes of the meta header. In all but the last, (0002,0000), (0002,0010), (0002,0012) and
/// (0002,0013) are set anew.
enum class WriteMode : std::uint8_t {
    file,         // other elements stay; missing ones are made from the data set
    update_meta,  // the same, but the SOP UIDs are always those of the data set
    new_meta,     // nothing stays
    dataset,      // there is none
};
enum class GroupLength : std::uint8_t { recalculate, create, remove };
enum class LengthEncoding : std::uint8_t { explicit_length, undefined };
enum class Padding : std::uint8_t { retain, off, to_multiple };

/// G-OUT, G-OUTX, G-ENC, G-DEFL and what only some tools have.
struct WriteOptions {
    WriteMode mode;
    std::string transfer_syntax;  // UID; empty: the draft's
    bool enable_new_vr;           // false: VRs of after 1993 are written as OB
    GroupLength group_length;     // recalculate: where there is one
    LengthEncoding length_encoding;
    Padding padding;
    std::uint32_t file_pad;  // multiples of bytes, with Padding::to_multiple; 0: none
    std::uint32_t item_pad;
    int compression_level;  // of a deflated data set
    /// A sequence or item of 4 GiB or more: with undefined length, or an Error of kind operation.
    bool write_oversized;
    /// Needless padding of stored text goes, as libdcmdata's automatic data correction has it.
    bool correct_padding;

    /// What the tools do when nothing else is asked for.
    [[nodiscard]] static WriteOptions defaults();
};

/// Throws Error: codec when the pixel data cannot be brought into the transfer syntax, operation
/// (see write_oversized), options when padding is not to an even number of bytes.
void write(const Draft& draft, const WriteOptions& options, runtime::Sink& sink);

/// True if the pixel data can be written in the transfer syntax as it stands.
[[nodiscard]] bool can_write(const Draft& draft, std::string_view transfer_syntax);

}  // namespace dcmtk_native::data
