#include "codec/jpeg2000/block_decoder.hpp"

#include <algorithm>

namespace dcmtk_native::codec {

namespace {

constexpr unsigned rows_of_stripe = 4;

// A word of flags is of the four coefficients of a column within a stripe. Its low 18 bits tell
// which of them and of their neighbours are significant, three by three: of the row above, of each
// row, of the row below. The nine bits of a coefficient's own neighbourhood stand together.
constexpr std::uint32_t neighbourhood = 0x1ff;
constexpr std::uint32_t itself = 0x010;
constexpr std::uint32_t neighbours = neighbourhood & ~itself;
constexpr std::uint32_t significant_rows = itself | itself << 3 | itself << 6 | itself << 9;
// Signs of the column, from the row above to the row below; of each row whether it was refined, and
// whether the significance pass of this plane has been there.
constexpr unsigned first_sign = 18;
constexpr unsigned first_refined = 24;
constexpr unsigned first_visited = 28;
constexpr std::uint32_t refined_rows = 0x0f000000;
constexpr std::uint32_t visited_rows = 0xf0000000;

constexpr std::uint32_t window(std::uint32_t flags, unsigned row) {
    return flags >> (3 * row) & neighbourhood;
}
constexpr std::uint32_t bit(unsigned number) { return std::uint32_t{1} << number; }
constexpr unsigned bit_of(std::uint32_t flags, unsigned number) { return flags >> number & 1U; }

// ---- contexts (tables D.1 to D.4, D.7) ----

constexpr unsigned first_sign_context = 9;
constexpr unsigned first_refinement_context = 14;
constexpr unsigned run_context = 17;
constexpr unsigned uniform_context = 18;

constexpr unsigned context_by_sides(unsigned first, unsigned second, unsigned diagonal) {
    if (first == 2) return 8;
    if (first == 1) return second != 0 ? 7 : diagonal != 0 ? 6 : 5;
    if (second != 0) return 2 + second;
    return std::min(diagonal, 2U);
}

constexpr unsigned context_by_corners(unsigned sides, unsigned diagonal) {
    if (diagonal >= 3) return 8;
    if (diagonal == 2) return sides != 0 ? 7 : 6;
    return (diagonal == 1 ? 3 : 0) + std::min(sides, 2U);
}

using SignificanceContexts = std::array<std::array<std::uint8_t, neighbourhood + 1>, 4>;

constexpr SignificanceContexts make_significance_contexts() {
    SignificanceContexts table{};
    for (unsigned flags = 0; flags <= neighbourhood; ++flags) {
        const unsigned across = bit_of(flags, 3) + bit_of(flags, 5);
        const unsigned down = bit_of(flags, 1) + bit_of(flags, 7);
        const unsigned diagonal =
            bit_of(flags, 0) + bit_of(flags, 2) + bit_of(flags, 6) + bit_of(flags, 8);
        const auto set = [&table, flags](Subband subband, unsigned context) {
            table[static_cast<std::size_t>(subband)][flags] = static_cast<std::uint8_t>(context);
        };
        set(Subband::ll, context_by_sides(across, down, diagonal));
        set(Subband::lh, context_by_sides(across, down, diagonal));
        set(Subband::hl, context_by_sides(down, across, diagonal));
        set(Subband::hh, context_by_corners(across + down, diagonal));
    }
    return table;
}

constexpr SignificanceContexts significance_contexts = make_significance_contexts();

/// The context, and in the highest bit whether the symbol is the contrary of the sign.
constexpr unsigned contrary = 0x80;

constexpr unsigned sign_context(int across, int down) {
    const bool flips = across < 0 || (across == 0 && down < 0);
    if (flips) {
        across = -across;
        down = -down;
    }
    const unsigned offset =
        across == 0 ? static_cast<unsigned>(down) : static_cast<unsigned>(3 + down);
    return (first_sign_context + offset) | (flips ? contrary : 0);
}

/// By significance above, left, right and below, and by their signs.
constexpr std::array<std::uint8_t, 256> make_sign_contexts() {
    std::array<std::uint8_t, 256> table{};
    for (unsigned flags = 0; flags < table.size(); ++flags) {
        const auto part = [flags](unsigned number) {
            return bit_of(flags, number) == 0 ? 0 : bit_of(flags, number + 4) != 0 ? -1 : 1;
        };
        const int across = std::clamp(part(1) + part(2), -1, 1);
        const int down = std::clamp(part(0) + part(3), -1, 1);
        table[flags] = static_cast<std::uint8_t>(sign_context(across, down));
    }
    return table;
}

constexpr std::array<std::uint8_t, 256> sign_contexts = make_sign_contexts();

[[gnu::always_inline]] inline unsigned sign_neighbours(const std::uint32_t* flags, unsigned row) {
    const std::uint32_t near = *flags >> (3 * row);
    const unsigned own_sign = first_sign + row;
    return bit_of(near, 1) | bit_of(near, 3) << 1U | bit_of(near, 5) << 2U | bit_of(near, 7) << 3U |
           bit_of(*flags, own_sign) << 4U | bit_of(flags[-1], own_sign + 1) << 5U |
           bit_of(flags[1], own_sign + 1) << 6U | bit_of(*flags, own_sign + 2) << 7U;
}

/// Tells the coefficient's neighbours that it is significant now, and its sign.
[[gnu::always_inline]] inline void mark_significant(std::uint32_t* flags, std::size_t pitch,
                                                    unsigned row, std::uint32_t is_negative) {
    const unsigned at = 3 * row + 3;
    flags[-1] |= bit(at + 2);
    *flags |= bit(at + 1) | is_negative << (first_sign + row + 1);
    flags[1] |= bit(at);
    if (row == 0) {
        std::uint32_t* const above = flags - pitch;
        above[-1] |= bit(17);
        *above |= bit(16) | is_negative << (first_sign + 5);
        above[1] |= bit(15);
    }
    if (row == rows_of_stripe - 1) {
        std::uint32_t* const below = flags + pitch;
        below[-1] |= bit(2);
        *below |= bit(1) | is_negative << first_sign;
        below[1] |= bit(0);
    }
}

}  // namespace

void BlockDecoder::decode(const BlockCoding& coding, const std::vector<std::uint8_t>& code) {
    width_ = coding.width;
    height_ = coding.height;
    pitch_ = std::size_t{width_} + 2;
    coefficients_.assign(std::size_t{width_} * height_, 0);
    flags_.assign(pitch_ * ((height_ + rows_of_stripe - 1) / rows_of_stripe + 2), 0);
    contexts_.fill(mq_state(0));
    contexts_[0] = mq_state(4);
    contexts_[run_context] = mq_state(3);
    contexts_[uniform_context] = mq_state(46);
    significance_contexts_ = significance_contexts[static_cast<std::size_t>(coding.subband)].data();
    MqDecoder mq(code);
    // The first plane has a cleanup pass only.
    for (unsigned pass = 2; pass < coding.passes + 2; ++pass)
        mq = (this->*scans()[pass % 3])(coding.planes - pass / 3, mq);
}

const std::array<BlockDecoder::Scan, 3>& BlockDecoder::scans() {
    static constexpr std::array<Scan, 3> anywhere{
        &BlockDecoder::scan_anywhere<&BlockDecoder::find_significant>,
        &BlockDecoder::scan_anywhere<&BlockDecoder::refine>,
        &BlockDecoder::scan_anywhere<&BlockDecoder::clean_up>};
#if defined(__x86_64__)
    static constexpr std::array<Scan, 3> by_bmi{
        &BlockDecoder::scan_by_bmi<&BlockDecoder::find_significant>,
        &BlockDecoder::scan_by_bmi<&BlockDecoder::refine>,
        &BlockDecoder::scan_by_bmi<&BlockDecoder::clean_up>};
    static const bool has_bmi = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                                __builtin_cpu_supports("lzcnt");
    if (has_bmi) return by_bmi;
#endif
    return anywhere;
}

template <BlockDecoder::Pass pass>
MqDecoder BlockDecoder::scan_anywhere(unsigned plane, MqDecoder mq) {
    return scan<pass>(plane, mq);
}

#if defined(__x86_64__)
template <BlockDecoder::Pass pass>
MqDecoder BlockDecoder::scan_by_bmi(unsigned plane, MqDecoder mq) {
    return scan<pass>(plane, mq);
}
#endif

/// One pass, column by column of each stripe. It has the arithmetic decoder by value.
template <BlockDecoder::Pass pass>
[[gnu::always_inline]] inline MqDecoder BlockDecoder::scan(unsigned plane, MqDecoder mq) {
    Column column{};
    column.half = bit(plane - 1);
    for (std::uint32_t y = 0; y < height_; y += rows_of_stripe) {
        std::uint32_t* const flags = flags_.data() + (y / rows_of_stripe + 1) * pitch_ + 1;
        std::uint32_t* const coefficients = coefficients_.data() + std::size_t{y} * width_;
        const unsigned rows = std::min<unsigned>(rows_of_stripe, height_ - y);
        for (std::uint32_t x = 0; x < width_; ++x) {
            column.flags = flags + x;
            column.coefficients = coefficients + x;
            // A constant lets the compiler write out all four.
            if (rows == rows_of_stripe)
                (this->*pass)(mq, column, rows_of_stripe);
            else
                (this->*pass)(mq, column, rows);
        }
    }
    return mq;
}

[[gnu::always_inline]] inline void
BlockDecoder::find_significant(MqDecoder& mq, const Column& column, unsigned rows) {
    std::uint32_t& flags = *column.flags;
    if (flags == 0 || (flags & significant_rows) == significant_rows) return;
#pragma GCC unroll 4
    for (unsigned row = 0; row < rows; ++row) {
        const std::uint32_t near = window(flags, row);
        if ((near & itself) != 0 || (near & neighbours) == 0) continue;
        flags |= bit(first_visited + row);
        if (mq.decode_random(contexts_[significance_contexts_[near]]) != 0)
            become_significant(mq, column, row);
    }
}

[[gnu::always_inline]] inline void BlockDecoder::refine(MqDecoder& mq, const Column& column,
                                                        unsigned rows) {
    const std::uint32_t flags = *column.flags;
    if ((flags & significant_rows) == 0) return;
    const auto change = [&column, this](unsigned row, std::uint32_t is_upper) {
        // From the middle of what it may be to the middle of its upper or lower half.
        column.coefficients[row * std::size_t{width_}] +=
            (column.half ^ (is_upper - 1)) - (is_upper - 1);
    };
    MqState again = contexts_[first_refinement_context + 2];
    if ((flags & (significant_rows | refined_rows | visited_rows)) ==
        (significant_rows | refined_rows)) {
        // As nearly all are in the end.
        for (unsigned row = 0; row < rows_of_stripe; ++row)
            change(row, mq.decode_random(again));
        contexts_[first_refinement_context + 2] = again;
        return;
    }
#pragma GCC unroll 4
    for (unsigned row = 0; row < rows; ++row) {
        const std::uint32_t near = window(flags, row);
        if ((near & itself) == 0 || bit_of(flags, first_visited + row) != 0) continue;
        if (bit_of(flags, first_refined + row) != 0) {
            change(row, mq.decode_random(again));
            continue;
        }
        const unsigned has_neighbours = (near & neighbours) != 0 ? 1 : 0;
        change(row, mq.decode_random(contexts_[first_refinement_context + has_neighbours]));
        *column.flags |= bit(first_refined + row);
    }
    contexts_[first_refinement_context + 2] = again;
}

[[gnu::always_inline]] inline void BlockDecoder::clean_up(MqDecoder& mq, const Column& column,
                                                          unsigned rows) {
    std::uint32_t& flags = *column.flags;
    unsigned row = 0;
    if (flags == 0 && rows == rows_of_stripe) {
        if (mq.decode(contexts_[run_context]) == 0) return;
        row = mq.decode_random(contexts_[uniform_context]) << 1U;
        row |= mq.decode_random(contexts_[uniform_context]);
        become_significant(mq, column, row++);
    }
    if ((flags & significant_rows) != significant_rows)
#pragma GCC unroll 4
        for (; row < rows; ++row) {
            const std::uint32_t near = window(flags, row);
            if ((near & itself) != 0 || bit_of(flags, first_visited + row) != 0) continue;
            if (mq.decode(contexts_[significance_contexts_[near]]) != 0)
                become_significant(mq, column, row);
        }
    flags &= ~visited_rows;
}

/// Reads the sign, too.
[[gnu::always_inline]] inline void
BlockDecoder::become_significant(MqDecoder& mq, const Column& column, unsigned row) {
    const unsigned context = sign_contexts[sign_neighbours(column.flags, row)];
    const std::uint32_t is_negative =
        mq.decode_random(contexts_[context & ~contrary]) ^ context >> 7U;
    column.coefficients[row * std::size_t{width_}] = 3 * column.half | is_negative << 31U;
    mark_significant(column.flags, pitch_, row, is_negative);
}

}  // namespace dcmtk_native::codec
