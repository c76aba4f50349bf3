// What a JPEG-LS coder learns of an image, and how it predicts a sample (ITU-T T.87 annex A.3 to A.6).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/jpegls/machine.hpp"
#include "codec/jpegls/parameters.hpp"

namespace dcmtk_native::codec::jpegls {

/// -1 for a condition that holds, else 0: what depends on image noise is computed, not branched on.
DCMTK_NATIVE_INLINE int mask_if(bool condition) noexcept { return -static_cast<int>(condition); }

/// -1 for a negative value, else 0.
DCMTK_NATIVE_INLINE int sign_of(int value) noexcept { return value >> 31; }

/// `value` with its sign turned when `sign` is -1 (and not when it is 0).
DCMTK_NATIVE_INLINE int with_sign(int value, int sign) noexcept { return (value ^ sign) - sign; }

/// The smallest k for which count * 2^k is not less than `sum`.
DCMTK_NATIVE_INLINE unsigned golomb_parameter(std::uint32_t sum, std::uint32_t count) noexcept {
    const int shift = __builtin_clz(count) - __builtin_clz(sum | 1);
    const auto k = static_cast<unsigned>(std::max(shift, 0));
    return k + static_cast<unsigned>(count << k < sum);
}

/// The statistics of one context of the regular mode, and what follows from them for its next sample.
/// That is worked out when a sample has been coded, because then nothing waits for it.
struct alignas(16) RegularContext {
    std::int32_t bias = 0;         // B
    std::uint32_t magnitude = 0;   // A
    std::uint16_t count = 1;       // N
    std::int8_t correction = 0;    // C
    std::uint8_t k = 0;            // parameter of the Golomb code
    std::int8_t inverted = 0;      // -1: errors are mapped the other way round (A.5.2)

    /// Learns an error (A.6). `absolute` is its magnitude.
    template <bool is_plain>
    DCMTK_NATIVE_INLINE void learn(int error, int absolute, const Parameters& parameters) noexcept {
        std::uint32_t a = magnitude + static_cast<std::uint32_t>(absolute);
        int b = bias + (is_plain ? error : error * parameters.step());
        int n = count;
        if (n == parameters.reset) {
            a >>= 1;
            b >>= 1;
            n >>= 1;
        }
        ++n;
        // 1: the bias is too low (not above -N), -1: too high (above 0).
        const int drift = ~(sign_of(b - 1) + sign_of(b + n - 1));
        b += n * drift;
        b = std::min(std::max(b, 1 - n), 0);
        const int c = correction - drift;
        const unsigned next = golomb_parameter(a, static_cast<std::uint32_t>(n));
        bias = b;
        magnitude = a;
        count = static_cast<std::uint16_t>(n);
        if (__builtin_expect(c == static_cast<std::int8_t>(c), 1)) correction = static_cast<std::int8_t>(c);
        k = static_cast<std::uint8_t>(next);
        int flip = sign_of(2 * b + n - 1) & sign_of(static_cast<int>(next) - 1);
        if (!is_plain && parameters.near_loss != 0) flip = 0;
        inverted = static_cast<std::int8_t>(flip);
    }
};

/// The statistics of samples that end a run (A.7.2).
struct RunContext {
    std::uint32_t magnitude = 0;  // A
    std::uint16_t count = 1;      // N
    std::uint16_t negative = 0;   // Nn

    [[nodiscard]] unsigned k(int type) const noexcept {
        return golomb_parameter(magnitude + (type == 1 ? count / 2U : 0U), count);
    }
    /// The error of a code (A.7.2.2 the other way round), and the code of an error.
    [[nodiscard]] int unmapped(int code, int type, unsigned k) const noexcept {
        const int sum = code + type;
        const int half = (sum + 1) / 2;
        const bool is_negative = ((sum & 1) != 0) == (k != 0 || is_mostly_negative());
        return is_negative ? -half : half;
    }
    [[nodiscard]] int mapped(int error, int type, unsigned k) const noexcept {
        const bool odd = error != 0 && (error < 0) == (k != 0 || is_mostly_negative());
        return 2 * (error < 0 ? -error : error) - type - (odd ? 1 : 0);
    }
    void learn(int error, int mapped, int type, int reset) noexcept {
        if (error < 0) ++negative;
        magnitude += static_cast<std::uint32_t>(mapped + 1 - type) / 2;
        if (count == reset) {
            magnitude /= 2;
            count /= 2;
            negative /= 2;
        }
        ++count;
    }

  private:
    [[nodiscard]] bool is_mostly_negative() const noexcept { return 2 * negative >= count; }
};

/// The bits that tell the length of a run, by the run index (J of A.7.1.2).
constexpr std::array<std::uint8_t, 32> run_bits{0, 0, 0, 0, 1, 1, 1, 1, 2, 2,  2,  2,  3,  3,  3,  3,
                                                4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// All that is learned in a scan.
struct Model {
    /// Contexts are told by their offsets in bytes: the sum of A.3.4 times this.
    static constexpr int scale = sizeof(RegularContext);

    explicit Model(const Parameters& parameters) { reset(parameters); }
    void reset(const Parameters& parameters) {
        RegularContext fresh;
        fresh.magnitude = static_cast<std::uint32_t>(parameters.initial_a);
        fresh.k = static_cast<std::uint8_t>(golomb_parameter(fresh.magnitude, 1));
        regular.fill(fresh);
        RunContext run;
        run.magnitude = fresh.magnitude;
        runs.fill(run);
    }
    /// By an offset in bytes, as gradients give it.
    DCMTK_NATIVE_INLINE RegularContext& at(int offset) noexcept {
        return *reinterpret_cast<RegularContext*>(reinterpret_cast<std::uint8_t*>(regular.data()) +
                                                  static_cast<unsigned>(offset));
    }

    std::array<RegularContext, 365> regular;
    std::array<RunContext, 2> runs;  // by RItype
};

/// The median edge detector (A.4.1): a left, b above, c above left.
DCMTK_NATIVE_INLINE int predict(int a, int b, int c) noexcept {
    const int excess = (a - b) & sign_of(a - b);
    const int lower = b + excess;
    const int upper = a - excess;
    return std::max(lower, std::min(upper, a + b - c));
}

DCMTK_NATIVE_INLINE int clamped(int value, int maximum) noexcept {
    const int below = value > maximum ? maximum : value;
    return value < 0 ? 0 : below;
}

/// A value whose error has wrapped comes back into its range (A.4.5, A.8). `value` may be anything a
/// hostile stream makes of it.
template <bool is_plain>
DCMTK_NATIVE_INLINE int reconstruct(int predicted, int error, const Parameters& parameters) noexcept {
    if constexpr (is_plain) return (predicted + error) & parameters.maximum;
    const int span = parameters.range * parameters.step();
    int value = predicted + error * parameters.step();
    if (value < -parameters.near_loss)
        value += span;
    else if (value > parameters.maximum + parameters.near_loss)
        value -= span;
    return clamped(value, parameters.maximum);
}

}  // namespace dcmtk_native::codec::jpegls
