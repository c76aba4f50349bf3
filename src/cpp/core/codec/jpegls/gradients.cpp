#include "codec/jpegls/gradients.hpp"

#include <algorithm>

namespace dcmtk_native::codec::jpegls {

namespace {

template <class Sample> using Bounds = std::array<Sample, 4>;

/// The level of a difference; a table would be slower where vectors can be used.
template <class Sample>
inline std::int16_t level_of(Sample left, Sample right, const Bounds<Sample>& bounds) noexcept {
    const auto size = static_cast<Sample>(std::max(left, right) - std::min(left, right));
    const auto level = static_cast<std::int16_t>((size > bounds[0]) + (size > bounds[1]) +
                                                 (size > bounds[2]) + (size > bounds[3]));
    const auto sign = static_cast<std::int16_t>(-static_cast<std::int16_t>(right < left));
    return static_cast<std::int16_t>((level ^ sign) - sign);
}

// The loops stand in functions of their own with pointers that do not overlap: so a compiler makes
// vector instructions of them.

template <class Sample>
void make_levels(const Sample* __restrict left, const Sample* __restrict right,
                 const Bounds<Sample> bounds, std::int16_t* __restrict levels,
                 std::size_t count) noexcept {
    for (std::size_t n = 0; n < count; ++n) levels[n] = level_of(left[n], right[n], bounds);
}

void make_contexts(const std::int16_t* __restrict first, const std::int16_t* __restrict second,
                   int scale, std::int16_t* __restrict contexts, std::size_t count) noexcept {
    const auto factor = static_cast<std::int16_t>(9 * scale);
    for (std::size_t n = 0; n < count; ++n)
        contexts[n] = static_cast<std::int16_t>((first[n] * 9 + second[n]) * factor);
}

template <class Sample>
void complete_contexts(const Sample* __restrict left, const Sample* __restrict corner,
                       const Bounds<Sample> bounds, int scale, std::int16_t* __restrict contexts,
                       std::size_t count) noexcept {
    const auto factor = static_cast<std::int16_t>(scale);
    for (std::size_t n = 0; n < count; ++n)
        contexts[n] =
            static_cast<std::int16_t>(contexts[n] + level_of(left[n], corner[n], bounds) * factor);
}

template <class Sample>
void make_predictions(const Sample* __restrict left, const Sample* __restrict above,
                      const Sample* __restrict corner, Sample* __restrict predictions,
                      std::size_t count) noexcept {
    for (std::size_t n = 0; n < count; ++n) {
        const Sample lower = std::min(left[n], above[n]);
        const Sample upper = std::max(left[n], above[n]);
        // Where the corner lies between the others their plane does so too, and nothing overflows.
        const Sample bounded = std::min(std::max(corner[n], lower), upper);
        predictions[n] = static_cast<Sample>(lower + upper - bounded);
    }
}

}  // namespace

template <class Sample>
Gradients<Sample>::Gradients(const Parameters& parameters, int scale, std::size_t width,
                             unsigned distance)
    : bounds_{static_cast<Sample>(parameters.near_loss),
              static_cast<Sample>(parameters.threshold1 - 1),
              static_cast<Sample>(parameters.threshold2 - 1),
              static_cast<Sample>(parameters.threshold3 - 1)},
      scale_(scale), width_(width), distance_(distance),
      table_(std::make_unique<std::int16_t[]>(2 * static_cast<std::size_t>(parameters.maximum) + 1)),
      centre_(table_.get() + parameters.maximum), levels_(width + distance), contexts_(width),
      predictions_(width) {
    // The table grows by bands of equal level, from the middle outwards.
    int begin = 0;
    for (int level = 0; level <= 4; ++level) {
        const auto index = static_cast<std::size_t>(level);
        const int end = level < 4 ? bounds_[index] + 1 : parameters.maximum + 1;
        std::fill(centre_ + begin, centre_ + end, static_cast<std::int16_t>(level * scale));
        std::fill(centre_ - end + 1, centre_ - begin + 1, static_cast<std::int16_t>(-level * scale));
        begin = end;
    }
}

template <class Sample>
const std::int16_t* Gradients<Sample>::above_only(const Sample* above) noexcept {
    make_levels(above - distance_, above, bounds_, levels_.data(), levels_.size());
    make_contexts(levels_.data() + distance_, levels_.data(), scale_, contexts_.data(), width_);
    return contexts_.data();
}

template <class Sample>
const std::int16_t* Gradients<Sample>::complete(const Sample* above, const Sample* line) noexcept {
    static_cast<void>(above_only(above));
    complete_contexts(line - distance_, above - distance_, bounds_, scale_, contexts_.data(), width_);
    return contexts_.data();
}

template <class Sample>
const Sample* Gradients<Sample>::predictions(const Sample* above, const Sample* line) noexcept {
    make_predictions(line - distance_, above, above - distance_, predictions_.data(), width_);
    return predictions_.data();
}

template class Gradients<std::uint8_t>;
template class Gradients<std::uint16_t>;

}  // namespace dcmtk_native::codec::jpegls
