// The arithmetic decoder of JPEG 2000 (ITU-T T.800 annex C).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/byte_order.hpp"

namespace dcmtk_native::codec {

/// How probable a symbol is, and what becomes of that (table C.2). One word, so that it fits a
/// register.
class MqState {
  public:
    constexpr MqState() = default;
    constexpr MqState(unsigned probability, unsigned symbol, unsigned if_more, unsigned if_less)
        : word_(probability | std::uint64_t{symbol} << 16U | std::uint64_t{if_more} << 32U |
                std::uint64_t{if_less} << 40U |
                static_cast<std::uint64_t>(__builtin_clz(probability) - 16) << 24U) {}

    /// Of the less probable symbol.
    [[nodiscard]] constexpr std::uint64_t probability() const { return word_ & 0xffffU; }
    /// The more probable symbol.
    [[nodiscard]] constexpr std::uint64_t symbol() const { return word_ >> 16U & 1U; }
    /// By how much an interval of that probability is renormalized.
    [[nodiscard]] constexpr std::uint64_t shift() const { return word_ >> 24U & 0xffU; }
    /// Numbers of the states that follow a renormalization.
    [[nodiscard]] constexpr std::size_t if_more_probable() const { return word_ >> 32U & 0xffU; }
    [[nodiscard]] constexpr std::size_t if_less_probable() const { return word_ >> 40U & 0xffU; }

    /// That one whose mask is all ones.
    [[nodiscard]] static constexpr MqState any_of(MqState a, std::uint64_t mask_a, MqState b,
                                                  std::uint64_t mask_b, MqState c,
                                                  std::uint64_t mask_c) {
        MqState any;
        any.word_ = (a.word_ & mask_a) | (b.word_ & mask_b) | (c.word_ & mask_c);
        return any;
    }

  private:
    std::uint64_t word_ = 0;
};

/// Each state of the table twice: of the more probable symbol 0, and of 1.
extern const std::array<MqState, 94> mq_states;

[[nodiscard]] constexpr std::size_t mq_state(unsigned row) { return std::size_t{row} * 2; }

/// Replaces `code` by the bits of a codeword: without what was stuffed behind each 0xff, and with
/// ones behind its end or a marker.
constexpr std::size_t padding_of_code = 2 * sizeof(std::uint32_t);
void unstuff(const std::uint8_t* bytes, std::size_t size, std::vector<std::uint8_t>& code);

/// Reads symbols from the bits of a codeword.
///
/// The code register is that of the standard (C.3), with more bits below it, so that many are read
/// at a time. Small enough to be copied: within a loop a copy stays in the processor's registers.
/// Branches that noise would have to foretell cost more than all the rest, so that masks do their
/// work.
class MqDecoder {
  public:
    /// `code` is made by `unstuff`, and must outlive this.
    explicit MqDecoder(const std::vector<std::uint8_t>& code)
        : next_(code.data()), ones_(code.data() + code.size() - padding_of_code) {
        refill();
    }

    /// A symbol whose context makes it foreseeable.
    [[gnu::always_inline]] std::uint32_t decode(MqState& context) {
        const MqState state = context;
        const std::uint64_t interval = interval_ - state.probability();
        const std::uint64_t code = code_ - (state.probability() << point);
        if (!is_negative(code) && interval >= least_interval) {
            interval_ = interval;
            code_ = code;
            return static_cast<std::uint32_t>(state.symbol());
        }
        return decode_random(context);
    }

    /// The same of a symbol that is as good as random.
    [[gnu::always_inline]] std::uint32_t decode_random(MqState& context) {
        const MqState state = context;
        const std::uint64_t probability = state.probability();
        const MqState more = mq_states[state.if_more_probable()];
        const MqState less = mq_states[state.if_less_probable()];
        const std::uint64_t upper = interval_ - probability;
        const std::uint64_t upper_code = code_ - (probability << point);
        // All ones or none.
        const std::uint64_t is_lower = 0 - (upper_code >> 63U);
        const std::uint64_t is_rare = is_lower ^ (0 - ((upper - probability) >> 63U));
        const std::uint64_t stays = ~is_lower & (0 - (upper >> 15U));
        const std::uint64_t upper_shift =
            ((upper - least_interval) >> 63U) + ((upper - least_interval / 2) >> 63U);
        const std::uint64_t shift = upper_shift ^ ((upper_shift ^ state.shift()) & is_lower);
        context = MqState::any_of(more, ~(is_rare | stays), less, is_rare, state, stays);
        interval_ = (upper ^ ((upper ^ probability) & is_lower)) << shift;
        code_ = (upper_code + ((probability << point) & is_lower)) << shift;
        ahead_ -= static_cast<int>(shift);
        if (ahead_ < 0) refill();
        return static_cast<std::uint32_t>((state.symbol() ^ is_rare) & 1U);
    }

  private:
    // Where in code_ the 16 bits begin that are compared; the highest bit is left for a sign.
    static constexpr int point = 47;
    static constexpr std::uint64_t least_interval = 0x8000;

    static bool is_negative(std::uint64_t number) { return number >> 63U != 0; }

    [[gnu::always_inline]] void refill() {
        const std::uint64_t bits = runtime::load<std::uint32_t>(next_, true);
        code_ += bits << (point - 32 - ahead_);
        ahead_ += 32;
        next_ = next_ < ones_ ? next_ + sizeof(std::uint32_t) : next_;
    }

    std::uint64_t code_ = 0;
    std::uint64_t interval_ = least_interval;
    int ahead_ = -15;  // bits of the codeword below the point; but for a carry it begins with them
    const std::uint8_t* next_;
    const std::uint8_t* ones_;  // from here on there are no others
};

}  // namespace dcmtk_native::codec
