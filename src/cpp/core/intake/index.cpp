#include "intake/index.hpp"

namespace dcmtk_native::intake {

const Entry* Index::find(runtime::Tag tag) const noexcept {
    std::size_t first = 0;
    std::size_t last = top_level.size();
    while (first < last) {
        const std::size_t middle = first + (last - first) / 2;
        const Entry& entry = entries[top_level[middle]];
        if (entry.tag == tag) return &entry;
        if (entry.tag < tag)
            first = middle + 1;
        else
            last = middle;
    }
    return nullptr;
}

const Entry* Index::find_in(std::size_t item, runtime::Tag tag) const noexcept {
    const std::size_t behind = entries[item].next;
    for (std::size_t i = item + 1; i < behind; i = entries[i].next)
        if (entries[i].tag == tag) return &entries[i];
    return nullptr;
}

}  // namespace dcmtk_native::intake
