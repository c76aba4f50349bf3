#include "runtime/charset.hpp"

#include <algorithm>

#include "runtime/charset_repertoires.hpp"

namespace dcmtk_native::runtime {

namespace {

// There are fewer terms than that; a longer list is hostile, and nothing in it would add a meaning.
constexpr std::size_t max_terms = 64;
constexpr std::size_t max_term_length = 64;

bool is_blank(std::string_view term) {
    return term.find_first_not_of(std::string_view(" \0", 2)) == std::string_view::npos;
}

}  // namespace

CharacterSet::CharacterSet() : CharacterSet(Repertoire::basic) {}

CharacterSet::CharacterSet(Repertoire repertoire) : first_(repertoire), assumed_(repertoire) {}

CharacterSet::CharacterSet(std::string_view specific_character_set) : CharacterSet() {
    for (std::size_t index = 0; index < max_terms; ++index) {
        const std::size_t end = specific_character_set.find('\\');
        const std::string_view term =
            specific_character_set.substr(0, std::min(end, max_term_length));
        const auto known = find_defined_term(term);
        if (!known && !is_blank(term)) unknown_terms_.emplace_back(term);
        if (known && index == 0) first_ = known->repertoire;
        // A first value without a G1 set makes bytes above 0x7F illegal before an escape sequence.
        // Writers that forget the sequence mean the set which they have declared. Terms of
        // encodings without code extension do not count: they must stand alone.
        if (known && assumed_ == Repertoire::basic &&
            (index == 0 || has_code_extension(known->repertoire))) {
            assumed_ = known->repertoire;
        }
        if (end == std::string_view::npos) return;
        specific_character_set.remove_prefix(end + 1);
    }
}

std::optional<CharacterSet> CharacterSet::target(std::string_view name) {
    const auto known = find_defined_term(name);
    if (!known || known->multi_byte_extension) return std::nullopt;
    return CharacterSet(known->repertoire);
}

std::string_view CharacterSet::defined_term() const { return single_term_of(first_); }

}  // namespace dcmtk_native::runtime
