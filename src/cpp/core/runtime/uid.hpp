// New UIDs: "2.25." and a random UUID as a decimal number (PS3.5 annex B.2), or digits under a root
// of one's own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dcmtk_native::runtime {

/// VR UI, PS3.5 section 9.1.
constexpr std::size_t max_uid_length = 64;

/// Digits and dots, no empty component, no needless zero in front of one, at most 64 characters.
[[nodiscard]] bool is_valid_uid(std::string_view uid) noexcept;

/// A UID that no one has used before; safe from every thread. `root`, if not empty, is put in
/// front. Throws Error: options when the root is no UID or leaves too little room for random
/// digits.
[[nodiscard]] std::string new_uid(std::string_view root = {});

}  // namespace dcmtk_native::runtime
