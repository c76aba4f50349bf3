// The character repertoires that a defined term of (0008,0005) can name, and the terms themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dcmtk_native::runtime {

/// What the bytes 0x80 to 0xFF of a value mean where no escape sequence has said otherwise. The
/// first ones are single-byte sets and index their generated table.
enum class Repertoire : std::uint8_t {
    latin_1,
    latin_2,
    latin_3,
    latin_4,
    cyrillic,
    arabic,
    greek,
    hebrew,
    latin_5,
    latin_9,
    thai,
    // Sets of ISO 2022 that need code of their own.
    jis_x_0201,
    ks_x_1001,
    gb_2312,
    // Encodings that know no code extension (PS3.5 section 6.1.2.5.4 d).
    utf_8,
    gb_18030,
    gbk,
    /// The default repertoire, ISO-IR 6: such bytes have no meaning.
    basic,
};

[[nodiscard]] constexpr bool is_single_byte(Repertoire repertoire) {
    return repertoire <= Repertoire::thai;
}
[[nodiscard]] constexpr bool has_code_extension(Repertoire repertoire) {
    return repertoire < Repertoire::utf_8 || repertoire == Repertoire::basic;
}

/// One defined term (PS3.3 tables C.12-2 to C.12-5).
struct DefinedTerm {
    /// Upper case, without "ISO", "2022", "IR" and separators: how a term is recognized.
    std::string_view key;
    Repertoire repertoire;
    /// How (0008,0005) names the set if it is the only one; empty for the default repertoire.
    std::string_view single;
    /// Only ISO 2022 escape sequences reach it, so that it cannot stand alone.
    bool multi_byte_extension = false;
};

/// The entry of a term, spelled as the standard does or nearly so; nothing for an unknown one.
[[nodiscard]] std::optional<DefinedTerm> find_defined_term(std::string_view term);
/// How (0008,0005) names a repertoire that stands alone.
[[nodiscard]] std::string_view single_term_of(Repertoire repertoire);

}  // namespace dcmtk_native::runtime
