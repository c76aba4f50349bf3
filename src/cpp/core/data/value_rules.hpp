// What PS3.5 section 6.2 (table 6.2-1) demands of a text value, VR by VR: lengths, alphabets,
// formats.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/vr.hpp"

namespace dcmtk_native::data {

/// Why the UTF-8 text, all its values, is not acceptable for the VR; nothing if it is. Says which
/// value and which rule, never the value itself. VRs that are no text are always acceptable here.
[[nodiscard]] std::optional<std::string> violation_of(runtime::Vr vr, std::string_view text);

/// Without the spaces around it, which carry no meaning in most VRs.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace dcmtk_native::data
