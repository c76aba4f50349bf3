// UTF-8, one code point at a time (Unicode chapter 3, table 3-7).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dcmtk_native::runtime {

constexpr char32_t replacement_character = 0xFFFD;
/// In place of a code point: the bytes mean none.
constexpr char32_t malformed = 0xFFFFFFFF;

/// A code point, or `malformed`, and how many bytes it took.
struct CodePoint {
    char32_t value;
    std::size_t length;
};

/// The first code point of `rest`, which is not empty. Of malformed bytes the longest prefix of a
/// well-formed sequence is one unit, as Python and the Unicode standard (section 3.9, U+FFFD
/// substitution of maximal subparts) count.
[[nodiscard]] CodePoint next_utf8(std::string_view rest);
[[nodiscard]] bool is_valid_utf8(std::string_view bytes);
void append_utf8(std::string& text, char32_t code_point);

}  // namespace dcmtk_native::runtime
