// The local gradients around each sample (ITU-T T.87 annexes A.3.1 to A.3.4), as far as they are known
// before the sample is coded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "codec/jpegls/parameters.hpp"

namespace dcmtk_native::codec::jpegls {

/// For lines of `width` samples. A neighbour is `distance` samples away, so many have a pixel. Of lines
/// also the pixels beside the first and the last are there.
template <class Sample> class Gradients {
  public:
    /// `scale` is that of all contexts.
    Gradients(const Parameters& parameters, int scale, std::size_t width, unsigned distance);

    /// Quantised and scaled, by a difference: what the pixel to the left tells.
    [[nodiscard]] const std::int16_t* table() const noexcept { return centre_; }

    /// 81 Q1 + 9 Q2 of each sample: what the line above tells.
    [[nodiscard]] const std::int16_t* above_only(const Sample* above) noexcept;
    /// 81 Q1 + 9 Q2 + Q3 of each sample, for whom knows the line.
    [[nodiscard]] const std::int16_t* complete(const Sample* above, const Sample* line) noexcept;
    /// The prediction of each sample, for whom knows the line.
    [[nodiscard]] const Sample* predictions(const Sample* above, const Sample* line) noexcept;

  private:
    std::array<Sample, 4> bounds_;  // the greatest difference of each level but the last
    int scale_;
    std::size_t width_;
    std::ptrdiff_t distance_;
    std::unique_ptr<std::int16_t[]> table_;
    std::int16_t* centre_;
    std::vector<std::int16_t> levels_;
    std::vector<std::int16_t> contexts_;
    std::vector<Sample> predictions_;
};

}  // namespace dcmtk_native::codec::jpegls
