// Uncompressed pixel data: where it is, and frames of it as memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "codec/frames/pixel_module.hpp"
#include "data/draft.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::codec {

class NativePixels {
  public:
    /// `draft` must outlive this. Throws Error: codec, when there is less pixel data than the
    /// module claims.
    NativePixels(const data::Draft& draft, const data::Node& pixel_data, const PixelModule& module);

    /// A frame by the module's format, in host byte order, unused bits as they are.
    void read_frame(std::uint64_t frame, std::uint8_t* out) const;
    /// Where a frame's bytes begin in the source, and how many they are; of bits the bytes that
    /// hold them.
    struct Range {
        std::uint64_t offset;
        std::uint64_t length;
    };
    [[nodiscard]] Range range_in_source(std::uint64_t frame) const;

    /// True if the stored bytes are what `read_frame` gives.
    [[nodiscard]] bool is_plain() const noexcept;
    /// All frames where they are, in memory or as a mapping of the file; only if `is_plain`.
    [[nodiscard]] runtime::Buffer view() const;

  private:
    [[nodiscard]] Range range(std::uint64_t frame) const;
    void read_stored(std::uint64_t begin, std::uint64_t size, std::uint8_t* out) const;
    /// The same, in host byte order.
    void read_bytes(std::uint64_t begin, std::uint64_t size, std::uint8_t* out) const;
    [[nodiscard]] runtime::Buffer map_file() const;

    const data::Draft& draft_;
    const PixelModule& module_;
    const std::uint8_t* memory_ = nullptr;  // nullptr: left in the file
    std::shared_ptr<const void> owner_;     // of memory_, where it is the node's own
    std::uint64_t offset_ = 0;              // in the source
    std::uint64_t length_ = 0;
    unsigned reversed_width_ = 1;  // bytes of the numbers whose order is not the host's
};

}  // namespace dcmtk_native::codec
