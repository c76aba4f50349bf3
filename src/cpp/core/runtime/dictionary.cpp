#include "runtime/dictionary.hpp"

#include "runtime/dictionary_table.hpp"
#include "runtime/error.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/ofstd/ofthread.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>

#ifndef WITH_THREADS
#error "DCMTK must have been built with thread support"
#endif

namespace dcmtk_native::runtime {

namespace {

namespace table = dictionary_table;

// ---- our look-ups ----

// Both hashes are those of scripts/make_dictionary.py, which filled the slots by them.
constexpr std::uint32_t golden = 0x9E3779B1;
constexpr std::uint64_t wide_golden = 0x9E3779B97F4A7C15;

std::uint32_t string_hash(std::string_view text) noexcept {
    std::uint64_t value = 0;
    while (!text.empty()) {
        std::uint64_t word = 0;  // the next eight bytes, least significant first
        const std::size_t count = std::min(text.size(), sizeof word);
        std::memcpy(&word, text.data(), count);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        value = (value ^ word) * wide_golden;
        value ^= value >> 32;
        text.remove_prefix(count);
    }
    return static_cast<std::uint32_t>(value);
}

std::uint32_t tag_hash(Tag tag, std::uint32_t creator) noexcept {
    return (tag ^ creator * golden) * golden;
}

/// The first position from the hash's slot on that matches. A third of the slots is empty: it ends.
template <typename Matches>
std::optional<std::size_t> find_position(const std::uint16_t* slots, unsigned bits,
                                         std::uint32_t hash, Matches matches) noexcept {
    const std::uint32_t mask = (1U << bits) - 1;
    for (std::uint32_t slot = hash >> (32 - bits); slots[slot] != 0; slot = (slot + 1) & mask) {
        const std::size_t position = slots[slot] - 1U;
        if (matches(position)) return position;
    }
    return std::nullopt;
}

std::string_view creator_text(std::size_t number) noexcept {
    return table::strings + table::creators[number];
}

std::optional<std::size_t> find_creator(std::string_view creator) noexcept {
    if (creator.empty()) return 0;
    return find_position(table::creator_slots, table::creator_slots_bits, string_hash(creator),
                         [creator](std::size_t number) { return creator_text(number) == creator; });
}

const DictionaryEntry* find_single(Tag tag, std::size_t creator) noexcept {
    const auto position = find_position(
        table::tag_slots, table::tag_slots_bits, tag_hash(tag, static_cast<std::uint32_t>(creator)),
        [tag, creator](std::size_t candidate) {
            const DictionaryEntry& entry = table::entries[candidate];
            return entry.tag == tag && entry.creator_number == creator;
        });
    return position ? &table::entries[*position] : nullptr;
}

constexpr bool counts(unsigned number, unsigned first, unsigned last, Parity parity) noexcept {
    const bool is_odd = (number & 1U) != 0;
    return first <= number && number <= last && (parity != Parity::odd || is_odd) &&
           (parity != Parity::even || !is_odd);
}

const DictionaryEntry* find_in_family(const table::RepeatingFamily& family,
                                      std::uint16_t element) noexcept {
    const DictionaryEntry* first = table::entries + family.first;
    const DictionaryEntry* behind =
        std::upper_bound(first, table::entries + family.last, element,
                         [](std::uint16_t wanted, const DictionaryEntry& entry) {
                             return wanted < element_of(entry.tag);
                         });
    if (behind == first) return nullptr;
    const DictionaryEntry& entry = behind[-1];
    const bool found =
        counts(element, element_of(entry.tag), element_of(entry.range_end), entry.element_parity);
    return found ? &entry : nullptr;
}

const DictionaryEntry* find_range(Tag tag, std::size_t creator) noexcept {
    const std::uint16_t group = group_of(tag);
    for (std::size_t i = 0; i < table::family_count; ++i) {
        const table::RepeatingFamily& family = table::families[i];
        if (family.creator_number != creator ||
            !counts(group, family.first_group, family.last_group, family.group_parity)) {
            continue;
        }
        if (const DictionaryEntry* entry = find_in_family(family, element_of(tag))) return entry;
    }
    return nullptr;
}

// ---- libdcmdata's dictionary ----

struct ToolkitDictionary {
    DcmDataDictionary*& instance;
    OFReadWriteLock& lock;
};

ToolkitDictionary internals_of(GlobalDcmDataDictionary& global);
void mark_loaded(DcmDataDictionary& dictionary);

/// libdcmdata creates its dictionary at the first look-up, out of text files: 20 ms, and an error
/// where there are none. Only the environment could tell it otherwise, and changing that is a race
/// with every getenv() of the process. So the dictionary is put in place before: an explicit
/// instantiation may name private members (C++17 [temp.explicit]), and fails to compile where they
/// have changed.
template <auto instance, auto lock, auto loaded> struct Opened {
    friend ToolkitDictionary internals_of(GlobalDcmDataDictionary& global) {
        return {global.*instance, global.*lock};
    }
    friend void mark_loaded(DcmDataDictionary& dictionary) { dictionary.*loaded = OFTrue; }
};
template struct Opened<&GlobalDcmDataDictionary::dataDict, &GlobalDcmDataDictionary::dataDictLock,
                       &DcmDataDictionary::dictionaryLoaded>;

DcmDictRangeRestriction restriction_of(Parity parity) noexcept {
    switch (parity) {
    case Parity::odd:
        return DcmDictRange_Odd;
    case Parity::even:
        return DcmDictRange_Even;
    case Parity::any:
        break;
    }
    return DcmDictRange_Unspecified;
}

void add_entry(DcmDataDictionary& dictionary, const DictionaryEntry& entry) {
    const std::string_view creator = entry.private_creator();
    const int vm_max = entry.vm_max == 0 ? DcmVariableVM : entry.vm_max;
    auto added = std::make_unique<DcmDictEntry>(
        group_of(entry.tag), element_of(entry.tag), group_of(entry.last_tag()),
        element_of(entry.last_tag()), DcmVR(entry.vr_letters), entry.keyword().data(), entry.vm_min,
        vm_max, entry.version().data(), OFFalse, creator.empty() ? nullptr : creator.data());
    added->setGroupRangeRestriction(restriction_of(entry.group_parity));
    added->setElementRangeRestriction(restriction_of(entry.element_parity));
    dictionary.addEntry(added.get());
    static_cast<void>(added.release());
}

/// True for an empty file and for devices: where no line is, DCMTK's reader works on an
/// uninitialised one. (What does not exist is left to it, for it says so in its log.)
bool has_no_line(const std::string& path) {
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(path, failed);
    return is_other(status) ||
           (is_regular_file(status) && std::filesystem::file_size(path, failed) == 0);
}

/// What the user has added. A file that cannot be read is an error in DCMTK's log, the rest counts.
void add_user_files(DcmDataDictionary& dictionary) {
    const char* variable = std::getenv(DCM_DICT_ENVIRONMENT_VARIABLE);
    std::string_view rest = variable == nullptr ? "" : variable;
    while (!rest.empty()) {
        const std::size_t length = std::min(rest.find(ENVIRONMENT_PATH_SEPARATOR), rest.size());
        const std::string path(rest.substr(0, length));
        if (!path.empty() && !has_no_line(path)) dictionary.loadDictionary(path.c_str());
        rest.remove_prefix(std::min(length + 1, rest.size()));
    }
}

void fill(DcmDataDictionary& dictionary) {
    std::for_each_n(table::entries, table::entry_count,
                    [&dictionary](const DictionaryEntry& entry) { add_entry(dictionary, entry); });
    add_user_files(dictionary);
    mark_loaded(dictionary);  // DCMTK's services insist on it; a user's broken file unsets it
}

void fill_toolkit_dictionary() {
    const ToolkitDictionary toolkit = internals_of(dcmDataDict);
    OFReadWriteLocker locker(toolkit.lock);
    if (locker.wrlock() != 0) raise(ErrorKind::internal, "locking the data dictionary failed");
    if (toolkit.instance != nullptr) {
        fill(*toolkit.instance);  // other code in the process was faster: ours replace the files'
        return;
    }
    auto dictionary = std::make_unique<DcmDataDictionary>(OFFalse, OFFalse);
    fill(*dictionary);
    toolkit.instance = dictionary.release();
}

}  // namespace

std::string_view DictionaryEntry::keyword() const noexcept {
    return table::strings + keyword_offset;
}

std::string_view DictionaryEntry::private_creator() const noexcept {
    return creator_text(creator_number);
}

std::string_view DictionaryEntry::version() const noexcept {
    return table::strings + table::versions[version_number];
}

const DictionaryEntry* find_entry(Tag tag, std::string_view private_creator) noexcept {
    const auto creator = find_creator(private_creator);
    if (!creator) return nullptr;
    if (const DictionaryEntry* entry = find_single(tag, *creator)) return entry;
    if (*creator == 0) return find_range(tag, 0);
    // The creator may have reserved any block of the group (PS3.5 section 7.8.1).
    const Tag masked = tag & 0xFFFF00FF;
    if (const DictionaryEntry* entry = find_single(masked, *creator)) return entry;
    return find_range(masked, *creator);
}

const DictionaryEntry* find_keyword(std::string_view keyword) noexcept {
    const auto position = find_position(
        table::keyword_slots, table::keyword_slots_bits, string_hash(keyword),
        [keyword](std::size_t number) { return table::entries[number].keyword() == keyword; });
    return position ? &table::entries[*position] : nullptr;
}

std::size_t dictionary_size() noexcept { return table::entry_count; }

std::string_view vr_for_writing(std::string_view vr) noexcept {
    if (vr == "xs") return "US";
    if (vr == "ox" || vr == "px" || vr == "lt") return "OW";
    if (vr == "up") return "UL";
    if (vr == "na") return {};
    return vr;
}

std::string_view uid_name(std::string_view uid) noexcept {
    std::array<char, 65> text{};  // no UID has more than 64 characters (PS3.5 section 9)
    if (uid.size() >= text.size() || uid.find('\0') != std::string_view::npos) return {};
    std::copy(uid.begin(), uid.end(), text.begin());
    return dcmFindNameOfUID(text.data(), "");
}

std::string named_uid(std::string_view uid) {
    const std::string_view name = uid_name(uid);
    return name.empty() ? std::string(uid) : std::string(name) + " (" + std::string(uid) + ")";
}

void load_toolkit_dictionary() {
    static std::once_flag once;
    std::call_once(once, fill_toolkit_dictionary);
}

}  // namespace dcmtk_native::runtime
