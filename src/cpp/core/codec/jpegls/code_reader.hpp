// Golomb codes and run lengths out of plain bits (ITU-T T.87 annexes A.5.3 and A.7.1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/jpegls/bits.hpp"
#include "codec/jpegls/context.hpp"

namespace dcmtk_native::codec::jpegls {

/// A place in a BitSource's window, small enough to live in registers.
struct BitCursor {
    const std::uint8_t* window;
    std::size_t position;

    /// The next bits from the top; at least 57 of them are right, what is below is zero.
    [[nodiscard]] DCMTK_NATIVE_INLINE std::uint64_t word() const noexcept {
        return load_big_endian(window + position / 8) << (position & 7);
    }
};

/// How codes are told from nonsense.
struct CodeLimits {
    CodeLimits() = default;
    /// `spent` bits of LIMIT have gone into the run length (A.7.2.1).
    explicit CodeLimits(const Parameters& parameters, int spent = 0) noexcept
        : plain_zeros(static_cast<unsigned>(parameters.code_limit - spent - parameters.error_bits - 1)),
          plain_bits(static_cast<unsigned>(parameters.error_bits)),
          // An encoder that does not wrap errors gives them twice the range.
          highest(static_cast<std::uint32_t>(parameters.range) * 2),
          // With k up to 20 the code is in the 57 bits of a word; `highest` keeps k below that.
          short_zeros(std::min(plain_zeros, 35U)) {}

    unsigned plain_zeros = 0;   // so many zeros announce an error that is written plainly,
    unsigned plain_bits = 0;    // in so many bits
    std::uint32_t highest = 0;  // of all mapped errors
    unsigned short_zeros = 0;   // fewer zeros begin a code that one word has
};

/// What no code can be.
constexpr std::uint32_t bad_code = ~std::uint32_t{0};

/// A code of any length that is legal, else bad_code; then the cursor stands behind what was looked at.
[[nodiscard]] std::uint32_t read_any_code(BitCursor& bits, unsigned k,
                                          const CodeLimits& limits) noexcept;

/// The same, in the few steps that nearly every code takes.
[[nodiscard]] DCMTK_NATIVE_INLINE std::uint32_t read_code(BitCursor& bits, unsigned k,
                                                          const CodeLimits& limits) noexcept {
    const std::uint64_t word = bits.word();
    const auto zeros = static_cast<unsigned>(__builtin_clzll(word | 1));
    if (__builtin_expect(zeros < limits.short_zeros, 1)) {
        bits.position += zeros + 1 + k;
        // Shifted, the one that ends the zeros stands above the k low bits and counts as 2^k.
        const auto low = static_cast<std::uint32_t>((word << zeros) >> (63 - k));
        return ((zeros - 1) << k) + low;
    }
    BitCursor copy = bits;  // so that `bits` itself may stay in registers
    const std::uint32_t code = read_any_code(copy, k, limits);
    bits = copy;
    return code;
}

struct Run {
    std::size_t length;  // never more than what was left of the line
    bool is_legal;
};
/// The length of a run in a line of which `left` samples are left.
[[nodiscard]] Run read_run(BitCursor& bits, std::size_t left, unsigned& run_index) noexcept;

}  // namespace dcmtk_native::codec::jpegls
