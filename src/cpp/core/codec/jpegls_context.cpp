#include "codec/jpegls_context.hpp"

namespace dcmtk_native::codec::jpegls {

Gradients::Gradients(const Parameters& parameters)
    : maximum_(parameters.maximum),
      table_(std::make_unique<std::int16_t[]>(2 * static_cast<std::size_t>(maximum_) + 1)) {
    // The table grows by bands of equal value, from the middle outwards.
    const std::array<int, 6> bounds{0, parameters.near_loss + 1, parameters.threshold1,
                                    parameters.threshold2, parameters.threshold3,
                                    parameters.maximum + 1};
    std::int16_t* const middle = table_.get() + maximum_;
    for (std::size_t level = 0; level + 1 < bounds.size(); ++level) {
        const int first = bounds[level];
        const int length = bounds[level + 1] - first;
        const auto value = static_cast<std::int16_t>(static_cast<int>(level) * scale);
        if (length <= 0) continue;
        std::fill_n(middle + first, length, value);
        std::fill_n(middle - first - length + 1, length, static_cast<std::int16_t>(-value));
    }
}

}  // namespace dcmtk_native::codec::jpegls
