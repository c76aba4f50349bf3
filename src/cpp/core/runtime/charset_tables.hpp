// What the generated conversion tables hold; the charset_*.cpp files look inside.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcmtk_native::runtime::charset_tables {

/// A character of the basic multilingual plane; 0 where a set has none.
using CodeUnit = std::uint16_t;

/// The bytes 0x80 to 0xFF of each single-byte set, in the order of `Repertoire`.
extern const CodeUnit single_byte[][128];

/// Sets of 94 rows of 94 cells (ISO 2022's 94x94 sets), row by row.
constexpr std::size_t plane_width = 94;
constexpr std::size_t plane_size = plane_width * plane_width;
extern const CodeUnit jis_x_0208[plane_size];
extern const CodeUnit jis_x_0212[plane_size];
extern const CodeUnit ks_x_1001[plane_size];

/// The two-byte codes of GB18030: 126 leads (0x81 to 0xFE), each with the trails 0x40 to 0x7E and
/// 0x80 to 0xFE. Every code has a character, and no character has two codes.
constexpr std::size_t gb_18030_trail_count = 190;
constexpr std::size_t gb_18030_pair_count = 126 * gb_18030_trail_count;
extern const CodeUnit gb_18030_pairs[gb_18030_pair_count];

/// Four-byte codes count upwards from 81 30 81 30; from `index` on they run parallel to Unicode
/// from `code_point` on, up to the next range. Both ascend; a range with code point 0 has no
/// characters.
struct FourByteRange {
    std::uint16_t index;
    CodeUnit code_point;
};
extern const FourByteRange gb_18030_ranges[];
extern const std::size_t gb_18030_range_count;

/// The consonants U+3131 to U+314E as first and as last letter of a Hangul syllable; 255 = never.
extern const std::uint8_t hangul_initials[30];
extern const std::uint8_t hangul_finals[30];

/// The ASCII rendering of a character, at most four letters and a NUL; sorted by character.
struct Transliteration {
    CodeUnit character;
    char ascii[5];
};
extern const Transliteration transliterations[];
extern const std::size_t transliteration_count;

}  // namespace dcmtk_native::runtime::charset_tables
