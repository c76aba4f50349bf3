// Specific Character Set (0008,0005): how the bytes of text elements become UTF-8, and back.
//
// PS3.3 section C.12.1.1.2 defines the terms, PS3.5 section 6.1 and annexes H to K what they do to
// text. Nothing here fails on bytes: what has no meaning becomes U+FFFD and is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcmtk_native::runtime {

enum class Repertoire : std::uint8_t;

/// Which delimiters end what an escape sequence has designated (PS3.5 section 6.1.2.5.3); TAB, LF,
/// FF and CR always do.
enum class TextKind : std::uint8_t {
    string,       // SH, LO, UC: also "\", which separates values
    text,         // ST, LT, UT: a backslash is a character like any other
    person_name,  // PN: also "\", "^" and "="
};

struct Decoded {
    std::string text;
    std::size_t replaced = 0;  // occurrences of U+FFFD for what could not be decoded
};

/// What to do with a character that a set lacks.
enum class OnUnencodable : std::uint8_t {
    fail,                      // Error of kind operation
    discard,                   // leave it out
    transliterate,             // its ASCII rendering, else "?"
    transliterate_or_discard,  // its ASCII rendering, else leave it out
};

struct Encoded {
    std::string bytes;
    std::size_t lossy = 0;  // characters left out or rendered by others
};

/// True if the bytes are their own decoding in every character set: neither ESC nor a byte above
/// 0x7F. This holds for ISO_IR 13 too: DICOM's delimiter 0x5C stays a backslash there and is no yen
/// sign (PS3.5 section 6.1.2.3), and 0x7E stays a tilde.
[[nodiscard]] bool is_plain_ascii(std::string_view bytes);

/// The meaning of one value of (0008,0005).
class CharacterSet {
  public:
    /// Undeclared: the default repertoire. Bytes above 0x7F are illegal there; they are taken for
    /// UTF-8 if the whole value is valid as such, else for ISO 8859-1.
    CharacterSet();
    /// The raw value, backslash separated. Usual misspellings of the terms are understood; an
    /// unknown first term stands for the default repertoire.
    explicit CharacterSet(std::string_view specific_character_set);
    /// A set to convert text to: "utf8", "latin1", "ascii" or a defined term that can stand alone.
    [[nodiscard]] static std::optional<CharacterSet> target(std::string_view name);

    [[nodiscard]] bool known() const { return unknown_terms_.empty(); }
    [[nodiscard]] const std::vector<std::string>& unknown_terms() const { return unknown_terms_; }
    /// What `encode` writes, as (0008,0005) names it; empty, like the attribute, for the default
    /// repertoire.
    [[nodiscard]] std::string_view defined_term() const;

    /// The text as UTF-8, at most three times as long as the bytes.
    [[nodiscard]] Decoded decode(std::string_view bytes, TextKind kind) const;
    /// The values of a multi-valued string: at least one. A byte 0x5C inside a multi-byte character
    /// separates nothing.
    [[nodiscard]] std::vector<std::string_view> split(std::string_view bytes) const;
    /// The bytes of UTF-8 text in the set of the first value alone, which needs no escape sequence;
    /// at most twice as long as the text.
    [[nodiscard]] Encoded encode(std::string_view utf8, OnUnencodable on_unencodable) const;

  private:
    explicit CharacterSet(Repertoire repertoire);
    [[nodiscard]] bool reads_as_utf8(std::string_view bytes) const;

    Repertoire first_;
    /// What bytes above 0x7F are taken for where no escape sequence has designated a G1 set.
    Repertoire assumed_;
    std::vector<std::string> unknown_terms_;
};

}  // namespace dcmtk_native::runtime
