// Decoding and splitting: two loops over the reader of a character set.
#include <algorithm>
#include <cstring>

#include "runtime/charset.hpp"
#include "runtime/charset_reader.hpp"

namespace dcmtk_native::runtime {

namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);

constexpr std::uint64_t every_byte(std::uint8_t byte) { return 0x0101010101010101U * byte; }

/// True if one of eight bytes is above 0x7F or ESC. Subtracting one sets the top bit of a byte up
/// to 0x7F only if it is zero; bytes above, which would disturb that, are found by their own top
/// bit.
bool has_special_byte(const char* eight) {
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    const std::uint64_t escapes_zero = word ^ every_byte(0x1B);
    return (((escapes_zero - every_byte(0x01)) | word) & every_byte(0x80)) != 0;
}

bool is_special(char c) { return static_cast<unsigned char>(c) > 0x7F || c == '\x1B'; }

/// How many bytes come before the first special one.
std::size_t plain_length(std::string_view bytes) {
    std::size_t length = 0;
    while (bytes.size() - length >= word_size && !has_special_byte(bytes.data() + length)) {
        length += word_size;
    }
    const std::string_view tail = bytes.substr(length);
    const auto found = std::find_if(tail.begin(), tail.end(), is_special);
    return length + static_cast<std::size_t>(found - tail.begin());
}

template <class Work> auto with_reader(Repertoire repertoire, TextKind kind, Work work) {
    switch (repertoire) {
    case Repertoire::utf_8:
        return work(Utf8Reader{});
    case Repertoire::gb_18030:
        return work(GbReader(true));
    case Repertoire::gbk:
        return work(GbReader(false));
    default:
        return work(Iso2022Reader(repertoire, kind));
    }
}

template <class Reader> Decoded read_text(std::string_view rest, Reader reader) {
    Decoded decoded;
    decoded.text.reserve(rest.size() + rest.size() / 2);
    while (!rest.empty()) {
        if (reader.in_first_state()) {
            const std::size_t plain = plain_length(rest);
            decoded.text.append(rest.substr(0, plain));
            rest.remove_prefix(plain);
            if (rest.empty()) break;
        }
        const CodePoint next = reader.next(rest);
        rest.remove_prefix(next.length);
        if (next.value == malformed) {
            append_utf8(decoded.text, replacement_character);
            ++decoded.replaced;
        } else if (next.value != no_text) {
            append_utf8(decoded.text, next.value);
        }
    }
    return decoded;
}

template <class Reader>
std::vector<std::string_view> split_values(std::string_view bytes, Reader reader) {
    std::vector<std::string_view> values;
    std::size_t begin = 0;
    std::size_t position = 0;
    while (position < bytes.size()) {
        const CodePoint next = reader.next(bytes.substr(position));
        if (next.value == '\\') {
            values.push_back(bytes.substr(begin, position - begin));
            begin = position + 1;
        }
        position += next.length;
    }
    values.push_back(bytes.substr(begin));
    return values;
}

std::vector<std::string_view> split_plain(std::string_view bytes) {
    std::vector<std::string_view> values;
    for (std::size_t end = bytes.find('\\'); end != std::string_view::npos;
         end = bytes.find('\\')) {
        values.push_back(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
    }
    values.push_back(bytes);
    return values;
}

}  // namespace

bool CharacterSet::reads_as_utf8(std::string_view bytes) const {
    const bool possible =
        first_ == Repertoire::utf_8 ||
        (first_ == Repertoire::basic && bytes.find('\x1B') == std::string_view::npos);
    return possible && is_valid_utf8(bytes);
}

bool is_plain_ascii(std::string_view bytes) {
    if (bytes.size() < word_size) return std::none_of(bytes.begin(), bytes.end(), is_special);
    for (std::size_t i = 0; i + word_size < bytes.size(); i += word_size) {
        if (has_special_byte(bytes.data() + i)) return false;
    }
    return !has_special_byte(bytes.data() + bytes.size() - word_size);
}

Decoded CharacterSet::decode(std::string_view bytes, TextKind kind) const {
    if (is_plain_ascii(bytes) || reads_as_utf8(bytes)) return {std::string(bytes)};
    return with_reader(assumed_, kind, [&](auto reader) { return read_text(bytes, reader); });
}

std::vector<std::string_view> CharacterSet::split(std::string_view bytes) const {
    // Only a character of the one byte 0x5C separates values (PS3.5 section 6.1.2.3), and in UTF-8
    // an ASCII byte is never part of a longer one.
    const bool plain =
        assumed_ == Repertoire::utf_8 || is_plain_ascii(bytes) || reads_as_utf8(bytes);
    if (plain) return split_plain(bytes);
    return with_reader(assumed_, TextKind::string,
                       [&](auto reader) { return split_values(bytes, reader); });
}

}  // namespace dcmtk_native::runtime
