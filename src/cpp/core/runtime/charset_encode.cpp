// Encoding into a set that stands alone.
#include <algorithm>
#include <cstdio>

#include "runtime/charset.hpp"
#include "runtime/charset_gb.hpp"
#include "runtime/charset_repertoires.hpp"
#include "runtime/charset_tables.hpp"
#include "runtime/charset_utf8.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

bool append_single_byte(std::string& bytes, Repertoire repertoire, char32_t code_point) {
    const auto& table = charset_tables::single_byte[static_cast<std::size_t>(repertoire)];
    const auto* found = std::find(std::begin(table), std::end(table), code_point);
    if (found == std::end(table)) return false;
    bytes += static_cast<char>(0x80 + (found - std::begin(table)));
    return true;
}

/// Katakana only. The yen sign and the overline have no place, although JIS X 0201 gives them 0x5C
/// and 0x7E: those bytes are read as backslash, which would make two values of one, and tilde.
bool append_jis_x_0201(std::string& bytes, char32_t code_point) {
    if (code_point < 0xFF61 || code_point > 0xFF9F) return false;
    bytes += static_cast<char>(code_point - 0xFF61 + 0xA1);
    return true;
}

/// Appends the character's bytes; false if the repertoire lacks it.
bool append(std::string& bytes, Repertoire repertoire, char32_t code_point) {
    if (code_point == malformed) return false;
    if (code_point < 0x80) {
        bytes += static_cast<char>(code_point);
        return true;
    }
    if (is_single_byte(repertoire)) return append_single_byte(bytes, repertoire, code_point);
    switch (repertoire) {
    case Repertoire::jis_x_0201:
        return append_jis_x_0201(bytes, code_point);
    case Repertoire::utf_8:
        append_utf8(bytes, code_point);
        return true;
    case Repertoire::gb_18030:
        return append_gb_18030(bytes, code_point);
    case Repertoire::gbk:
        return append_gbk(bytes, code_point);
    default:
        return false;
    }
}

/// The ASCII rendering of a character; nothing if there is no fair one.
std::optional<std::string_view> ascii_rendering(char32_t code_point) {
    using charset_tables::Transliteration;
    const Transliteration* end =
        charset_tables::transliterations + charset_tables::transliteration_count;
    const Transliteration* found = std::lower_bound(
        charset_tables::transliterations, end, code_point,
        [](const Transliteration& entry, char32_t value) { return entry.character < value; });
    if (found == end || found->character != code_point) return std::nullopt;
    return found->ascii;
}

[[noreturn]] void raise_unencodable(char32_t code_point, std::size_t position,
                                    Repertoire repertoire) {
    const std::string_view term = single_term_of(repertoire);
    const std::string set = term.empty() ? "the default repertoire" : std::string(term);
    char name[32] = "a malformed byte";
    if (code_point != malformed) {
        std::snprintf(name, sizeof name, "U+%04lX", static_cast<unsigned long>(code_point));
    }
    raise(ErrorKind::operation, "encoding text: " + std::string(name) + " at byte " +
                                    std::to_string(position) + " is not in " + set);
}

void append_substitute(std::string& bytes, char32_t code_point, OnUnencodable on_unencodable) {
    if (on_unencodable == OnUnencodable::discard) return;
    if (const auto rendering = ascii_rendering(code_point)) {
        bytes += *rendering;
    } else if (on_unencodable == OnUnencodable::transliterate) {
        bytes += '?';
    }
}

}  // namespace

Encoded CharacterSet::encode(std::string_view utf8, OnUnencodable on_unencodable) const {
    Encoded encoded;
    encoded.bytes.reserve(utf8.size());
    for (std::size_t position = 0; position < utf8.size();) {
        const CodePoint next = next_utf8(utf8.substr(position));
        if (!append(encoded.bytes, first_, next.value)) {
            if (on_unencodable == OnUnencodable::fail)
                raise_unencodable(next.value, position, first_);
            append_substitute(encoded.bytes, next.value, on_unencodable);
            ++encoded.lossy;
        }
        position += next.length;
    }
    return encoded;
}

}  // namespace dcmtk_native::runtime
