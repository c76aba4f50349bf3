#include "codec/jpeg/entropy.hpp"

#include <algorithm>
#include <cstring>

#include "intake/jpeg_markers.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::size_t chunk = std::size_t{32} << 10;
constexpr std::size_t read_ahead = 16;  // 8 in the reader, 8 that it looks at

}  // namespace

EntropySource::EntropySource(std::string_view stream, std::size_t position, std::size_t step)
    : stream_(stream), position_(position), step_(step + read_ahead),
      window_(step_ + std::min(chunk, stream.size()) + step_) {}

void EntropySource::provide_more(BitReader& reader) {
    const std::size_t taken = reader.at_ == nullptr ? 0 : loaded(reader);
    reader.at_ = window_.data() + taken;
    if (has_ended_) return;
    std::memmove(window_.data(), reader.at_, size_ - taken);
    size_ -= taken;
    reader.at_ = window_.data();
    fill();
}

/// Copies data up to the end of the window's first two parts, or to a marker. The third part takes the
/// zeros behind the end.
void EntropySource::fill() {
    const std::size_t capacity = window_.size() - step_;
    const char* const stream = stream_.data();
    while (size_ < capacity) {
        const std::size_t most = std::min(capacity - size_, stream_.size() - position_);
        if (most == 0) return end_at(position_);
        const void* found = std::memchr(stream + position_, 0xFF, most);
        const std::size_t plain =
            found == nullptr
                ? most
                : static_cast<std::size_t>(static_cast<const char*>(found) - stream) - position_;
        std::memcpy(window_.data() + size_, stream + position_, plain);
        size_ += plain;
        position_ += plain;
        if (found == nullptr) continue;
        // Several FF before a zero are one, as libjpeg reads them; before a marker they are fill bytes.
        std::size_t behind = position_ + 1;
        while (behind < stream_.size() && stream[behind] == '\xFF') ++behind;
        if (behind == stream_.size() || stream[behind] != 0) return end_at(behind - 1);
        window_[size_++] = 0xFF;
        position_ = behind + 1;
    }
}

void EntropySource::end_at(std::size_t position) noexcept {
    position_ = position;
    has_ended_ = true;
    std::memset(window_.data() + size_, 0, step_);
}

bool EntropySource::restart(BitReader& reader, unsigned number) {
    while (!has_ended_) {
        size_ = 0;
        fill();
    }
    const std::string_view rest = stream_.substr(position_);
    if (rest.size() < 2 || rest[0] != '\xFF' ||
        static_cast<std::uint8_t>(rest[1]) != intake::jpeg::rst0 + number)
        return false;
    position_ += 2;
    size_ = 0;
    has_ended_ = false;
    reader = BitReader();
    return true;
}

}  // namespace dcmtk_native::codec
