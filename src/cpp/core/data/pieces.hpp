// An output before it is written: bytes of our own, whose lengths are filled in afterwards, and
// references to memory and to ranges of the source, which are not copied until then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "intake/source.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::data {

class Pieces {
  public:
    /// `source` is what ranges refer to; nullptr if there will be none.
    explicit Pieces(const intake::Source* source) : source_(source) {}

    /// Copies the bytes and tells where they are, for `patch`.
    std::size_t add(std::string_view bytes);
    void add_zeros(std::size_t count);
    /// The same as a piece that can be taken back. Tells which piece it is; the bytes are the last
    /// ones added.
    std::size_t add_removable(std::string_view bytes);
    void remove(std::size_t piece);
    /// Bytes that outlive the object. Their numbers of `width` bytes are turned on the way out (1:
    /// they are not).
    void add_memory(std::string_view bytes, unsigned width);
    /// [begin, end) of the source, likewise.
    void add_source(std::uint64_t begin, std::uint64_t end, unsigned width);

    void patch(std::size_t position, std::string_view bytes);
    /// The last bytes that were copied, to be worked over in place.
    [[nodiscard]] char* at(std::size_t position) { return own_.data() + position; }

    /// Bytes that were copied, which is where the next one goes.
    [[nodiscard]] std::size_t own_size() const noexcept { return own_.size(); }
    /// Bytes of all pieces.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    void write(runtime::Sink& sink) const;

  private:
    struct Piece {
        enum class Kind : std::uint8_t { own, memory, source } kind;
        std::uint8_t width;
        std::uint64_t begin;  // position in own_ or offset in the source
        std::uint64_t size;
        const char* memory;
    };

    void write_own(const Piece& piece, runtime::Sink& sink) const;
    void write_memory(const Piece& piece, runtime::Sink& sink) const;
    void write_source(const Piece& piece, int descriptor, runtime::Sink& sink) const;

    const intake::Source* source_;
    std::string own_;
    std::vector<Piece> pieces_;
    std::uint64_t size_ = 0;
    bool last_is_closed_ = false;  // nothing may be added to the last piece
};

}  // namespace dcmtk_native::data
