// Huffman tables of JPEG (ITU-T T.81 annexes C and F) and the coding of differences with them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/jpeg_entropy.hpp"

namespace dcmtk_native::codec {

constexpr unsigned max_code_length = 16;

/// A table as a stream defines it.
struct HuffmanTable {
    std::array<std::uint8_t, max_code_length + 1> counts{};  // of codes, by length
    std::vector<std::uint8_t> symbols;                       // in the order of their codes
};

/// Tables by class (0: DC and lossless, 1: AC) and number.
struct HuffmanTables {
    std::array<std::array<HuffmanTable, 4>, 2> table;

    /// Reads DHT. Throws Error (codec) where it is none.
    void read(std::string_view content);
};

/// The table that makes the shortest data of symbols (their numbers) of these frequencies, without a
/// code of all ones. One symbol at least has a frequency.
[[nodiscard]] HuffmanTable optimal_table(const std::vector<std::uint64_t>& frequencies);

/// Decodes differences: code and the bits that follow it in one look, where both are short.
class DifferenceDecoder {
  public:
    /// `cornell`: accepts what a Cornell library writes for a difference of 32768 (DCMTK's +wc).
    DifferenceDecoder(const HuffmanTable& table, bool cornell);

    /// Bits that one difference takes at most.
    static constexpr unsigned max_bits = 17 + 16;
    /// Differences that can be decoded without a refill between them.
    static constexpr unsigned per_refill = 4;
    /// In place of a difference: no such code.
    static constexpr std::uint32_t no_difference = 0x10000;

    /// The next difference, modulo 65536.
    [[nodiscard]] std::uint32_t next(BitReader& reader) const {
        const std::uint32_t entry = lookup_[reader.peek(lookup_bits)];
        const unsigned bits = entry & 0xFF;
        if (__builtin_expect(bits == 0, 0)) return next_long(reader, entry);
        reader.drop(bits);
        return entry >> 16;
    }

  private:
    static constexpr unsigned lookup_bits = 13;
    static_assert(per_refill * lookup_bits <= BitReader::refilled);

    // Of an entry: in bits 0 to 7 the length of code and difference, bits 16 to 31 the difference.
    // Where they are longer than what is looked up, bits 0 to 7 are zero, and there may be the length of
    // the code in bits 8 to 15 and its symbol in bits 16 to 31.
    void enter(std::uint32_t code, unsigned length, unsigned symbol);
    [[nodiscard]] std::uint32_t next_long(BitReader& reader, std::uint32_t entry) const;
    [[nodiscard]] static std::uint32_t after_code(BitReader& reader, unsigned symbol, bool cornell);

    std::array<std::uint32_t, 1U << lookup_bits> lookup_{};
    std::array<std::int32_t, max_code_length + 1> last_code_{};   // by length; -1: none
    std::array<std::int32_t, max_code_length + 1> first_symbol_{};  // minus the first code
    std::vector<std::uint8_t> symbols_;
    bool cornell_;
};

}  // namespace dcmtk_native::codec
