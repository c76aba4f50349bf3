#include "codec/jpeg/idct12.hpp"

#include <cstring>

namespace dcmtk_native::codec {

namespace {

// Eight numbers at once; the compiler makes of it what the machine has. Unsigned numbers wrap.
using Numbers = std::uint32_t __attribute__((vector_size(32)));
using SignedNumbers = std::int32_t __attribute__((vector_size(32)));
using Rows = std::array<Numbers, 8>;

// The scheme of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), in fixed point with 13 bits. Between the
// two passes one bit more than the sample's is kept, which is what fits into 32 bits.
constexpr unsigned fixed_bits = 13;
constexpr unsigned kept_bits = 1;

constexpr std::uint32_t fixed(double number) {
    const double scaled = number * (1 << fixed_bits);
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(scaled + (scaled < 0 ? -0.5 : 0.5)));
}

template <unsigned Bits>
[[gnu::always_inline]] inline void descale(Numbers& numbers) {
    constexpr std::uint32_t half = 1U << (Bits - 1);
    numbers = reinterpret_cast<Numbers>(reinterpret_cast<SignedNumbers>(numbers + half) >> Bits);
}

/// One dimension, for the eight columns side by side.
template <unsigned Bits>
[[gnu::always_inline]] inline void transform(Rows& rows) {
    const Numbers middle = (rows[2] + rows[6]) * fixed(0.541196100);
    const Numbers low = middle - rows[6] * fixed(1.847759065);
    const Numbers high = middle + rows[2] * fixed(0.765366865);
    const Numbers sum = (rows[0] + rows[4]) << fixed_bits;
    const Numbers difference = (rows[0] - rows[4]) << fixed_bits;
    const std::array<Numbers, 4> even{sum + high, difference + low, difference - low, sum - high};

    const Numbers turned = (rows[7] + rows[3] + rows[5] + rows[1]) * fixed(1.175875602);
    const Numbers outer = (rows[7] + rows[1]) * fixed(0.899976223);
    const Numbers inner = (rows[5] + rows[3]) * fixed(2.562915447);
    const Numbers back = turned - (rows[7] + rows[3]) * fixed(1.961570560);
    const Numbers front = turned - (rows[5] + rows[1]) * fixed(0.390180644);
    const std::array<Numbers, 4> odd{rows[1] * fixed(1.501321110) - outer + front,
                                     rows[3] * fixed(3.072711026) - inner + back,
                                     rows[5] * fixed(2.053119869) - inner + front,
                                     rows[7] * fixed(0.298631336) - outer + back};
    for (unsigned i = 0; i < 4; ++i) {
        rows[i] = even[i] + odd[i];
        rows[7 - i] = even[i] - odd[i];
    }
    for (Numbers& row : rows) descale<Bits>(row);
}

/// Rows into columns, by exchanging halves, quarters and single numbers.
[[gnu::always_inline]] inline void transpose(Rows& rows) {
    constexpr SignedNumbers lows[] = {
        {0, 1, 2, 3, 8, 9, 10, 11}, {0, 1, 8, 9, 4, 5, 12, 13}, {0, 8, 2, 10, 4, 12, 6, 14}};
    constexpr SignedNumbers highs[] = {
        {4, 5, 6, 7, 12, 13, 14, 15}, {2, 3, 10, 11, 6, 7, 14, 15}, {1, 9, 3, 11, 5, 13, 7, 15}};
    unsigned distance = 4;
    for (unsigned step = 0; step < 3; ++step, distance /= 2) {
        for (unsigned i = 0; i < 8; ++i) {
            if ((i & distance) != 0) continue;
            const Numbers upper = rows[i];
            const Numbers lower = rows[i + distance];
            rows[i] = __builtin_shuffle(upper, lower, lows[step]);
            rows[i + distance] = __builtin_shuffle(upper, lower, highs[step]);
        }
    }
}

[[gnu::always_inline]] inline void inverse_dct(DctBlock& from, SampleBlock& to) {
    Rows rows;
    for (std::size_t i = 0; i < 8; ++i) {
        const Numbers none{};
        std::memcpy(&rows[i], &from.coefficient[8 * i], sizeof none);
        std::memcpy(&from.coefficient[8 * i], &none, sizeof none);
    }
    transform<fixed_bits - kept_bits>(rows);
    transpose(rows);
    transform<fixed_bits + kept_bits + 3>(rows);
    transpose(rows);
    for (unsigned i = 0; i < 8; ++i) {
        SignedNumbers samples = reinterpret_cast<SignedNumbers>(rows[i]) + 2048;
        samples = samples < 0 ? samples - samples : samples;
        samples = samples > 4095 ? samples - samples + 4095 : samples;
        using Samples = std::uint16_t __attribute__((vector_size(16)));
        const Samples narrow = __builtin_convertvector(samples, Samples);
        std::memcpy(to.sample.data() + std::size_t{8} * i, &narrow, sizeof narrow);
    }
}

void inverse_dct_basic(DctBlock& from, SampleBlock& to) { inverse_dct(from, to); }

#ifdef __x86_64__
__attribute__((target("avx2"))) void inverse_dct_avx2(DctBlock& from, SampleBlock& to) {
    inverse_dct(from, to);
}
#endif

}  // namespace

InverseDct inverse_dct_12() noexcept {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) return inverse_dct_avx2;
#endif
    return inverse_dct_basic;
}

}  // namespace dcmtk_native::codec
