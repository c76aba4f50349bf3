// What the generated dictionary table holds; dictionary.cpp alone looks inside.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/dictionary.hpp"

namespace dcmtk_native::runtime::dictionary_table {

/// Ranges of the same groups and creator: entries[first, last), sorted by element, not overlapping.
struct RepeatingFamily {
    std::uint16_t first_group;
    std::uint16_t last_group;
    Parity group_parity;
    std::uint16_t creator_number;
    std::uint16_t first;
    std::uint16_t last;
};

/// Single tags sorted by creator and tag, then the families' entries.
extern const DictionaryEntry entries[];
extern const std::size_t entry_count;
/// In order of search: where two could match a tag, the first does.
extern const RepeatingFamily families[];
extern const std::size_t family_count;

/// Hash tables with open addressing and 2^bits slots: position + 1, or 0. Of single tags, ...
extern const std::uint16_t tag_slots[];
extern const unsigned tag_slots_bits;
/// ... of the standard's keywords, both as positions in `entries`, ...
extern const std::uint16_t keyword_slots[];
extern const unsigned keyword_slots_bits;
/// ... and of private creators, as positions in `creators`.
extern const std::uint16_t creator_slots[];
extern const unsigned creator_slots_bits;

/// Offsets into `strings`. Creator 0 is the empty one.
extern const std::uint32_t creators[];
extern const std::uint32_t versions[];
extern const char strings[];

}  // namespace dcmtk_native::runtime::dictionary_table
