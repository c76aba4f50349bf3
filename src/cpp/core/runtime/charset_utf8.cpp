#include "runtime/charset_utf8.hpp"

#include <cstdint>

namespace dcmtk_native::runtime {

namespace {

/// How a lead byte goes on. The bounds of the second byte exclude overlong forms, surrogates and
/// what lies above U+10FFFF.
struct Sequence {
    std::size_t length;
    std::uint8_t second_low;
    std::uint8_t second_high;
};

Sequence sequence_of(std::uint8_t lead) {
    if (lead < 0x80) return {1, 0, 0};
    if (lead < 0xC2) return {0, 0, 0};
    if (lead < 0xE0) return {2, 0x80, 0xBF};
    if (lead == 0xE0) return {3, 0xA0, 0xBF};
    if (lead == 0xED) return {3, 0x80, 0x9F};
    if (lead < 0xF0) return {3, 0x80, 0xBF};
    if (lead == 0xF0) return {4, 0x90, 0xBF};
    if (lead < 0xF4) return {4, 0x80, 0xBF};
    if (lead == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

char byte_of(char32_t bits) { return static_cast<char>(static_cast<std::uint8_t>(bits)); }

}  // namespace

CodePoint next_utf8(std::string_view rest) {
    const auto lead = static_cast<std::uint8_t>(rest[0]);
    const Sequence sequence = sequence_of(lead);
    if (sequence.length == 0) return {malformed, 1};
    if (sequence.length == 1) return {lead, 1};
    char32_t value = lead & (0x7FU >> sequence.length);
    for (std::size_t i = 1; i < sequence.length; ++i) {
        if (i == rest.size()) return {malformed, i};
        const auto byte = static_cast<std::uint8_t>(rest[i]);
        const std::uint8_t low = i == 1 ? sequence.second_low : std::uint8_t{0x80};
        const std::uint8_t high = i == 1 ? sequence.second_high : std::uint8_t{0xBF};
        if (byte < low || byte > high) return {malformed, i};
        value = (value << 6) | (byte & 0x3FU);
    }
    return {value, sequence.length};
}

bool is_valid_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const CodePoint next = next_utf8(bytes);
        if (next.value == malformed) return false;
        bytes.remove_prefix(next.length);
    }
    return true;
}

void append_utf8(std::string& text, char32_t code_point) {
    if (code_point < 0x80) {
        text += byte_of(code_point);
    } else if (code_point < 0x800) {
        text += byte_of(0xC0 | (code_point >> 6));
        text += byte_of(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        text += byte_of(0xE0 | (code_point >> 12));
        text += byte_of(0x80 | ((code_point >> 6) & 0x3F));
        text += byte_of(0x80 | (code_point & 0x3F));
    } else {
        text += byte_of(0xF0 | (code_point >> 18));
        text += byte_of(0x80 | ((code_point >> 12) & 0x3F));
        text += byte_of(0x80 | ((code_point >> 6) & 0x3F));
        text += byte_of(0x80 | (code_point & 0x3F));
    }
}

}  // namespace dcmtk_native::runtime
