#include "runtime/printable.hpp"

#include <algorithm>

namespace dcmtk_native::runtime {

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 64;
    std::string shown(text.substr(0, longest));
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    if (text.size() > longest) shown += "...";
    return shown;
}

}  // namespace dcmtk_native::runtime
