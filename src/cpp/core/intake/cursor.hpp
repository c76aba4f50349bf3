// A place in a source: the bytes from it on that are in memory, and how to get at more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "intake/source.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::intake {

inline runtime::Tag tag_at(const std::uint8_t* p, bool big_endian) {
    return runtime::make_tag(runtime::load<std::uint16_t>(p, big_endian),
                             runtime::load<std::uint16_t>(p + 2, big_endian));
}

/// Goes from `begin` to `end` of a source. Whoever goes fast moves `at` himself, up to `stop`.
class Cursor {
  public:
    Cursor(Source& source, std::uint64_t begin, std::uint64_t end)
        : source_(source), end_(end), behind_(begin) {}

    const std::uint8_t* at = nullptr;

    [[nodiscard]] const std::uint8_t* stop() const noexcept { return stop_; }
    [[nodiscard]] std::size_t in_memory() const noexcept {
        return static_cast<std::size_t>(stop_ - at);
    }
    [[nodiscard]] std::uint64_t position() const noexcept { return behind_ - in_memory(); }
    /// What can be pointed to for as long as the source lives; nullptr: this is a passing look.
    [[nodiscard]] const std::uint8_t* lasting(const std::uint8_t* p) const noexcept {
        return kept_ ? p : nullptr;
    }

    /// Makes `count` bytes readable; false when the data ends before.
    [[nodiscard]] bool require(std::size_t count) {
        if (in_memory() >= count) return true;
        const std::uint64_t offset = position();
        if (end_ - offset < count) return false;
        look_through(source_.window(offset, count), offset);
        return true;
    }
    /// The same for a few bytes among many that are of no interest.
    [[nodiscard]] bool glance(std::size_t count) {
        if (in_memory() >= count) return true;
        const std::uint64_t offset = position();
        if (end_ - offset < count) return false;
        look_through(source_.glance(offset, count), offset);
        return true;
    }
    /// Goes on `count` bytes further on, which need not be in memory but must exist.
    void skip(std::uint64_t count) {
        if (count <= in_memory()) {
            at += count;
        } else {
            leave_window(position() + count);
        }
    }
    /// What comes now is of interest again.
    void end_glance() {
        if (!kept_) leave_window(position());
    }

  private:
    void look_through(const Window& window, std::uint64_t offset) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(window.size, end_ - offset));
        at = window.data;
        stop_ = at + size;
        behind_ = offset + size;
        kept_ = window.kept;
    }
    void leave_window(std::uint64_t offset) {
        at = stop_ = nullptr;
        behind_ = offset;
    }

    Source& source_;
    std::uint64_t end_;
    std::uint64_t behind_;  // the offset of stop_
    const std::uint8_t* stop_ = nullptr;
    bool kept_ = false;
};

}  // namespace dcmtk_native::intake
