// Which places of a column hold a value: one bit each, the lowest first, as Arrow has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dcmtk_native::scan {

class Bitmap {
  public:
    void append(bool is_valid) {
        if ((size_ & 7U) == 0) bytes_.push_back(0);
        if (is_valid) {
            bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (1U << (size_ & 7U)));
        } else {
            ++nulls_;
        }
        ++size_;
    }
    void append(const Bitmap& other) {
        if ((size_ & 7U) == 0) {
            bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
            size_ += other.size_;
            nulls_ += other.nulls_;
            return;
        }
        for (std::size_t i = 0; i < other.size_; ++i) append(other[i]);
    }
    /// Takes away what is behind the first `size` bits.
    void truncate(std::size_t size) {
        for (; size_ > size; --size_) {
            const std::size_t last = size_ - 1;
            if (!(*this)[last]) --nulls_;
            bytes_[last >> 3] = static_cast<std::uint8_t>(bytes_[last >> 3] & ~(1U << (last & 7U)));
        }
        bytes_.resize((size_ + 7) / 8);
    }
    [[nodiscard]] bool operator[](std::size_t i) const {
        return ((bytes_[i >> 3] >> (i & 7U)) & 1U) != 0;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t nulls() const noexcept { return nulls_; }
    [[nodiscard]] const std::uint8_t* data() const noexcept { return bytes_.data(); }

  private:
    std::vector<std::uint8_t> bytes_;
    std::size_t size_ = 0;
    std::size_t nulls_ = 0;
};

}  // namespace dcmtk_native::scan
