// Packet headers of JPEG 2000 (ITU-T T.800 section B.10), bit by bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dcmtk_native::codec {

/// A packet is not what it should be: caught where packets are walked through.
struct Unsound {};

inline void demand(bool condition) {
    if (!condition) throw Unsound();
}

/// Bits of a packet header: behind 0xff one is stuffed.
class HeaderBits {
  public:
    explicit HeaderBits(std::string_view bytes) : bytes_(bytes) {}

    unsigned bit() {
        if (left_ == 0) next();
        return current_ >> --left_ & 1U;
    }
    std::uint32_t bits(unsigned count) {
        std::uint32_t value = 0;
        for (; count != 0; --count)
            value = value << 1U | bit();
        return value;
    }
    /// Bytes of the header, with the stuffed one behind a last 0xff.
    std::size_t finish() {
        if (at_ != 0 && current_ == 0xff) next();
        return at_;
    }

  private:
    void next() {
        demand(at_ < bytes_.size());
        left_ = at_ != 0 && current_ == 0xff ? 7 : 8;
        current_ = static_cast<unsigned char>(bytes_[at_++]);
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    unsigned current_ = 0;
    unsigned left_ = 0;
};

}  // namespace dcmtk_native::codec
