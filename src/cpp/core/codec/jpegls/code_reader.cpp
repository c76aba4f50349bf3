#include "codec/jpegls/code_reader.hpp"

#include <algorithm>

namespace dcmtk_native::codec::jpegls {

namespace {

/// Up to 32 bits.
std::uint32_t read_bits(BitCursor& bits, unsigned count) noexcept {
    const std::uint64_t word = bits.word();
    bits.position += count;
    return static_cast<std::uint32_t>((word >> 1) >> (63 - count));
}

}  // namespace

std::uint32_t read_any_code(BitCursor& bits, unsigned k, const CodeLimits& limits) noexcept {
    constexpr unsigned sure_bits = 56;
    unsigned zeros = 0;
    for (;;) {
        const unsigned more =
            std::min(static_cast<unsigned>(__builtin_clzll(bits.word() | 1)), sure_bits);
        zeros += more;
        bits.position += more;
        if (more < sure_bits) break;
        if (zeros > limits.plain_zeros) return bad_code;
    }
    if (zeros > limits.plain_zeros) return bad_code;
    ++bits.position;
    return zeros < limits.plain_zeros ? (zeros << k) + read_bits(bits, k)
                                      : read_bits(bits, limits.plain_bits) + 1;
}

Run read_run(BitCursor& bits, std::size_t left, unsigned& run_index) noexcept {
    std::size_t length = 0;
    while (read_bits(bits, 1) != 0) {
        const std::size_t step = std::size_t{1} << run_bits[run_index];
        if (step >= left - length) {
            if (step == left - length && run_index < 31) ++run_index;
            return {left, true};
        }
        length += step;
        if (run_index < 31) ++run_index;
    }
    length += read_bits(bits, run_bits[run_index]);
    return {std::min(length, left), length <= left};
}

}  // namespace dcmtk_native::codec::jpegls
