// Brings the text of a draft into another character set, and (0008,0005) with it.
#pragma once

#include <string>
#include <string_view>

#include "data/draft.hpp"

namespace dcmtk_native::data {

/// G-CHAR of the tools that write.
struct CharsetOptions {
    std::string target;  // "utf8", "latin1", "ascii" or a defined term; empty: nothing is converted
    bool transliterate;    // what the target lacks: its ASCII rendering, else "?"
    bool discard_illegal;  // what the target lacks, and bytes without a meaning, are left out
};

/// Text of every level from the set that is declared for it. Afterwards the data set declares the
/// target, and items declare none. Throws Error: options (no such set), operation (a value that
/// cannot be converted: the message names its tag, not its text).
void convert_charset(Draft& draft, const CharsetOptions& options);

/// A value's text, which is UTF-8, in another set. Throws Error: operation, which names the tag.
[[nodiscard]] std::string encode_value(runtime::Tag tag, std::string_view text,
                                       const runtime::CharacterSet& target,
                                       runtime::OnUnencodable on_unencodable);

/// What a text VR means for the decoder of its values.
[[nodiscard]] constexpr runtime::TextKind text_kind(runtime::Vr vr) {
    if (vr == runtime::Vr::PN) return runtime::TextKind::person_name;
    return runtime::is_single_text(vr) ? runtime::TextKind::text : runtime::TextKind::string;
}

/// The set that text of an item is in: the one it declares, else `around`.
[[nodiscard]] runtime::CharacterSet charset_of(const Draft& draft, const Item& item,
                                               const runtime::CharacterSet& around);

/// True if text that no (0008,0005) speaks for could be declared as UTF-8: all of it is ASCII or
/// valid as such.
[[nodiscard]] bool may_declare_utf8(const Draft& draft);

}  // namespace dcmtk_native::data
