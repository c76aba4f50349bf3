// The offsets by which the records of a DICOMDIR refer to one another (PS3.3 section F.3.2.2), kept
// right when the records move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "data/pieces.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::data {

constexpr runtime::Tag directory_record_sequence = 0x00041220;

/// An element whose value is the offset of a record in the file.
[[nodiscard]] constexpr bool is_record_offset(runtime::Tag tag) {
    switch (tag) {
    case 0x00041200:  // of the first record of the root
    case 0x00041202:  // of the last
    case 0x00041400:  // of the next record
    case 0x00041420:  // of the lower level
    case 0x00041504:  // of a multi-referenced file's record
        return true;
    default:
        return false;
    }
}

class RecordOffsets {
  public:
    /// A record stands at `now` in the output that stood at `before` in the input.
    void add_record(std::uint64_t before, std::uint64_t now) { moved_[before] = now; }
    /// An offset has been written as it was, at a position of the bytes that the pieces have
    /// copied.
    void add_reference(std::size_t position, std::uint32_t before) {
        references_.push_back({position, before});
    }

    /// Puts the new offsets in the place of the old ones; one that leads to no record stays, with a
    /// warning.
    void settle(Pieces& pieces, bool big_endian) const;

  private:
    struct Reference {
        std::size_t position;
        std::uint32_t before;  // 0: to no record
    };

    std::map<std::uint64_t, std::uint64_t> moved_;
    std::vector<Reference> references_;
};

}  // namespace dcmtk_native::data
