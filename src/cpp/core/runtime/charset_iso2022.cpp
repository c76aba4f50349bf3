// ISO 2022 as DICOM uses it (PS3.5 sections 6.1.2.4 and 6.1.2.5).
#include <algorithm>
#include <iterator>

#include "runtime/charset_gb.hpp"
#include "runtime/charset_reader.hpp"

namespace dcmtk_native::runtime {

using charset_tables::CodeUnit;

namespace {

constexpr unsigned char escape = 0x1B;

/// The bytes of an escape sequence after ESC as one number.
constexpr std::uint32_t packed(std::string_view sequence) {
    std::uint32_t value = 0;
    for (const char c : sequence)
        value = (value << 8) | static_cast<unsigned char>(c);
    return value;
}

struct RightDesignation {
    std::uint32_t sequence;
    Repertoire set;
};

constexpr RightDesignation right_designations[] = {
    {packed("-A"), Repertoire::latin_1},    {packed("-B"), Repertoire::latin_2},
    {packed("-C"), Repertoire::latin_3},    {packed("-D"), Repertoire::latin_4},
    {packed("-L"), Repertoire::cyrillic},   {packed("-G"), Repertoire::arabic},
    {packed("-F"), Repertoire::greek},      {packed("-H"), Repertoire::hebrew},
    {packed("-M"), Repertoire::latin_5},    {packed("-b"), Repertoire::latin_9},
    {packed("-T"), Repertoire::thai},       {packed(")I"), Repertoire::jis_x_0201},
    {packed("$)C"), Repertoire::ks_x_1001}, {packed("$)A"), Repertoire::gb_2312},
};

struct LeftDesignation {
    std::uint32_t sequence;
    const CodeUnit* set;
};

// The romaji of JIS X 0201 are read as ASCII: see `is_plain_ascii`.
constexpr LeftDesignation left_designations[] = {
    {packed("(B"), nullptr},
    {packed("(J"), nullptr},
    {packed("$B"), charset_tables::jis_x_0208},
    {packed("$(D"), charset_tables::jis_x_0212},
};

template <class Designation, std::size_t count>
const Designation* find_designation(const Designation (&all)[count], std::uint32_t sequence) {
    const auto* found = std::find_if(std::begin(all), std::end(all), [&](const Designation& one) {
        return one.sequence == sequence;
    });
    return found == std::end(all) ? nullptr : found;
}

/// The bytes after ESC that a designation at the start of `rest` has; fewer if `rest` ends before.
std::string_view sequence_after_escape(std::string_view rest) {
    const bool long_form = rest.size() > 2 && rest[1] == '$' && (rest[2] == '(' || rest[2] == ')');
    return rest.substr(1, long_form ? 3 : 2);
}

unsigned char at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

/// Bytes of a 94-character set in G0. Space and DEL are themselves under all of them.
bool is_left(unsigned char byte) { return byte > 0x20 && byte < 0x7F; }
bool is_right(unsigned char byte) { return byte > 0xA0 && byte < 0xFF; }

char32_t cell(const CodeUnit* plane, unsigned row, unsigned column) {
    return plane[row * charset_tables::plane_width + column];
}

CodePoint found_or_malformed(char32_t code_point, std::size_t length) {
    return {code_point == 0 ? malformed : code_point, length};
}

// KS X 1001 annex 3 spells a syllable that has no code of its own as filler, initial, vowel and
// final, the filler again standing for no final. Vowels have the cells 31 to 51 of the row of
// consonants.
constexpr unsigned char letter_row = 0xA4;
constexpr unsigned char filler = 0xD4;
constexpr unsigned char first_consonant = 0xA1;
constexpr unsigned char first_vowel = 0xBF;
constexpr unsigned char last_vowel = 0xD3;
constexpr std::size_t spelled_length = 8;
constexpr unsigned no_letter = 255;

unsigned consonant(const std::uint8_t (&indices)[30], unsigned char byte) {
    const bool is_consonant = byte >= first_consonant && byte < first_vowel;
    return is_consonant ? indices[byte - first_consonant] : no_letter;
}

/// The syllable that `rest` spells; 0 if it spells none.
char32_t spelled_syllable(std::string_view rest) {
    if (rest.size() < spelled_length || at(rest, 1) != filler) return 0;
    for (std::size_t i = 0; i < spelled_length; i += 2) {
        if (at(rest, i) != letter_row) return 0;
    }
    const unsigned initial = consonant(charset_tables::hangul_initials, at(rest, 3));
    const unsigned char vowel = at(rest, 5);
    const unsigned final =
        at(rest, 7) == filler ? 0 : consonant(charset_tables::hangul_finals, at(rest, 7));
    const bool is_vowel = vowel >= first_vowel && vowel <= last_vowel;
    if (initial == no_letter || !is_vowel || final == no_letter) return 0;
    return 0xAC00 + initial * 588 + (vowel - first_vowel) * 28U + final;
}

CodePoint korean(std::string_view rest) {
    const char32_t syllable = spelled_syllable(rest);
    if (syllable != 0) return {syllable, spelled_length};
    return found_or_malformed(
        cell(charset_tables::ks_x_1001, at(rest, 0) - 0xA1U, at(rest, 1) - 0xA1U), 2);
}

bool is_shift_jis_lead(unsigned char byte) {
    return (byte >= 0x81 && byte <= 0x9F) || (byte >= 0xE0 && byte <= 0xEF);
}
bool is_shift_jis_trail(unsigned char byte) { return byte >= 0x40 && byte <= 0xFC && byte != 0x7F; }

/// The character of JIS X 0208 that a pair of Shift_JIS means; 0 if there is none.
char32_t shift_jis_pair(unsigned char lead, unsigned char trail) {
    const unsigned row_pair = lead < 0xA0 ? lead - 0x81U : lead - 0xC1U;
    if (trail >= 0x9F) return cell(charset_tables::jis_x_0208, row_pair * 2 + 1, trail - 0x9FU);
    const unsigned column = trail < 0x7F ? trail - 0x40U : trail - 0x41U;
    return cell(charset_tables::jis_x_0208, row_pair * 2, column);
}

}  // namespace

CodePoint Iso2022Reader::next(std::string_view rest) {
    const unsigned char byte = at(rest, 0);
    if (byte == escape) return designate(rest);
    if (byte >= 0x80) return right(rest);
    if (g0_ != nullptr && is_left(byte)) return left_pair(rest);
    return single(rest);
}

CodePoint Iso2022Reader::designate(std::string_view rest) {
    const std::string_view sequence = sequence_after_escape(rest);
    const std::uint32_t key = packed(sequence);
    if (const auto* right = find_designation(right_designations, key)) {
        g1_ = right->set;
        return {no_text, 1 + sequence.size()};
    }
    if (const auto* left = find_designation(left_designations, key)) {
        g0_ = left->set;
        return {no_text, 1 + sequence.size()};
    }
    // Whatever it was meant to designate is unknown: go on as if nothing were, and keep its bytes.
    reset();
    return {escape, 1};
}

CodePoint Iso2022Reader::single(std::string_view rest) {
    const unsigned char byte = at(rest, 0);
    if (delimits(byte)) reset();
    return {byte, 1};
}

CodePoint Iso2022Reader::left_pair(std::string_view rest) {
    if (rest.size() > 1 && is_left(at(rest, 1))) {
        return found_or_malformed(cell(g0_, at(rest, 0) - 0x21U, at(rest, 1) - 0x21U), 2);
    }
    // Half a character that looks like a delimiter is one, before which the writer forgot to go
    // back to ASCII.
    return delimits(at(rest, 0)) ? single(rest) : CodePoint{malformed, 1};
}

CodePoint Iso2022Reader::right(std::string_view rest) const {
    const unsigned char byte = at(rest, 0);
    if (g1_ == Repertoire::basic) return {byte, 1};
    if (is_single_byte(g1_)) {
        const auto set = static_cast<std::size_t>(g1_);
        return found_or_malformed(charset_tables::single_byte[set][byte - 0x80U], 1);
    }
    if (g1_ == Repertoire::jis_x_0201) return japanese(rest);
    if (!is_right(byte) || rest.size() == 1 || !is_right(at(rest, 1))) return {malformed, 1};
    return g1_ == Repertoire::ks_x_1001 ? korean(rest)
                                        : found_or_malformed(gb_2312_pair(byte, at(rest, 1)), 2);
}

/// Half-width katakana. The bytes that JIS X 0201 leaves free are read as Shift_JIS, which is what
/// systems that write them under ISO_IR 13 mean.
CodePoint Iso2022Reader::japanese(std::string_view rest) const {
    const unsigned char byte = at(rest, 0);
    if (byte >= 0xA1 && byte <= 0xDF) return {0xFF61U + (byte - 0xA1U), 1};
    const bool pair = g0_ == nullptr && is_shift_jis_lead(byte) && rest.size() > 1 &&
                      is_shift_jis_trail(at(rest, 1));
    const char32_t code_point = pair ? shift_jis_pair(byte, at(rest, 1)) : 0;
    return code_point == 0 ? CodePoint{malformed, 1} : CodePoint{code_point, 2};
}

bool Iso2022Reader::delimits(unsigned char byte) const {
    switch (byte) {
    case '\t':
    case '\n':
    case '\f':
    case '\r':
        return true;
    case '\\':
        return kind_ != TextKind::text;
    case '^':
    case '=':
        return kind_ == TextKind::person_name;
    default:
        return false;
    }
}

void Iso2022Reader::reset() {
    g0_ = nullptr;
    g1_ = first_g1_;
}

}  // namespace dcmtk_native::runtime
