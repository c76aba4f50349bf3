#include "network/naming.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <cstdint>

#include "runtime/uid.hpp"

namespace dcmtk_native::network {

namespace {

/// FNV-1a: the same text always gets the same name.
[[nodiscard]] std::string hash_of(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001B3ULL;
    }
    static constexpr char digits[] = "0123456789abcdef";
    std::string name = "invalid-";
    for (int shift = 60; shift >= 0; shift -= 4) name += digits[(hash >> shift) & 0xF];
    return name;
}

}  // namespace

std::string uid_or_hash(std::string_view uid) {
    return runtime::is_valid_uid(uid) ? std::string(uid) : hash_of(uid);
}

std::string file_name_of(std::string_view sop_class, std::string_view sop_instance) {
    const char* prefix = dcmSOPClassUIDToModality(std::string(sop_class).c_str(), "UNKNOWN");
    std::string name = prefix == nullptr ? "UNKNOWN" : prefix;
    name += '.';
    return name += uid_or_hash(sop_instance);
}

}  // namespace dcmtk_native::network
