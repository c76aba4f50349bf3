#include "codec/jpeg2000/wavelet.hpp"

#include <algorithm>

namespace dcmtk_native::codec {

namespace {

// Columns are filtered side by side, so that there is vector code.
constexpr std::size_t lanes_of_columns = 16;

/// Samples one behind the other, each of them in several lanes: lines of the image side by side.
template <typename Number, std::size_t lanes> class Line {
  public:
    /// `begin` is the coordinate of the first: those of even coordinates are low-pass.
    Line(Number* samples, std::size_t count, std::uint64_t begin)
        : samples_(samples), count_(count), first_high_((begin + 1) % 2) {}

    [[nodiscard]] std::size_t first_low() const noexcept { return 1 - first_high_; }
    [[nodiscard]] std::size_t first_high() const noexcept { return first_high_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] Number* at(std::size_t index) const { return samples_ + index * lanes; }

    /// Every other sample, from `first` on, becomes `step(sample, before, behind)`; beyond its ends
    /// the line is mirrored.
    template <typename Step> void lift(std::size_t first, Step&& step) const {
        for (std::size_t i = first; i < count_; i += 2) {
            Number* const sample = at(i);
            const Number* const before = at(i == 0 ? 1 : i - 1);
            const Number* const behind = at(i + 1 == count_ ? i - 1 : i + 1);
            for (std::size_t lane = 0; lane < lanes; ++lane)
                sample[lane] = step(sample[lane], before[lane], behind[lane]);
        }
    }
    template <typename Change> void change(std::size_t first, Change&& change) const {
        for (std::size_t i = first; i < count_; i += 2)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                at(i)[lane] = change(at(i)[lane]);
    }

  private:
    Number* samples_;
    std::size_t count_;
    std::size_t first_high_;
};

std::int32_t sum(std::int32_t a, std::int32_t b) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

/// Reversible, 5 and 3 taps (F.3.8.1).
template <std::size_t lanes> void synthesize(const Line<std::int32_t, lanes>& line) {
    if (line.count() == 1)
        return line.change(line.first_high(), [](std::int32_t high) { return high / 2; });
    line.lift(line.first_low(), [](std::int32_t low, std::int32_t before, std::int32_t behind) {
        return sum(low, -(sum(sum(before, behind), 2) >> 2));
    });
    line.lift(line.first_high(), [](std::int32_t high, std::int32_t before, std::int32_t behind) {
        return sum(high, sum(before, behind) >> 1);
    });
}

/// Irreversible, 9 and 7 taps (F.3.8.2). The gain of high-pass subbands, which is two, is in the
/// scale.
template <std::size_t lanes> void synthesize(const Line<float, lanes>& line) {
    constexpr float alpha = -1.586134342F, beta = -0.052980118F, gamma = 0.882911075F,
                    delta = 0.443506852F, scale = 1.230174105F, twice_inverse_scale = 1.625732422F;
    if (line.count() == 1) return;
    line.change(line.first_low(), [](float low) { return low * scale; });
    line.change(line.first_high(), [](float high) { return high * twice_inverse_scale; });
    const auto step = [](float factor) {
        return [factor](float sample, float before, float behind) {
            return sample - (before + behind) * factor;
        };
    };
    line.lift(line.first_low(), step(delta));
    line.lift(line.first_high(), step(gamma));
    line.lift(line.first_low(), step(beta));
    line.lift(line.first_high(), step(alpha));
}

/// Filters `lanes` lines: sample i of them stands at `image + i * step`, one beside the other.
/// `memory` is for one of them with its lanes.
template <typename Number, std::size_t lanes>
void filter(Number* image, std::size_t step, const Span& span, Number* memory) {
    const Line<Number, lanes> line(memory, static_cast<std::size_t>(span.size()), span.begin);
    const Number* from = image;
    for (const std::size_t first : {line.first_low(), line.first_high()})
        for (std::size_t i = first; i < line.count(); i += 2, from += step)
            std::copy_n(from, lanes, line.at(i));
    synthesize(line);
    for (std::size_t i = 0; i < line.count(); ++i)
        std::copy_n(line.at(i), lanes, image + i * step);
}

Span resolution(const Span& span, unsigned level) {
    return span.divided(std::uint64_t{1} << level);
}

}  // namespace

template <typename Number>
InverseWavelet<Number>::InverseWavelet(const Coefficients& coefficients, unsigned level)
    : data_(static_cast<Number*>(coefficients.data)), pitch_(coefficients.pitch),
      x_(resolution(coefficients.x, level)), y_(resolution(coefficients.y, level)) {}

template <typename Number>
void InverseWavelet<Number>::filter_rows(std::size_t begin, std::size_t end) const {
    std::vector<Number> memory(columns());
    for (std::size_t y = begin; y < end; ++y)
        filter<Number, 1>(data_ + y * pitch_, 1, x_, memory.data());
}

template <typename Number>
void InverseWavelet<Number>::filter_columns(std::size_t begin, std::size_t end) const {
    std::vector<Number> memory(rows() * lanes_of_columns);
    for (; begin + lanes_of_columns <= end; begin += lanes_of_columns)
        filter<Number, lanes_of_columns>(data_ + begin, pitch_, y_, memory.data());
    for (; begin < end; ++begin)
        filter<Number, 1>(data_ + begin, pitch_, y_, memory.data());
}

template class InverseWavelet<std::int32_t>;
template class InverseWavelet<float>;

}  // namespace dcmtk_native::codec
