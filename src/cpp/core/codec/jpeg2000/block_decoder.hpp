// Bit planes of one code-block (ITU-T T.800 annex D), as encoders write them who choose no special
// mode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/jpeg2000/mq_decoder.hpp"

namespace dcmtk_native::codec {

/// Which neighbours say most of a coefficient.
enum class Subband : std::uint8_t { ll, hl, lh, hh };

/// What the packets tell of a code-block.
struct BlockCoding {
    Subband subband;
    std::uint32_t width;  // width and height up to 1024, their product up to 4096
    std::uint32_t height;
    unsigned planes;  // that have a bit set, up to 30
    unsigned passes;  // up to 3 * planes - 2
};

/// Decodes one code-block after another in the same memory.
class BlockDecoder {
  public:
    /// `code` is a codeword as `unstuff` gives it. Coefficients come out as sign and magnitude, row
    /// by row; a magnitude is shifted to the left by one, and has the half of the last plane that
    /// was decoded of it.
    void decode(const BlockCoding& coding, const std::vector<std::uint8_t>& code);

    [[nodiscard]] const std::uint32_t* row(std::uint32_t y) const {
        return coefficients_.data() + std::size_t{y} * width_;
    }

    static constexpr std::uint32_t sign = 0x80000000;

  private:
    /// Up to four coefficients, one below the other, and what is known of them.
    struct Column {
        std::uint32_t* flags;
        std::uint32_t* coefficients;
        std::uint32_t half;  // of the plane
    };
    using Pass = void (BlockDecoder::*)(MqDecoder& mq, const Column& column, unsigned rows);
    using Scan = MqDecoder (BlockDecoder::*)(unsigned plane, MqDecoder mq);

    /// The significance, the refinement and the cleanup pass, as this processor does them best.
    static const std::array<Scan, 3>& scans();
    template <Pass pass> MqDecoder scan(unsigned plane, MqDecoder mq);
    template <Pass pass> MqDecoder scan_anywhere(unsigned plane, MqDecoder mq);
#if defined(__x86_64__)
    // A shift by any number, and a count of leading zeros, are one instruction each.
    template <Pass pass>
    [[gnu::target("bmi,bmi2,lzcnt")]] MqDecoder scan_by_bmi(unsigned plane, MqDecoder mq);
#endif
    void find_significant(MqDecoder& mq, const Column& column, unsigned rows);
    void refine(MqDecoder& mq, const Column& column, unsigned rows);
    void clean_up(MqDecoder& mq, const Column& column, unsigned rows);
    void become_significant(MqDecoder& mq, const Column& column, unsigned row);

    std::uint32_t width_ = 0;
    std::uint32_t height_ = 0;
    std::size_t pitch_ = 0;  // of flags_: a column more at either side
    std::vector<std::uint32_t> flags_;
    std::vector<std::uint32_t> coefficients_;
    std::array<MqState, 19> contexts_{};
    const std::uint8_t* significance_contexts_ = nullptr;
};

}  // namespace dcmtk_native::codec
