#include "codec/jpegls/line_encoder.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "codec/jpegls/code_writer.hpp"
#include "codec/jpegls/context.hpp"
#include "codec/jpegls/gradients.hpp"
#include "codec/jpegls/machine.hpp"

namespace dcmtk_native::codec::jpegls {

namespace {

/// Errors in steps, and wrapped into the range (A.4.4, A.4.5).
template <bool is_plain> class ErrorScale {
  public:
    explicit ErrorScale(const Parameters& parameters) noexcept
        : near_(parameters.near_loss), range_(parameters.range),
          unused_bits_(32 - parameters.error_bits),
          // Exact for all errors there are: they have 17 bits, a step has 9.
          reciprocal_(((std::uint64_t{1} << 32) + static_cast<unsigned>(parameters.step()) - 1) /
                      static_cast<unsigned>(parameters.step())) {}

    [[nodiscard]] DCMTK_NATIVE_INLINE int steps(int error) const noexcept {
        if constexpr (is_plain) return error;
        const int sign = error >> 31;
        const auto absolute = static_cast<std::uint64_t>(with_sign(error, sign) + near_);
        return with_sign(static_cast<int>(absolute * reciprocal_ >> 32), sign);
    }
    [[nodiscard]] DCMTK_NATIVE_INLINE int wrapped(int error) const noexcept {
        if constexpr (is_plain)
            return static_cast<int>(static_cast<unsigned>(error) << unused_bits_) >> unused_bits_;
        if (error < 0) error += range_;
        return error >= (range_ + 1) / 2 ? error - range_ : error;
    }

  private:
    int near_;
    int range_;
    int unused_bits_;
    std::uint64_t reciprocal_;
};

template <class Sample, bool is_plain, unsigned samples>
class Encoder final : public LineEncoder<Sample> {
  public:
    Encoder(const Parameters& parameters, std::size_t columns)
        : parameters_(parameters), escape_(parameters), scale_(parameters), columns_(columns),
          model_(parameters), gradients_(parameters, Model::scale, columns * samples, samples) {}

    std::size_t encode(BitSink& sink, const Sample* above, Sample* line,
                       unsigned& run_index) noexcept override {
        BitWriter bits{sink.line()};
        if (has_bit_instructions())
            encode_with_bit_instructions(bits, above, line, run_index);
        else
            encode_line(bits, above, line, run_index);
        return static_cast<std::size_t>(bits.to - sink.line()) * 8 + bits.waiting;
    }

  private:
    DCMTK_NATIVE_BIT_INSTRUCTIONS void encode_with_bit_instructions(BitWriter& bits,
                                                                    const Sample* above, Sample* line,
                                                                    unsigned& run_index) noexcept {
        encode_line(bits, above, line, run_index);
    }

    DCMTK_NATIVE_INLINE void encode_line(BitWriter& bits, const Sample* above, Sample* line,
                                         unsigned& run_index) noexcept {
        if constexpr (is_plain)
            encode_known_line(bits, above, line, run_index);
        else
            encode_lossy_line(bits, above, line, run_index);
    }

    /// A sample of the regular mode; returns what a decoder will see. `context` is the scaled and signed
    /// one of A.3.4.
    static DCMTK_NATIVE_INLINE int encode_regular(BitWriter& bits, Model& model, int context,
                                                  int predicted, int value,
                                                  const Parameters& parameters,
                                                  const CodeEscape& escape,
                                                  const ErrorScale<is_plain>& scale) noexcept {
        const int sign = context >> 31;
        RegularContext& known = model.at(with_sign(context, sign));
        const int corrected =
            clamped(predicted + with_sign(known.correction, sign), parameters.maximum);
        const int steps = scale.steps(with_sign(value - corrected, sign));
        const int error = scale.wrapped(steps);
        const int even = error ^ known.inverted;
        const auto code = static_cast<std::uint32_t>((even * 2) ^ (even >> 31));
        write_code(bits, code, known.k, escape);
        known.template learn<is_plain>(error, with_sign(error, error >> 31), parameters);
        if constexpr (is_plain) return value;
        return clamped(corrected + with_sign(steps, sign) * parameters.step(), parameters.maximum);
    }

    /// A line that a decoder will see as it is: its contexts and predictions are made beforehand.
    DCMTK_NATIVE_INLINE void encode_known_line(BitWriter& target, const Sample* above, Sample* line,
                                               unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        // Of the object nothing may change under the writes of bytes, so copies stay in registers.
        const Parameters parameters = parameters_;
        const CodeEscape escape = escape_;
        const ErrorScale<is_plain> scale = scale_;
        const std::int16_t* const contexts = gradients_.complete(above, line);
        const Sample* const predictions = gradients_.predictions(above, line);
        const std::size_t width = columns_ * n;
        BitWriter bits = target;
        for (std::size_t x = 0; x < width;) {
            int any = 0;
            for (std::size_t s = 0; s < n; ++s) any |= contexts[x + s];
            if (any == 0) {
                BitWriter copy = bits;
                x = encode_run(copy, above, line, x, run_index);
                bits = copy;
                continue;
            }
            for (std::size_t s = 0; s < n; ++s, ++x)
                encode_regular(bits, model_, contexts[x], predictions[x], line[x], parameters, escape,
                               scale);
        }
        target = bits;
    }

    /// A line that is made what a decoder will see.
    DCMTK_NATIVE_INLINE void encode_lossy_line(BitWriter& target, const Sample* above, Sample* line,
                                               unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        const Parameters parameters = parameters_;
        const CodeEscape escape = escape_;
        const ErrorScale<is_plain> scale = scale_;
        const std::int16_t* const partial = gradients_.above_only(above);
        const std::int16_t* const gradients = gradients_.table();
        const std::size_t width = columns_ * n;
        BitWriter bits = target;
        std::array<int, n> contexts{};
        for (std::size_t x = 0; x < width;) {
            int any = 0;
            for (std::size_t s = 0; s < n; ++s) {
                contexts[s] = partial[x + s] + gradients[*(above + x + s - n) - *(line + x + s - n)];
                any |= contexts[s];
            }
            if (any == 0) {
                BitWriter copy = bits;
                x = encode_run(copy, above, line, x, run_index);
                bits = copy;
                continue;
            }
            for (std::size_t s = 0; s < n; ++s, ++x) {
                const int predicted = predict(*(line + x - n), above[x], *(above + x - n));
                line[x] = static_cast<Sample>(encode_regular(bits, model_, contexts[s], predicted,
                                                             line[x], parameters, escape, scale));
            }
        }
        target = bits;
    }

    [[nodiscard]] bool is_near(int one, int other) const noexcept {
        return is_plain ? one == other : std::abs(one - other) <= parameters_.near_loss;
    }

    /// A run from `x` on and the pixel that ends it; returns the place behind.
    __attribute__((noinline)) std::size_t encode_run(BitWriter& bits, const Sample* above,
                                                     Sample* line, std::size_t x,
                                                     unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        const std::size_t width = columns_ * n;
        std::array<Sample, n> pixel;
        std::copy_n(line + x - n, n, pixel.begin());
        const auto goes_on = [&] {
            for (std::size_t s = 0; s < n; ++s)
                if (!is_near(line[x + s], pixel[s])) return false;
            return true;
        };
        const std::size_t begin = x;
        for (; x < width && goes_on(); x += n)
            if constexpr (!is_plain) std::copy_n(pixel.begin(), n, line + x);
        write_run(bits, (x - begin) / n, x == width, run_index);
        if (x == width) return x;
        for (std::size_t s = 0; s < n; ++s, ++x) {
            // Only a sample that is alone tells by itself that it lies near the one above.
            const int type = n == 1 && is_near(pixel[s], above[x]) ? 1 : 0;
            line[x] = static_cast<Sample>(
                encode_run_end(bits, type, pixel[s], above[x], line[x], run_index));
        }
        if (run_index > 0) --run_index;
        return x;
    }

    /// The sample that ends a run of `a` below `b` (A.7.2), as a decoder will see it.
    int encode_run_end(BitWriter& bits, int type, int a, int b, int value,
                       unsigned run_index) noexcept {
        RunContext& known = model_.runs[static_cast<std::size_t>(type)];
        const int predicted = type == 0 ? b : a;
        const int sign = mask_if(type == 0 && a > b);
        const int steps = scale_.steps(with_sign(value - predicted, sign));
        const int error = scale_.wrapped(steps);
        const unsigned k = known.k(type);
        const int code = known.mapped(error, type, k);
        write_any_code(bits, static_cast<std::uint32_t>(code), k,
                       CodeEscape(parameters_, run_bits[run_index] + 1));
        known.learn(error, code, type, parameters_.reset);
        return clamped(predicted + with_sign(steps, sign) * parameters_.step(), parameters_.maximum);
    }

    Parameters parameters_;
    CodeEscape escape_;
    ErrorScale<is_plain> scale_;
    std::size_t columns_;
    Model model_;
    Gradients<Sample> gradients_;
};

template <class Sample, bool is_plain>
std::unique_ptr<LineEncoder<Sample>> make(const Parameters& parameters, std::size_t columns,
                                          unsigned samples) {
    switch (samples) {
    case 1: return std::make_unique<Encoder<Sample, is_plain, 1>>(parameters, columns);
    case 2: return std::make_unique<Encoder<Sample, is_plain, 2>>(parameters, columns);
    case 3: return std::make_unique<Encoder<Sample, is_plain, 3>>(parameters, columns);
    default: return std::make_unique<Encoder<Sample, is_plain, 4>>(parameters, columns);
    }
}

}  // namespace

template <class Sample>
std::unique_ptr<LineEncoder<Sample>> make_line_encoder(const Parameters& parameters,
                                                       std::size_t columns, unsigned samples) {
    return parameters.is_plain() ? make<Sample, true>(parameters, columns, samples)
                                 : make<Sample, false>(parameters, columns, samples);
}

template std::unique_ptr<LineEncoder<std::uint8_t>> make_line_encoder(const Parameters&, std::size_t,
                                                                      unsigned);
template std::unique_ptr<LineEncoder<std::uint16_t>> make_line_encoder(const Parameters&,
                                                                       std::size_t, unsigned);

}  // namespace dcmtk_native::codec::jpegls
