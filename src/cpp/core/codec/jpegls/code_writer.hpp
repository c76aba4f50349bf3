// Golomb codes and run lengths as plain bits (ITU-T T.87 annexes A.5.3 and A.7.1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/jpegls/bits.hpp"
#include "codec/jpegls/context.hpp"

namespace dcmtk_native::codec::jpegls {

/// Puts bits into the memory of a line; small enough to live in registers.
struct BitWriter {
    std::uint8_t* to;
    std::uint64_t recent = 0;  // the last bits, the newest at the bottom
    unsigned waiting = 0;      // of them, those that fill no byte

    /// `count` is 1 to 57, and `bits` has no others.
    DCMTK_NATIVE_INLINE void put(std::uint64_t bits, unsigned count) noexcept {
        recent = recent << count | bits;
        waiting += count;
        store_big_endian(to, recent << (64 - waiting));
        to += waiting / 8;
        waiting %= 8;
    }
};

/// The number of zeros from which on an error is written plainly, and its bits then.
struct CodeEscape {
    /// `spent` bits of LIMIT have gone into the run length (A.7.2.1).
    explicit CodeEscape(const Parameters& parameters, int spent = 0) noexcept
        : zeros(static_cast<unsigned>(parameters.code_limit - spent - parameters.error_bits - 1)),
          bits(static_cast<unsigned>(parameters.error_bits)),
          // With k up to 20 the code is one that can be put at once.
          short_zeros(std::min(zeros, 35U)) {}

    unsigned zeros;
    unsigned bits;
    unsigned short_zeros;
};

/// Any code.
void write_any_code(BitWriter& bits, std::uint32_t code, unsigned k,
                    const CodeEscape& escape) noexcept;

/// The same, in the few steps that nearly every code takes.
DCMTK_NATIVE_INLINE void write_code(BitWriter& bits, std::uint32_t code, unsigned k,
                                    const CodeEscape& escape) noexcept {
    const std::uint32_t zeros = code >> k;
    if (__builtin_expect(zeros < escape.short_zeros, 1)) {
        const std::uint32_t one = std::uint32_t{1} << k;
        bits.put(one | (code & (one - 1)), zeros + 1 + k);
        return;
    }
    BitWriter copy = bits;  // so that `bits` itself may stay in registers
    write_any_code(copy, code, k, escape);
    bits = copy;
}

/// A run, which ends at the end of the line or before.
void write_run(BitWriter& bits, std::size_t length, bool is_end_of_line,
               unsigned& run_index) noexcept;

}  // namespace dcmtk_native::codec::jpegls
