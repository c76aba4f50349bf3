// The DICOM data dictionary: compiled-in tables for our own look-ups, and the same put into
// libdcmdata.
#pragma once

#include "runtime/tag.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dcmtk_native::runtime {

/// Which numbers of a range count.
enum class Parity : std::uint8_t { any, odd, even };

/// What the dictionary knows of a tag, or of a range of tags. Numbers and offsets into one pool of
/// strings, so that the whole table is read-only data which needs no work when it is loaded.
struct DictionaryEntry {
    Tag tag;  // of a range its lower bound
    std::uint32_t keyword_offset;
    char vr_letters[3];  // DCMTK's, its internal ones included ("xs", "ox", "na", ...)
    std::uint8_t version_number;
    std::uint16_t vm_min;
    std::uint16_t vm_max;  // 0: unbounded
    std::uint16_t creator_number = 0;
    bool retired = false;  // withdrawn from the standard; the keyword then starts with "RETIRED_"
    Parity group_parity = Parity::any;
    Parity element_parity = Parity::any;
    Tag range_end = 0;  // of a range its upper bound, in group and element each; else 0

    // Every view is followed by a NUL and lives as long as the process.
    [[nodiscard]] std::string_view keyword() const noexcept;
    [[nodiscard]] std::string_view vr() const noexcept { return {vr_letters, 2}; }
    [[nodiscard]] std::string_view private_creator() const noexcept;  // empty: of the standard
    [[nodiscard]] std::string_view version() const noexcept;          // "DICOM", "PrivateTag", ...
    [[nodiscard]] bool is_range() const noexcept { return range_end != 0; }
    [[nodiscard]] Tag last_tag() const noexcept { return is_range() ? range_end : tag; }
};

/// The entry of a tag, or nullptr; takes no lock. Answers as libdcmdata does from its own files: a
/// single tag before a range, and with a private creator that creator's entries only, the number of
/// the reserved block masked. The creator is compared as it is, so give it without the padding of
/// its element. Entries that DCMDICTPATH adds are known to libdcmdata alone.
[[nodiscard]] const DictionaryEntry* find_entry(Tag tag,
                                                std::string_view private_creator = {}) noexcept;

/// The entry of the standard with exactly this keyword, or nullptr. Of a range the tag is its lower
/// bound. Private names are not found: many are ambiguous, none is a tag without its creator.
[[nodiscard]] const DictionaryEntry* find_keyword(std::string_view keyword) noexcept;

/// The number of entries; a range counts as one.
[[nodiscard]] std::size_t dictionary_size() noexcept;

/// The VR to write an element with. DCMTK's ambiguous ones are resolved ("xs" to "US"; "ox", "px"
/// and "lt" to "OW"; "up" to "UL"), "na" (items) has none, any other is returned as it was given.
[[nodiscard]] std::string_view vr_for_writing(std::string_view vr) noexcept;

/// The name libdcmdata prints for a UID ("CTImageStorage", "LittleEndianExplicit"), or empty.
[[nodiscard]] std::string_view uid_name(std::string_view uid) noexcept;

/// The UID, with its name in front where it has one: for messages.
[[nodiscard]] std::string named_uid(std::string_view uid);

/// Makes libdcmdata know the compiled-in entries and, over them, those of the files DCMDICTPATH
/// names. Works once a process (2 ms); call it before code that may ask libdcmdata for a tag.
void load_toolkit_dictionary();

}  // namespace dcmtk_native::runtime
