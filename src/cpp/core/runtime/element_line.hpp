// How libdcmtk prints an element: "    (0010,0010) PN [value]    #  12, 1 PatientName".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "runtime/vr.hpp"

namespace dcmtk_native::runtime {

/// The VR of a line that starts an element, or nothing: the line goes on with a value, or is none
/// of an element's.
[[nodiscard]] inline std::optional<Vr> vr_of_element_line(std::string_view line) {
    constexpr std::string_view pattern = "(xxxx,xxxx) vv ";
    const std::size_t start = line.find_first_not_of(" |");
    if (start == std::string_view::npos || line.size() - start < pattern.size())
        return std::nullopt;
    line.remove_prefix(start);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = line[i];
        const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '?';
        if (pattern[i] == 'x' ? !is_hex : pattern[i] == 'v' ? !is_letter : c != pattern[i])
            return std::nullopt;
    }
    return vr_from(line[pattern.size() - 3], line[pattern.size() - 2]);
}

/// Calls `take(line, ended)` with each line of a text, without the newline that ended it.
template <typename Take> void for_each_line(std::string_view text, Take&& take) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const bool ended = end != std::string_view::npos;
        take(text.substr(0, end), ended);
        text.remove_prefix(ended ? end + 1 : text.size());
    }
}

}  // namespace dcmtk_native::runtime
