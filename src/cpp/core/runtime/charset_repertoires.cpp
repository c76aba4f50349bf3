#include "runtime/charset_repertoires.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace dcmtk_native::runtime {

namespace {

// The aliases are names that data sets carry in practice in place of a defined term.
constexpr DefinedTerm terms[] = {
    {"6", Repertoire::basic, ""},
    {"100", Repertoire::latin_1, "ISO_IR 100"},
    {"101", Repertoire::latin_2, "ISO_IR 101"},
    {"109", Repertoire::latin_3, "ISO_IR 109"},
    {"110", Repertoire::latin_4, "ISO_IR 110"},
    {"144", Repertoire::cyrillic, "ISO_IR 144"},
    {"127", Repertoire::arabic, "ISO_IR 127"},
    {"126", Repertoire::greek, "ISO_IR 126"},
    {"138", Repertoire::hebrew, "ISO_IR 138"},
    {"148", Repertoire::latin_5, "ISO_IR 148"},
    {"203", Repertoire::latin_9, "ISO_IR 203"},
    {"166", Repertoire::thai, "ISO_IR 166"},
    {"13", Repertoire::jis_x_0201, "ISO_IR 13"},
    {"192", Repertoire::utf_8, "ISO_IR 192"},
    {"GB18030", Repertoire::gb_18030, "GB18030"},
    {"GBK", Repertoire::gbk, "GBK"},
    // G0 sets: without an escape sequence they mean nothing to any byte.
    {"87", Repertoire::basic, "", true},
    {"159", Repertoire::basic, "", true},
    {"149", Repertoire::ks_x_1001, "", true},
    {"58", Repertoire::gb_2312, "", true},
    {"UTF8", Repertoire::utf_8, "ISO_IR 192"},
    {"ASCII", Repertoire::basic, ""},
    {"USASCII", Repertoire::basic, ""},
    {"LATIN1", Repertoire::latin_1, "ISO_IR 100"},
    {"88591", Repertoire::latin_1, "ISO_IR 100"},
    {"88592", Repertoire::latin_2, "ISO_IR 101"},
    {"88593", Repertoire::latin_3, "ISO_IR 109"},
    {"88594", Repertoire::latin_4, "ISO_IR 110"},
    {"88595", Repertoire::cyrillic, "ISO_IR 144"},
    {"88596", Repertoire::arabic, "ISO_IR 127"},
    {"88597", Repertoire::greek, "ISO_IR 126"},
    {"88598", Repertoire::hebrew, "ISO_IR 138"},
    {"88599", Repertoire::latin_5, "ISO_IR 148"},
    {"885915", Repertoire::latin_9, "ISO_IR 203"},
    {"SHIFTJIS", Repertoire::jis_x_0201, "ISO_IR 13"},
    {"EUCKR", Repertoire::ks_x_1001, "", true},
    {"GB2312", Repertoire::gb_2312, "", true},
};

bool is_separator(char c) { return c == ' ' || c == '_' || c == '-' || c == '.' || c == '\0'; }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// "ISO 2022 IR 100", "iso-ir_100" and "ISO_IR 100" are all "100".
std::string key_of(std::string_view term) {
    std::string key;
    for (const char c : term) {
        if (!is_separator(c)) key += upper(c);
    }
    for (const std::string_view prefix : {"ISO", "2022", "IR"}) {
        if (key.compare(0, prefix.size(), prefix) == 0) key.erase(0, prefix.size());
    }
    return key;
}

}  // namespace

std::optional<DefinedTerm> find_defined_term(std::string_view term) {
    const std::string key = key_of(term);
    const auto* found = std::find_if(std::begin(terms), std::end(terms),
                                     [&](const DefinedTerm& known) { return known.key == key; });
    if (found == std::end(terms)) return std::nullopt;
    return *found;
}

std::string_view single_term_of(Repertoire repertoire) {
    const auto* found =
        std::find_if(std::begin(terms), std::end(terms), [&](const DefinedTerm& known) {
            return known.repertoire == repertoire && !known.multi_byte_extension;
        });
    return found == std::end(terms) ? std::string_view{} : found->single;
}

}  // namespace dcmtk_native::runtime
