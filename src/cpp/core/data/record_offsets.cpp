#include "data/record_offsets.hpp"

#include <limits>
#include <string>

#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"

namespace dcmtk_native::data {

void RecordOffsets::settle(Pieces& pieces, bool big_endian) const {
    std::size_t lost = 0;
    for (const Reference& reference : references_) {
        if (reference.before == 0) continue;
        const auto found = moved_.find(reference.before);
        if (found == moved_.end() || found->second > std::numeric_limits<std::uint32_t>::max()) {
            ++lost;
            continue;
        }
        char bytes[4];
        runtime::store(static_cast<std::uint32_t>(found->second), bytes, big_endian);
        pieces.patch(reference.position, {bytes, sizeof bytes});
    }
    if (lost != 0)
        runtime::log(runtime::log_level::warn, "data",
                     std::to_string(lost) +
                         " offsets in the directory lead to no record, and stay as they are");
}

}  // namespace dcmtk_native::data
