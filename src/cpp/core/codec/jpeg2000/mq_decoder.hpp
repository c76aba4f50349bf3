// The arithmetic decoder of JPEG 2000 (ITU-T T.800 annex C).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/byte_order.hpp"

namespace dcmtk_native::codec {

/// Where in 64 bits those 16 begin that the standard calls its registers; the highest bit is left
/// for a sign.
constexpr unsigned mq_point = 47;

/// How probable a symbol is (table C.2). One word, so that it fits a register.
class MqState {
  public:
    constexpr MqState() = default;
    constexpr MqState(unsigned number, unsigned probability, unsigned symbol)
        : word_(number | symbol << 16U | std::uint64_t{probability} << mq_point) {}

    /// Its place among the states.
    [[nodiscard]] constexpr std::size_t number() const { return word_ & 0xffU; }
    /// The more probable symbol.
    [[nodiscard]] constexpr std::uint64_t symbol() const { return word_ >> 16U & 1U; }
    /// Of the less probable symbol, as a part of the interval.
    [[nodiscard]] constexpr std::uint64_t probability() const {
        return word_ & std::uint64_t{0xffff} << mq_point;
    }

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

/// What follows a state when the interval is renormalized.
struct alignas(16) MqTransition {
    MqState if_more_probable;
    MqState if_less_probable;
};

/// Of each state; those of table C.2 are there twice: with the more probable symbol 0, and with 1.
extern const std::array<MqTransition, 94> mq_transitions;

/// A row of the table, with 0 as the more probable symbol.
[[nodiscard]] MqState mq_state(unsigned row);

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
        const std::uint64_t code = code_ - state.probability();
        if (code >> 63U == 0 && interval >= least_interval) {
            interval_ = interval;
            code_ = code;
            return static_cast<std::uint32_t>(state.symbol());
        }
        return decode_random(context);
    }

    /// The same of a symbol that is as good as random.
    [[gnu::always_inline]] std::uint32_t decode_random(MqState& context) {
        const MqState state = context;
        const std::uint64_t lower = state.probability();
        const MqTransition next = mq_transitions[state.number()];
        const std::uint64_t upper = interval_ - lower;
        const std::uint64_t upper_code = code_ - lower;
        // All ones or none.
        const std::uint64_t is_lower = 0 - (upper_code >> 63U);
        const std::uint64_t is_rare = is_lower ^ (0 - ((upper - lower) >> 63U));
        const std::uint64_t stays = ~is_lower & (0 - (upper >> 62U));
        context = MqState::any_of(next.if_more_probable, ~(is_rare | stays), next.if_less_probable,
                                  is_rare, state, stays);
        interval_ = upper ^ ((upper ^ lower) & is_lower);
        code_ = upper_code + (lower & is_lower);
        const int shift = __builtin_clzll(interval_) - 1;
        interval_ <<= shift;
        code_ <<= shift;
        ahead_ -= shift;
        if (ahead_ < 0) refill();
        return static_cast<std::uint32_t>((state.symbol() ^ is_rare) & 1U);
    }

  private:
    static constexpr std::uint64_t least_interval = std::uint64_t{0x8000} << mq_point;

    [[gnu::always_inline]] void refill() {
        const std::uint64_t bits = runtime::load<std::uint32_t>(next_, true);
        code_ += bits << (static_cast<int>(mq_point) - 32 - ahead_);
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
