#include "codec/frames/sample_cells.hpp"

#include <array>
#include <algorithm>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::codec {

unsigned bits_needed(const std::uint8_t* pixels, const FrameFormat& format) {
    if (format.bits_stored >= format.bits_allocated) return format.bits_allocated;
    FrameFormat cells = format;
    cells.samples = 1;
    const std::size_t count = format.pixels() * format.samples;
    std::array<std::int32_t, 4096> numbers{};
    std::uint32_t used = 0;  // bits that differ from the sign
    for (std::size_t at = 0; at < count; at += numbers.size()) {
        runtime::checkpoint();
        const std::size_t piece = std::min(count - at, numbers.size());
        load_cells(pixels + at * format.sample_bytes(), piece, cells, numbers.data());
        for (std::size_t i = 0; i < piece; ++i)
            used |= static_cast<std::uint32_t>(format.is_signed ? numbers[i] ^ (numbers[i] >> 31)
                                                                : numbers[i]);
    }
    const unsigned magnitude = format.bits_stored - (format.is_signed ? 1U : 0U);
    return used >> magnitude == 0 ? format.bits_stored : format.bits_allocated;
}

}  // namespace dcmtk_native::codec
