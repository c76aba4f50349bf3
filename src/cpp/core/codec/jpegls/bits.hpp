// Entropy coded bits without their stuffing (ITU-T T.87 section A.1): after a byte FF only seven bits of
// the next byte count. Whole words are stuffed and unstuffed here, so the coders see plain bits and
// need to look at no byte and at no end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace dcmtk_native::codec::jpegls {

/// Room that the longest codes of a line take, in bytes: a code word has at most LIMIT (64) bits, and the
/// length of a run before it at most 16.
[[nodiscard]] constexpr std::size_t longest_line(std::size_t samples) noexcept {
    return samples * 12 + 64;
}

[[nodiscard]] inline std::uint64_t load_big_endian(const std::uint8_t* from) noexcept {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return __builtin_bswap64(word);
}
inline void store_big_endian(std::uint8_t* to, std::uint64_t word) noexcept {
    word = __builtin_bswap64(word);
    std::memcpy(to, &word, sizeof word);
}

/// A window of plain bits over one entropy coded segment, which ends at a marker or with the stream.
class BitSource {
  public:
    /// `line_samples` rules the size of the window.
    explicit BitSource(std::size_t line_samples);

    /// Starts at offset `at` of `coded`.
    void start(std::string_view coded, std::size_t at) noexcept;
    /// Makes sure that the bits of a whole line are in the window, or all that there are. What follows the
    /// last bit reads as zeros, at least 56 bytes of them.
    void prepare_line() noexcept {
        if (!exhausted_ && position_ / 8 + line_bytes_ > filled_) refill();
    }
    /// No bit behind the last was taken.
    [[nodiscard]] bool is_intact() const noexcept {
        return !exhausted_ || position_ <= last_bit_;
    }
    /// Where the segment's marker begins in `coded`, or the size of `coded`.
    [[nodiscard]] std::size_t find_end() const noexcept;

    [[nodiscard]] const std::uint8_t* window() const noexcept { return window_.get(); }
    /// The next bit in the window. Coders keep it in a register and give it back after each line.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    void set_position(std::size_t position) noexcept { position_ = position; }

  private:
    void refill() noexcept;
    void unstuff() noexcept;
    /// One byte, or an FF and what is in the byte behind it. False at the end of the segment.
    bool unstuff_byte() noexcept;
    void put(std::uint64_t bits, unsigned count) noexcept;

    std::size_t line_bytes_;
    std::size_t capacity_;
    std::unique_ptr<std::uint8_t[]> window_;
    std::string_view coded_;
    std::size_t next_ = 0;      // the first byte of `coded_` that is not in the window
    std::size_t filled_ = 0;    // bytes in the window
    std::uint64_t pending_ = 0; // bits that do not fill a byte, from the top
    unsigned pending_bits_ = 0;
    std::size_t position_ = 0;
    std::size_t last_bit_ = 0;
    bool exhausted_ = false;
};

/// Collects the plain bits of a line and stuffs them into a stream.
class BitSink {
  public:
    explicit BitSink(std::size_t line_samples)
        : line_(std::make_unique<std::uint8_t[]>(longest_line(line_samples))) {}

    /// Where a coder puts the bits of the next line; there is room for the longest.
    [[nodiscard]] std::uint8_t* line() noexcept { return line_.get(); }
    /// Takes the first `bits` of the line; a byte that is not full waits for the next line.
    void stuff(std::size_t bits, std::string& stream);
    /// Ends the segment: zeros fill the last byte.
    void finish(std::string& stream);

  private:
    void put(std::uint64_t bits, unsigned count, std::uint8_t*& to) noexcept;

    std::unique_ptr<std::uint8_t[]> line_;
    std::uint64_t pending_ = 0; // bits that do not fill a byte, from the top
    unsigned pending_bits_ = 0;
    bool after_ff_ = false;
};

}  // namespace dcmtk_native::codec::jpegls
