// The index of a data set: one entry for every element, item and pixel fragment, flat, in document
// order. No value is copied.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/tag.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::intake {

constexpr std::uint32_t undefined_length = 0xFFFFFFFF;

/// One element, item or pixel fragment, as it stands in the source. Delimiters have no entry of
/// their own.
struct Entry {
    runtime::Tag tag;
    /// Resolved by the dictionary where the encoding is implicit; none for items and fragments.
    runtime::Vr vr;
    /// 0 at the top level; an item is one deeper than its sequence, its elements one more.
    std::uint8_t depth;
    std::uint8_t header_length : 6;  // bytes before the value: 8 or 12
    /// What it holds follows as entries: a sequence, an item, encapsulated pixel data.
    std::uint8_t is_container : 1;
    /// The entry is or is inside a sequence that stands as UN of undefined length: everything in
    /// that is implicit VR little endian, whatever the encoding around it (PS3.5 section 6.2.2,
    /// note 7).
    std::uint8_t in_unknown : 1;
    std::uint32_t length;       // as declared; undefined_length is possible for containers only
    std::uint32_t next;         // index of the first entry behind this one and all it holds
    std::uint64_t offset;       // of the value in the source
    std::uint64_t end;          // offset behind the element, its delimiter included
    const std::uint8_t* value;  // in memory; nullptr: left in the file (Source::read)

    [[nodiscard]] bool has_undefined_length() const noexcept { return length == undefined_length; }
    [[nodiscard]] std::uint64_t header_offset() const noexcept { return offset - header_length; }
    /// An item of a sequence, or a pixel fragment.
    [[nodiscard]] bool is_item() const noexcept { return tag == runtime::tags::item; }
    [[nodiscard]] bool is_sequence() const noexcept { return vr == runtime::Vr::SQ; }
    /// Pixel data whose fragments follow as entries of their own.
    [[nodiscard]] bool is_encapsulated() const noexcept {
        return vr == runtime::Vr::OB && has_undefined_length();
    }
};

/// Why the index cannot speak for the source; libdcmtk, which is more tolerant, has the last word
/// then.
struct Oddity {
    std::string what;  // for the log: "odd length of (0008,0070)"
    std::uint64_t offset = 0;
};

/// A growing array of small things in blocks: millions of them grow without a copy (one of 2 GB
/// takes a second, in which no call could be aborted), few of them take one small block.
template <typename T> class Blocks {
  public:
    class Iterator {
      public:
        Iterator(const Blocks& blocks, std::size_t position)
            : blocks_(&blocks), position_(position) {}
        const T& operator*() const { return (*blocks_)[position_]; }
        const T* operator->() const { return &(*blocks_)[position_]; }
        Iterator& operator++() {
            ++position_;
            return *this;
        }
        bool operator==(const Iterator& other) const { return position_ == other.position_; }
        bool operator!=(const Iterator& other) const { return position_ != other.position_; }

      private:
        const Blocks* blocks_;
        std::size_t position_;
    };

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const T& operator[](std::size_t i) const { return blocks_[i >> bits][i & mask]; }
    [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i >> bits][i & mask]; }
    [[nodiscard]] Iterator begin() const { return {*this, 0}; }
    [[nodiscard]] Iterator end() const { return {*this, size_}; }

    /// How much the first block should have room for.
    void expect(std::size_t count) { first_ = std::clamp<std::size_t>(count, 1, block_size); }
    /// A place at the end, its content undefined until it is assigned.
    T& append() {
        if (size_ == room_) make_room();
        return last_[size_++ & mask];
    }

  private:
    static_assert(std::is_trivial_v<T>);
    static constexpr unsigned bits = 16;
    static constexpr std::size_t block_size = std::size_t{1} << bits;
    static constexpr std::size_t mask = block_size - 1;

    void make_room() {
        const std::size_t used = size_ & mask;
        const std::size_t first = std::min(std::max(first_, 2 * used), block_size);
        const std::size_t count = size_ < block_size ? first : block_size;
        std::unique_ptr<T[]> block(new T[count]);
        if (used != 0) {
            std::copy_n(last_, used, block.get());
            blocks_.pop_back();
        }
        blocks_.push_back(std::move(block));
        last_ = blocks_.back().get();
        room_ = size_ - used + count;
    }

    std::vector<std::unique_ptr<T[]>> blocks_;
    T* last_ = nullptr;  // the block that grows
    std::size_t size_ = 0;
    std::size_t room_ = 0;
    std::size_t first_ = 16;
};

struct Index {
    Blocks<Entry> entries;
    Blocks<std::uint32_t> top_level;  // positions of the entries of depth 0
    std::vector<Oddity> oddities;     // the first few; empty: the index is the whole truth
    std::uint64_t end = 0;            // offset behind the last element

    /// In place of a position: there is no such entry.
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    /// Where the top-level entry of a tag stands (binary search), or `nowhere`.
    [[nodiscard]] std::size_t position(runtime::Tag tag) const noexcept;
    /// The same of the elements of an item, itself at position `item`; not deeper.
    [[nodiscard]] std::size_t position_in(std::size_t item, runtime::Tag tag) const noexcept;
    /// The top-level entry of a tag, or nullptr.
    [[nodiscard]] const Entry* find(runtime::Tag tag) const noexcept {
        const std::size_t at = position(tag);
        return at == nowhere ? nullptr : &entries[at];
    }
    /// The entry of a tag within an item, or nullptr.
    [[nodiscard]] const Entry* find_in(std::size_t item, runtime::Tag tag) const noexcept {
        const std::size_t at = position_in(item, tag);
        return at == nowhere ? nullptr : &entries[at];
    }
};

}  // namespace dcmtk_native::intake
