#include "runtime/charset_gb.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "runtime/charset_reader.hpp"
#include "runtime/charset_tables.hpp"

namespace dcmtk_native::runtime {

using charset_tables::CodeUnit;
using charset_tables::FourByteRange;

namespace {

constexpr unsigned first_lead = 0x81;
constexpr unsigned last_byte = 0xFE;
// Four-byte codes of the supplementary planes count from 90 30 81 30.
constexpr std::uint32_t supplementary_index = 15 * 12600;
constexpr std::uint32_t bmp_index_end = 39420;

unsigned char at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

bool is_lead(unsigned char byte) { return byte >= first_lead && byte <= last_byte; }
bool is_trail(unsigned char byte) { return byte >= 0x40 && byte <= last_byte && byte != 0x7F; }
bool is_digit(unsigned char byte) { return byte >= 0x30 && byte <= 0x39; }

const FourByteRange* ranges_end() {
    return charset_tables::gb_18030_ranges + charset_tables::gb_18030_range_count;
}

/// The character of a four-byte code by its index; 0 if there is none.
char32_t four_byte_character(std::uint32_t index) {
    if (index >= supplementary_index) {
        const char32_t code_point = 0x10000 + (index - supplementary_index);
        return code_point <= 0x10FFFF ? code_point : 0;
    }
    if (index >= bmp_index_end) return 0;
    const auto* after = std::upper_bound(
        charset_tables::gb_18030_ranges, ranges_end(), index,
        [](std::uint32_t value, const FourByteRange& range) { return value < range.index; });
    const FourByteRange& range = *(after - 1);
    return range.code_point == 0 ? 0 : range.code_point + (index - range.index);
}

CodePoint next_four_byte(std::string_view rest) {
    if (rest.size() < 4) return {malformed, rest.size()};
    if (!is_lead(at(rest, 2)) || !is_digit(at(rest, 3))) return {malformed, 1};
    const std::uint32_t index = ((at(rest, 0) - first_lead) * 10U + (at(rest, 1) - 0x30U)) * 1260U +
                                (at(rest, 2) - first_lead) * 10U + (at(rest, 3) - 0x30U);
    const char32_t code_point = four_byte_character(index);
    return code_point == 0 ? CodePoint{malformed, 4} : CodePoint{code_point, 4};
}

/// For every character of the BMP its position among the two-byte codes, counted from 1; 0 = none.
using PairIndex = std::array<std::uint16_t, 0x10000>;

const PairIndex& pair_index() {
    static const PairIndex index = [] {
        PairIndex positions{};
        for (std::size_t i = 0; i < charset_tables::gb_18030_pair_count; ++i) {
            positions[charset_tables::gb_18030_pairs[i]] = static_cast<std::uint16_t>(i + 1);
        }
        return positions;
    }();
    return index;
}

bool append_pair(std::string& bytes, char32_t code_point) {
    if (code_point >= 0x10000) return false;
    const unsigned position = pair_index()[code_point];
    if (position == 0) return false;
    const unsigned lead = (position - 1) / charset_tables::gb_18030_trail_count;
    const unsigned trail = (position - 1) % charset_tables::gb_18030_trail_count;
    bytes += static_cast<char>(first_lead + lead);
    bytes += static_cast<char>(trail < 0x3F ? trail + 0x40 : trail + 0x41);
    return true;
}

/// The index of the four-byte code of a character that has no shorter one.
std::uint32_t four_byte_index(char32_t code_point) {
    if (code_point >= 0x10000) return supplementary_index + (code_point - 0x10000);
    // Ranges without characters have code point 0 and would break the order; only the last one is
    // such.
    const auto* after = std::upper_bound(
        charset_tables::gb_18030_ranges, ranges_end() - 1, code_point,
        [](char32_t value, const FourByteRange& range) { return value < range.code_point; });
    const FourByteRange& range = *(after - 1);
    return range.index + (code_point - range.code_point);
}

}  // namespace

bool is_in_gbk(char32_t code_point) {
    const bool private_use = code_point >= 0xE000 && code_point < 0xF900;
    const bool radicals = code_point >= 0x2E80 && code_point < 0x3000;
    const bool extension_a = code_point >= 0x3400 && code_point < 0x4E00;
    const bool later_addition =
        code_point == 0x20AC || code_point == 0x01F9 || code_point == 0x303E;
    return !private_use && !radicals && !extension_a && !later_addition;
}

char32_t gb_18030_pair(unsigned char lead, unsigned char trail) {
    if (!is_lead(lead) || !is_trail(trail)) return 0;
    const unsigned column = trail < 0x7F ? trail - 0x40U : trail - 0x41U;
    return charset_tables::gb_18030_pairs[(lead - first_lead) *
                                              charset_tables::gb_18030_trail_count +
                                          column];
}

char32_t gb_2312_pair(unsigned char lead, unsigned char trail) {
    if (lead == 0xA1 && trail == 0xA4) return 0x30FB;  // GBK has the middle dot U+00B7 there,
    if (lead == 0xA1 && trail == 0xAA) return 0x2015;  // and the em dash U+2014
    const char32_t code_point = gb_18030_pair(lead, trail);
    return is_in_gbk(code_point) ? code_point : 0;
}

bool append_gb_18030(std::string& bytes, char32_t code_point) {
    if (append_pair(bytes, code_point)) return true;
    const std::uint32_t index = four_byte_index(code_point);
    bytes += static_cast<char>(first_lead + index / 12600);
    bytes += static_cast<char>(0x30 + index / 1260 % 10);
    bytes += static_cast<char>(first_lead + index / 10 % 126);
    bytes += static_cast<char>(0x30 + index % 10);
    return true;
}

bool append_gbk(std::string& bytes, char32_t code_point) {
    return is_in_gbk(code_point) && append_pair(bytes, code_point);
}

CodePoint GbReader::next(std::string_view rest) const {
    const unsigned char lead = at(rest, 0);
    if (lead < 0x80) return {lead, 1};
    if (!is_lead(lead) || rest.size() == 1) return {malformed, 1};
    const unsigned char second = at(rest, 1);
    if (four_bytes_ && is_digit(second)) return next_four_byte(rest);
    const char32_t code_point = gb_18030_pair(lead, second);
    if (code_point != 0 && (four_bytes_ || is_in_gbk(code_point))) return {code_point, 2};
    // A free code swallows no ASCII byte: it may be a delimiter.
    return {malformed, second > 0x80 && is_trail(second) ? std::size_t{2} : std::size_t{1}};
}

}  // namespace dcmtk_native::runtime
