#include "codec/jpegls/code_writer.hpp"

#include <algorithm>

namespace dcmtk_native::codec::jpegls {

void write_any_code(BitWriter& bits, std::uint32_t code, unsigned k,
                    const CodeEscape& escape) noexcept {
    constexpr unsigned at_once = 32;
    const bool is_plain = code >> k >= escape.zeros;
    unsigned zeros = is_plain ? escape.zeros : code >> k;
    for (; zeros > at_once; zeros -= at_once) bits.put(0, at_once);
    bits.put(1, zeros + 1);
    const unsigned count = is_plain ? escape.bits : k;
    const std::uint32_t value = is_plain ? code - 1 : code;
    if (count != 0) bits.put(value & ((std::uint32_t{1} << count) - 1), count);
}

void write_run(BitWriter& bits, std::size_t length, bool is_end_of_line,
               unsigned& run_index) noexcept {
    while (length >= std::size_t{1} << run_bits[run_index]) {
        bits.put(1, 1);
        length -= std::size_t{1} << run_bits[run_index];
        if (run_index < 31) ++run_index;
    }
    if (!is_end_of_line)
        bits.put(length, run_bits[run_index] + 1U);
    else if (length != 0)
        bits.put(1, 1);
}

}  // namespace dcmtk_native::codec::jpegls
