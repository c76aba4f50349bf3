// The two lines that JPEG-LS looks at, with the pixels that it imagines beside them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace dcmtk_native::codec::jpegls {

template <class Sample> class LineMemory {
  public:
    LineMemory(std::size_t columns, unsigned samples)
        : width_(columns * samples), samples_(samples), above_(width_ + 2 * std::size_t{samples}),
          line_(above_.size()) {}

    /// The line becomes the one above; beside it stand its last pixel and, to the left, what stood
    /// there when it was coded (ITU-T T.87 section A.2.1).
    void advance() noexcept {
        std::swap(above_, line_);
        Sample* const first = above_.data() + samples_;
        for (std::size_t n = 0; n < samples_; ++n) {
            first[width_ + n] = first[width_ - samples_ + n];
            line_[n] = first[n];
        }
    }
    /// As before the first line.
    void reset() noexcept {
        std::fill(above_.begin(), above_.end(), Sample{0});
        std::fill(line_.begin(), line_.end(), Sample{0});
    }

    [[nodiscard]] const Sample* above() const noexcept { return above_.data() + samples_; }
    [[nodiscard]] Sample* line() noexcept { return line_.data() + samples_; }
    [[nodiscard]] std::size_t width() const noexcept { return width_; }

  private:
    std::size_t width_;
    unsigned samples_;
    std::vector<Sample> above_;
    std::vector<Sample> line_;
};

}  // namespace dcmtk_native::codec::jpegls
