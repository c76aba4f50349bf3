#include "codec/jpegls/bits.hpp"

#include <algorithm>

namespace dcmtk_native::codec::jpegls {

namespace {

constexpr std::size_t word_bytes = 8;
constexpr std::size_t zeros_behind = 64;

bool has_ff(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    return ((~word - ones) & word & (ones << 7)) != 0;
}

/// A left shift by 64 - bits that knows 64, too.
std::uint64_t to_top(std::uint64_t word, unsigned bits) noexcept { return (word << 1) << (63 - bits); }

}  // namespace

BitSource::BitSource(std::size_t line_samples)
    : line_bytes_(longest_line(line_samples)), capacity_(2 * line_bytes_ + 16384),
      window_(std::make_unique<std::uint8_t[]>(capacity_ + zeros_behind)) {}

void BitSource::start(std::string_view coded, std::size_t at) noexcept {
    coded_ = coded;
    next_ = at;
    filled_ = 0;
    pending_ = 0;
    pending_bits_ = 0;
    position_ = 0;
    last_bit_ = 0;
    exhausted_ = false;
}

void BitSource::refill() noexcept {
    const std::size_t taken = position_ / 8;
    std::memmove(window_.get(), window_.get() + taken, filled_ - taken);
    filled_ -= taken;
    position_ -= taken * 8;
    unstuff();
    if (!exhausted_) return;
    last_bit_ = filled_ * 8 + pending_bits_;
    store_big_endian(window_.get() + filled_, pending_);
    std::memset(window_.get() + filled_ + word_bytes, 0, zeros_behind - word_bytes);
}

void BitSource::unstuff() noexcept {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(coded_.data());
    while (filled_ + word_bytes <= capacity_) {
        if (coded_.size() - next_ >= word_bytes) {
            const std::uint64_t word = load_big_endian(bytes + next_);
            if (!has_ff(word)) {
                store_big_endian(window_.get() + filled_, pending_ | (word >> pending_bits_));
                pending_ = to_top(word, pending_bits_);
                filled_ += word_bytes;
                next_ += word_bytes;
                continue;
            }
        }
        if (!unstuff_byte()) {
            exhausted_ = true;
            return;
        }
    }
}

bool BitSource::unstuff_byte() noexcept {
    if (next_ == coded_.size()) return false;
    const auto byte = static_cast<std::uint8_t>(coded_[next_]);
    if (byte != 0xFF) {
        put(byte, 8);
        ++next_;
        return true;
    }
    if (next_ + 1 == coded_.size()) return false;
    const auto stuffed = static_cast<std::uint8_t>(coded_[next_ + 1]);
    if (stuffed >= 0x80) return false;
    put((std::uint64_t{0xFF} << 7) | stuffed, 15);
    next_ += 2;
    return true;
}

void BitSource::put(std::uint64_t bits, unsigned count) noexcept {
    pending_ |= bits << (64 - pending_bits_ - count);
    pending_bits_ += count;
    for (; pending_bits_ >= 8; pending_bits_ -= 8) {
        window_[filled_++] = static_cast<std::uint8_t>(pending_ >> 56);
        pending_ <<= 8;
    }
}

std::size_t BitSource::find_end() const noexcept {
    for (std::size_t at = next_; (at = coded_.find('\xFF', at)) != std::string_view::npos; ++at)
        if (at + 1 < coded_.size() && static_cast<std::uint8_t>(coded_[at + 1]) >= 0x80) return at;
    return coded_.size();
}

void BitSink::stuff(std::size_t bits, std::string& stream) {
    const std::size_t before = stream.size();
    // Seven bits become eight at most.
    stream.resize(before + bits / 7 + 2 * word_bytes);
    auto* const begin = reinterpret_cast<std::uint8_t*>(stream.data());
    std::uint8_t* to = begin + before;
    const std::uint8_t* from = line_.get();
    for (; bits >= 64; bits -= 64, from += word_bytes) {
        const std::uint64_t word = load_big_endian(from);
        const std::uint64_t shifted = pending_ | (word >> pending_bits_);
        if (!after_ff_ && !has_ff(shifted)) {
            store_big_endian(to, shifted);
            to += word_bytes;
            pending_ = to_top(word, pending_bits_);
        } else {
            for (unsigned n = 0; n < word_bytes; ++n) put(from[n], 8, to);
        }
    }
    for (; bits >= 8; bits -= 8) put(*from++, 8, to);
    if (bits != 0) put(*from >> (8 - bits), static_cast<unsigned>(bits), to);
    stream.resize(static_cast<std::size_t>(to - begin));
}

void BitSink::put(std::uint64_t bits, unsigned count, std::uint8_t*& to) noexcept {
    pending_ |= bits << (64 - pending_bits_ - count);
    pending_bits_ += count;
    for (unsigned width = after_ff_ ? 7 : 8; pending_bits_ >= width; width = after_ff_ ? 7 : 8) {
        *to++ = static_cast<std::uint8_t>(pending_ >> (64 - width));
        pending_ <<= width;
        pending_bits_ -= width;
        after_ff_ = to[-1] == 0xFF;
    }
}

void BitSink::finish(std::string& stream) {
    // Behind an FF there has to be a byte, or the FF would belong to the marker that follows.
    if (pending_bits_ != 0 || after_ff_)
        stream.push_back(static_cast<char>(pending_ >> (after_ff_ ? 57 : 56)));
    pending_ = 0;
    pending_bits_ = 0;
    after_ff_ = false;
}

}  // namespace dcmtk_native::codec::jpegls
