// Huffman tables of JPEG (ITU-T T.81 annexes C and F) and the coding of differences with them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/jpeg/entropy.hpp"

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

/// Finds symbols by their codes.
class CodeBook {
  public:
    explicit CodeBook(const HuffmanTable& table);

    struct Symbol {
        unsigned value;
        unsigned length;  // of its code; 0: no such code
    };
    /// By the next 16 bits, where the code is longer than `shorter` bits.
    [[nodiscard]] Symbol find(std::uint32_t bits, unsigned shorter) const noexcept;
    /// Tells every code of at most `longest` bits: `enter(code, length, symbol)`.
    template <typename Enter>
    void each(unsigned longest, const Enter& enter) const {
        std::size_t symbol = 0;
        std::uint32_t code = 0;
        for (unsigned length = 1; length <= longest; ++length, code <<= 1)
            for (unsigned i = 0; i < counts_[length]; ++i)
                enter(code++, length, unsigned{symbols_[symbol++]});
    }

  private:
    std::array<std::uint8_t, max_code_length + 1> counts_;
    std::vector<std::uint8_t> symbols_;
    std::array<std::int32_t, max_code_length + 1> last_code_{};     // by length; -1: none
    std::array<std::int32_t, max_code_length + 1> first_symbol_{};  // minus the first code
};

/// A value of `bits` bits that follow a code (ITU-T T.81 figure F.12).
constexpr std::int32_t extended(std::uint32_t value, unsigned bits) noexcept {
    const auto number = static_cast<std::int32_t>(value);
    return value >> (bits - 1) == 0 ? number - (1 << bits) + 1 : number;
}

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

    CodeBook codes_;
    std::array<std::uint32_t, 1U << lookup_bits> lookup_{};
    bool cornell_;
};

/// Decodes coefficients of a DCT: a run of zeros, and the value behind it (ITU-T T.81 section F.2.2.2).
class CoefficientDecoder {
  public:
    explicit CoefficientDecoder(const HuffmanTable& table);

    static constexpr unsigned max_bits = 16 + 15;
    static constexpr unsigned end_of_block = 0xFF;  // as a run
    static constexpr unsigned no_run = 0xFE;        // no such code

    struct Coefficient {
        unsigned run;
        std::int32_t value;  // 0: a run of 16 zeros, this one included
    };
    /// The reader was refilled since the last one.
    [[nodiscard]] Coefficient next(BitReader& reader) const {
        const Entry entry = lookup_[reader.peek(lookup_bits)];
        if (__builtin_expect(entry.bits == 0, 0)) return next_long(reader);
        reader.drop(entry.bits);
        return {entry.run, entry.value};
    }

  private:
    static constexpr unsigned lookup_bits = 12;

    struct Entry {
        std::int16_t value;
        std::uint8_t run;
        std::uint8_t bits;  // of code and value; 0: more than what is looked up
    };
    void enter(std::uint32_t code, unsigned length, unsigned symbol);
    [[nodiscard]] Coefficient next_long(BitReader& reader) const;

    CodeBook codes_;
    std::array<Entry, 1U << lookup_bits> lookup_{};
};

}  // namespace dcmtk_native::codec
