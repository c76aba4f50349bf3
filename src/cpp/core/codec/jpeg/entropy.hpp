// Entropy-coded data of JPEG as plain bits: without the stuffed zeros (ITU-T T.81 section B.1.1.5), one
// restart interval after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/byte_order.hpp"

namespace dcmtk_native::codec {

/// Takes bits from bytes that it knows to be there; the highest bit comes first.
class BitReader {
  public:
    /// At least this many bits can be taken after a refill.
    static constexpr unsigned refilled = 56;

    /// Reads up to 8 bytes beyond what is taken.
    void refill() noexcept {
        bits_ |= runtime::load<std::uint64_t>(at_, true) >> count_;
        at_ += (63 - count_) >> 3;
        count_ |= refilled;
    }
    /// 1 to 32 bits.
    [[nodiscard]] std::uint32_t peek(unsigned count) const noexcept {
        return static_cast<std::uint32_t>(bits_ >> (64 - count));
    }
    void drop(unsigned count) noexcept {
        bits_ <<= count;
        count_ -= count;
    }

  private:
    friend class EntropySource;

    const std::uint8_t* at_ = nullptr;
    std::uint64_t bits_ = 0;
    unsigned count_ = 0;
};

/// Feeds a BitReader from the stream, a window at a time.
class EntropySource {
  public:
    /// From `position` on, for a reader that takes at most `step` bytes between two calls of `provide`.
    EntropySource(std::string_view stream, std::size_t position, std::size_t step);

    /// Makes the next `step` bytes readable; behind the end of the data there are zeros.
    void provide(BitReader& reader) {
        if (reader.at_ == nullptr || loaded(reader) + step_ > size_) provide_more(reader);
    }
    /// The reader has taken more than there was. Then it must not go on.
    [[nodiscard]] bool is_exceeded(const BitReader& reader) const noexcept {
        return has_ended_ && 8 * loaded(reader) - reader.count_ > 8 * size_;
    }
    /// Goes on behind the restart marker of that number; false when it is not there.
    [[nodiscard]] bool restart(BitReader& reader, unsigned number);
    /// In the stream: not beyond the marker that ends the data.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

  private:
    [[nodiscard]] std::size_t loaded(const BitReader& reader) const noexcept {
        return static_cast<std::size_t>(reader.at_ - window_.data());
    }
    void provide_more(BitReader& reader);
    void fill();
    void end_at(std::size_t position) noexcept;

    std::string_view stream_;
    std::size_t position_;
    std::size_t step_;
    std::vector<std::uint8_t> window_;
    std::size_t size_ = 0;  // of the data in the window
    bool has_ended_ = false;
};

}  // namespace dcmtk_native::codec
