#include "codec/jpegls_line_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "codec/jpegls_code_reader.hpp"
#include "codec/jpegls_context.hpp"

namespace dcmtk_native::codec::jpegls {

namespace {

template <class Sample, bool is_plain, unsigned samples>
class Decoder final : public LineDecoder<Sample> {
  public:
    Decoder(const Parameters& parameters, std::size_t columns)
        : parameters_(parameters), limits_(parameters), columns_(columns), model_(parameters),
          gradients_(parameters) {}

    void reset() noexcept override { model_.reset(parameters_); }

    bool decode(BitSource& source, const Sample* above, Sample* line,
                unsigned& run_index) noexcept override {
        BitCursor bits{source.window(), source.position()};
        bool is_complete = false;
        if constexpr (samples == 1)
            is_complete = decode_samples(bits, above, line, run_index);
        else
            is_complete = decode_pixels(bits, above, line, run_index);
        source.set_position(bits.position);
        return is_complete;
    }

  private:
    /// A sample of the regular mode. `context` is the scaled and signed one of A.3.4. False: no code.
    static DCMTK_NATIVE_INLINE bool decode_regular(BitCursor& bits, Model& model, int context,
                                                   int predicted, const Parameters& parameters,
                                                   const CodeLimits& limits, int& value) noexcept {
        const int sign = context >> 31;
        RegularContext& known = model.at(with_sign(context, sign));
        const int corrected =
            clamped(predicted + with_sign(known.correction, sign), parameters.maximum);
        const std::uint32_t code = read_code(bits, known.k, limits);
        if (__builtin_expect(code > limits.highest, 0)) return false;
        // An odd code is a negative error, unless the context has it inverted.
        const int flip = -static_cast<int>(code & 1) ^ known.inverted;
        const int half = static_cast<int>(code >> 1);
        value = reconstruct<is_plain>(corrected, with_sign(half ^ flip, sign), parameters);
        known.template learn<is_plain>(half ^ flip, half - flip, parameters);
        return true;
    }

    /// A line of single samples.
    bool decode_samples(BitCursor& target, const Sample* above, Sample* line,
                        unsigned& run_index) noexcept {
        // Of the object nothing may change under the writes to `line`, so copies stay in registers.
        const Parameters parameters = parameters_;
        const CodeLimits limits = limits_;
        const std::int16_t* const gradients = gradients_.centre();
        const std::size_t columns = columns_;
        BitCursor bits = target;
        std::size_t x = 0;
        int a = line[-1];
        int b = above[0];
        int c = above[-1];
        int gradient = gradients[b - c];
        bool is_legal = true;
        while (x < columns) {
            const int d = above[x + 1];
            const int next_gradient = gradients[d - b];
            const int context = 81 * next_gradient + 9 * gradient + gradients[c - a];
            if (context != 0) {
                is_legal = decode_regular(bits, model_, context, predict(a, b, c), parameters,
                                          limits, a);
                if (__builtin_expect(!is_legal, 0)) break;
                line[x] = static_cast<Sample>(a);
                c = b;
                b = d;
                gradient = next_gradient;
                ++x;
                continue;
            }
            BitCursor copy = bits;
            is_legal = decode_run(copy, above, line, x, run_index);
            bits = copy;
            if (!is_legal) break;
            a = line[x - 1];
            b = above[x];
            c = above[x - 1];
            gradient = gradients[b - c];
        }
        target = bits;
        return is_legal;
    }

    /// A run from `x` on and the sample that ends it; `x` goes behind both.
    __attribute__((noinline)) bool decode_run(BitCursor& bits, const Sample* above, Sample* line,
                                              std::size_t& x, unsigned& run_index) noexcept {
        const Run run = read_run(bits, columns_ - x, run_index);
        const int a = line[static_cast<std::ptrdiff_t>(x) - 1];
        std::fill_n(line + x, run.length, static_cast<Sample>(a));
        x += run.length;
        if (!run.is_legal) return false;
        if (x == columns_) return true;
        const int b = above[x];
        const int type = std::abs(a - b) <= parameters_.near_loss ? 1 : 0;
        int value = 0;
        const bool is_legal = decode_run_end(bits, type, a, b, run_index, value);
        line[x++] = static_cast<Sample>(value);
        if (run_index > 0) --run_index;
        return is_legal;
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
    bool decode_pixels(BitCursor& target, const Sample* above, Sample* line,
                       unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        const Parameters parameters = parameters_;
        const CodeLimits limits = limits_;
        const std::int16_t* const gradients = gradients_.centre();
        const std::size_t width = columns_ * n;
        BitCursor bits = target;
        std::array<int, n> contexts{};
        bool is_legal = true;
        for (std::size_t x = 0; x < width && is_legal;) {
            int any = 0;
            for (std::size_t s = 0; s < n; ++s) {
                const Sample* const b = above + x + s;
                const Sample* const c = b - n;
                contexts[s] = 81 * gradients[b[n] - *b] + 9 * gradients[*b - *c] +
                              gradients[*c - *(line + x + s - n)];
                any |= contexts[s];
            }
            if (any == 0) {
                BitCursor copy = bits;
                is_legal = decode_pixel_run(copy, above, line, x, run_index);
                bits = copy;
                continue;
            }
            for (std::size_t s = 0; s < n; ++s, ++x) {
                const int predicted = predict(*(line + x - n), above[x], *(above + x - n));
                int value = 0;
                is_legal = is_legal && decode_regular(bits, model_, contexts[s], predicted,
                                                      parameters, limits, value);
                line[x] = static_cast<Sample>(value);
            }
        }
        target = bits;
        return is_legal;
    }

    __attribute__((noinline)) bool decode_pixel_run(BitCursor& bits, const Sample* above,
                                                    Sample* line, std::size_t& x,
                                                    unsigned& run_index) noexcept {
        constexpr auto n = std::size_t{samples};
        const std::size_t width = columns_ * n;
        const Run run = read_run(bits, (width - x) / n, run_index);
        std::array<Sample, n> pixel;
        std::copy_n(line + x - n, n, pixel.begin());
        for (std::size_t left = run.length; left > 0; --left, x += n)
            std::copy_n(pixel.begin(), n, line + x);
        if (!run.is_legal) return false;
        if (x == width) return true;
        bool is_legal = true;
        for (std::size_t s = 0; s < n; ++s, ++x) {
            int value = 0;
            is_legal = is_legal &&
                       decode_run_end(bits, 0, pixel[s], above[x], run_index, value);
            line[x] = static_cast<Sample>(value);
        }
        if (run_index > 0) --run_index;
        return is_legal;
    }

    Parameters parameters_;
    CodeLimits limits_;
    std::size_t columns_;
    Model model_;
    Gradients gradients_;
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
