// Which fragments of encapsulated pixel data are which frame (PS3.5 section A.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/draft.hpp"

namespace dcmtk_native::codec {

/// The value of one fragment.
struct Fragment {
    std::uint64_t offset = 0;  // in the source; 0 for what is in memory only
    std::uint64_t length = 0;
    const std::uint8_t* memory = nullptr;  // nullptr: left in the file
    std::uint64_t item_offset = 0;         // of its item, from the first fragment's item on
};

enum class OffsetTables : std::uint8_t { use, ignore };

class CodedFrames {
  public:
    /// By the extended offset table, the basic one, one fragment a frame, or the streams' own
    /// beginnings, in this order; a table that points beside the fragments is passed over with a
    /// warning. `draft` must outlive this. Throws Error: codec, when nothing tells the frames
    /// apart.
    CodedFrames(const data::Draft& draft, const data::Item& item, const data::Node& pixel_data,
                std::uint64_t frames, OffsetTables tables);

    [[nodiscard]] std::size_t size() const noexcept { return first_.size() - 1; }
    /// The fragments of a frame.
    [[nodiscard]] const Fragment* begin(std::size_t frame) const { return &fragments_[first_[frame]]; }
    [[nodiscard]] const Fragment* end(std::size_t frame) const {
        return fragments_.data() + first_[frame + 1];
    }
    /// The stream of a frame; put together in `store` where it is not one piece of memory.
    [[nodiscard]] std::string_view stream(std::size_t frame, std::string& store) const;

  private:
    void take_stored(std::uint32_t pixel_data, std::string& table);
    void take_own(const data::Fragments& own, std::string& table);
    bool group_by_offsets(const std::vector<std::uint64_t>& offsets);
    bool group_by_streams(std::uint64_t frames);
    void copy(const Fragment& fragment, char* out) const;

    const data::Draft& draft_;
    std::vector<Fragment> fragments_;
    std::vector<std::size_t> first_;  // of each frame, and behind the last
};

}  // namespace dcmtk_native::codec
