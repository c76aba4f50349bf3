#include "codec/jpegls/line_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "codec/jpegls/code_reader.hpp"
#include "codec/jpegls/context.hpp"
#include "codec/jpegls/gradients.hpp"
#include "codec/jpegls/machine.hpp"

namespace dcmtk_native::codec::jpegls {

namespace {

template <class Sample, bool is_plain, unsigned samples>
class Decoder final : public LineDecoder<Sample> {
  public:
    Decoder(const Parameters& parameters, std::size_t columns)
        : parameters_(parameters), limits_(parameters), columns_(columns), model_(parameters),
          gradients_(parameters, Model::scale, columns * samples, samples) {}

    void reset() noexcept override { model_.reset(parameters_); }

    bool decode(BitSource& source, const Sample* above, Sample* line,
                unsigned& run_index) noexcept override {
        BitCursor bits{source.window(), source.position()};
        const bool is_complete = has_bit_instructions()
                                     ? decode_with_bit_instructions(bits, above, line, run_index)
                                     : decode_line(bits, above, line, run_index);
        source.set_position(bits.position);
        return is_complete;
    }

  private:
    DCMTK_NATIVE_BIT_INSTRUCTIONS bool decode_with_bit_instructions(BitCursor& bits,
                                                                    const Sample* above, Sample* line,
                                                                    unsigned& run_index) noexcept {
        return decode_line(bits, above, line, run_index);
    }

    DCMTK_NATIVE_INLINE bool decode_line(BitCursor& bits, const Sample* above, Sample* line,
                                         unsigned& run_index) noexcept {
        if constexpr (samples == 1) return decode_samples(bits, above, line, run_index);
        return decode_pixels(bits, above, line, run_index);
    }

    /// A sample of the regular mode. `context` is the scaled and signed one of A.3.4. False: no code.
    static DCMTK_NATIVE_INLINE bool decode_regular(BitCursor& bits, Model& model, int context,
                                                   int predicted, const Parameters& parameters,
                                                   const CodeLimits& limits, int& value) noexcept {
        const int sign = sign_of(context);
        RegularContext& known = model.at(with_sign(context, sign));
        const int corrected =
            clamped(predicted + with_sign(known.correction, sign), parameters.maximum);
        const std::uint32_t code = read_code(bits, known.k, limits);
        if (__builtin_expect(code > limits.highest, 0)) return false;
        // An odd code is a negative error, unless the context has it inverted.
        const int odd = -static_cast<int>(code & 1);
        const int half = static_cast<int>(code >> 1);
        const int flip = odd ^ known.inverted;
        if constexpr (is_plain) {
            // As below, but in an order in which the next sample waits less for this one.
            const int change = odd ^ (half ^ (known.inverted ^ sign));
            value = (corrected - sign + change) & parameters.maximum;
        } else {
            value = reconstruct<is_plain>(corrected, with_sign(half ^ flip, sign), parameters);
        }
        known.template learn<is_plain>(half ^ flip, half - flip, parameters);
        return true;
    }

    /// A line of single samples.
    DCMTK_NATIVE_INLINE bool decode_samples(BitCursor& target, const Sample* above, Sample* line,
                                            unsigned& run_index) noexcept {
        // Of the object nothing may change under the writes to `line`, so copies stay in registers.
        const Parameters parameters = parameters_;
        const CodeLimits limits = limits_;
        const std::int16_t* const contexts = gradients_.above_only(above);
        const std::int16_t* const gradients = gradients_.table();
        const std::size_t columns = columns_;
        BitCursor bits = target;
        std::ptrdiff_t left = *(line - 1);
        bool is_legal = true;
        for (std::size_t x = 0; x != columns;) {
            const std::ptrdiff_t corner = *(above + x - 1);
            const int context = contexts[x] + gradients[corner - left];
            if (context != 0) {
                const int predicted =
                    predict(static_cast<int>(left), above[x], static_cast<int>(corner));
                int value = 0;
                is_legal = decode_regular(bits, model_, context, predicted, parameters, limits, value);
                if (__builtin_expect(!is_legal, 0)) break;
                line[x] = static_cast<Sample>(value);
                left = static_cast<unsigned>(value);
                ++x;
                continue;
            }
            BitCursor copy = bits;
            const std::optional<std::size_t> end = decode_run(copy, above, line, x, run_index);
            bits = copy;
            is_legal = end.has_value();
            if (!is_legal) break;
            x = *end;
            left = *(line + x - 1);
        }
        target = bits;
        return is_legal;
    }

    /// A run from `x` on and the sample that ends it. The place behind, if that was legal.
    __attribute__((noinline)) std::optional<std::size_t>
    decode_run(BitCursor& bits, const Sample* above, Sample* line, std::size_t x,
               unsigned& run_index) noexcept {
        const Run run = read_run(bits, columns_ - x, run_index);
        if (!run.is_legal) return std::nullopt;
        const int a = *(line + x - 1);
        std::fill_n(line + x, run.length, static_cast<Sample>(a));
        x += run.length;
        if (x == columns_) return x;
        const int b = above[x];
        const int type = std::abs(a - b) <= parameters_.near_loss ? 1 : 0;
        int value = 0;
        if (!decode_run_end(bits, type, a, b, run_index, value)) return std::nullopt;
        line[x] = static_cast<Sample>(value);
        if (run_index > 0) --run_index;
        return x + 1;
    }

    /// The sample that ends a run of `a` below `b` (A.7.2).
    bool decode_run_end(BitCursor& bits, int type, int a, int b, unsigned run_index,
                        int& value) noexcept {
        RunContext& known = model_.runs[static_cast<std::size_t>(type)];
        const unsigned k = known.k(type);
        const std::uint32_t code =
            read_any_code(bits, k, CodeLimits(parameters_, run_bits[run_index] + 1));
        if (code > limits_.highest) return false;
        const int error = known.unmapped(static_cast<int>(code), type, k);
        const int sign = mask_if(type == 0 && a > b);
        value = reconstruct<is_plain>(type == 0 ? b : a, with_sign(error, sign), parameters_);
        known.learn(error, static_cast<int>(code), type, parameters_.reset);
        return true;
    }

    /// A line of pixels whose samples are coded side by side (ILV 2).
    DCMTK_NATIVE_INLINE bool decode_pixels(BitCursor& target, const Sample* above, Sample* line,
                                           unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        const Parameters parameters = parameters_;
        const CodeLimits limits = limits_;
        const std::int16_t* const partial = gradients_.above_only(above);
        const std::int16_t* const gradients = gradients_.table();
        const std::size_t width = columns_ * n;
        BitCursor bits = target;
        std::array<int, n> left;
        std::array<int, n> contexts;
        std::copy_n(line - n, n, left.begin());
        bool is_legal = true;
        for (std::size_t x = 0; x != width;) {
            int any = 0;
#pragma GCC unroll 4
            for (std::size_t s = 0; s < n; ++s) {
                contexts[s] = partial[x + s] + gradients[*(above + x + s - n) - left[s]];
                any |= contexts[s];
            }
            if (any == 0) {
                BitCursor copy = bits;
                const std::optional<std::size_t> end =
                    decode_pixel_run(copy, above, line, x, run_index);
                bits = copy;
                is_legal = end.has_value();
                if (!is_legal) break;
                x = *end;
                std::copy_n(line + x - n, n, left.begin());
                continue;
            }
#pragma GCC unroll 4
            for (std::size_t s = 0; s < n; ++s) {
                const int predicted = predict(left[s], above[x + s], *(above + x + s - n));
                is_legal = is_legal && decode_regular(bits, model_, contexts[s], predicted,
                                                      parameters, limits, left[s]);
                line[x + s] = static_cast<Sample>(left[s]);
            }
            if (__builtin_expect(!is_legal, 0)) break;
            x += n;
        }
        target = bits;
        return is_legal;
    }

    __attribute__((noinline)) std::optional<std::size_t>
    decode_pixel_run(BitCursor& bits, const Sample* above, Sample* line, std::size_t x,
                     unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        const std::size_t width = columns_ * n;
        const Run run = read_run(bits, (width - x) / n, run_index);
        if (!run.is_legal) return std::nullopt;
        std::array<Sample, n> pixel;
        std::copy_n(line + x - n, n, pixel.begin());
        for (std::size_t left = run.length; left > 0; --left, x += n)
            std::copy_n(pixel.begin(), n, line + x);
        if (x == width) return x;
        for (std::size_t s = 0; s < n; ++s, ++x) {
            int value = 0;
            if (!decode_run_end(bits, 0, pixel[s], above[x], run_index, value)) return std::nullopt;
            line[x] = static_cast<Sample>(value);
        }
        if (run_index > 0) --run_index;
        return x;
    }

    Parameters parameters_;
    CodeLimits limits_;
    std::size_t columns_;
    Model model_;
    Gradients<Sample> gradients_;
};

template <class Sample, bool is_plain>
std::unique_ptr<LineDecoder<Sample>> make(const Parameters& parameters, std::size_t columns,
                                          unsigned samples) {
    switch (samples) {
    case 1: return std::make_unique<Decoder<Sample, is_plain, 1>>(parameters, columns);
    case 2: return std::make_unique<Decoder<Sample, is_plain, 2>>(parameters, columns);
    case 3: return std::make_unique<Decoder<Sample, is_plain, 3>>(parameters, columns);
    default: return std::make_unique<Decoder<Sample, is_plain, 4>>(parameters, columns);
    }
}

}  // namespace

template <class Sample>
std::unique_ptr<LineDecoder<Sample>> make_line_decoder(const Parameters& parameters,
                                                       std::size_t columns, unsigned samples) {
    return parameters.is_plain() ? make<Sample, true>(parameters, columns, samples)
                                 : make<Sample, false>(parameters, columns, samples);
}

template std::unique_ptr<LineDecoder<std::uint8_t>> make_line_decoder(const Parameters&, std::size_t,
                                                                      unsigned);
template std::unique_ptr<LineDecoder<std::uint16_t>> make_line_decoder(const Parameters&,
                                                                       std::size_t, unsigned);

}  // namespace dcmtk_native::codec::jpegls
