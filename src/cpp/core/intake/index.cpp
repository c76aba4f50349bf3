#include "intake/index.hpp"

namespace dcmtk_native::intake {

std::size_t Index::position(runtime::Tag tag) const noexcept {
    std::size_t first = 0;
    std::size_t last = top_level.size();
    while (first < last) {
        const std::size_t middle = first + (last - first) / 2;
        const Entry& entry = entries[top_level[middle]];
        if (entry.tag == tag) return top_level[middle];
        if (entry.tag < tag)
            first = middle + 1;
        else
            last = middle;
    }
    return nowhere;
}

std::size_t Index::position_in(std::size_t item, runtime::Tag tag) const noexcept {
    const std::size_t behind = entries[item].next;
    for (std::size_t i = item + 1; i < behind; i = entries[i].next)
        if (entries[i].tag == tag) return i;
    return nowhere;
}

}  // namespace dcmtk_native::intake
