#include "data/pieces.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

constexpr std::size_t block_size = 256 * 1024;  // a multiple of every width
// Below it a read and a buffered write cost less than the flush and the system call of a kernel
// copy.
constexpr std::uint64_t min_kernel_copy = 128 * 1024;

/// Calls `take(offset, count)` for every block of a size.
template <typename Take>
void for_each_block(std::uint64_t size, Take&& take) {
    for (std::uint64_t at = 0; at < size; at += block_size)
        take(at, static_cast<std::size_t>(std::min<std::uint64_t>(size - at, block_size)));
}

}  // namespace

std::size_t Pieces::add(std::string_view bytes) {
    const std::size_t position = own_.size();
    own_.append(bytes);
    size_ += bytes.size();
    const bool goes_on =
        !pieces_.empty() && pieces_.back().kind == Piece::Kind::own && !last_is_closed_;
    if (goes_on) {
        pieces_.back().size += bytes.size();
    } else {
        pieces_.push_back({Piece::Kind::own, 1, position, bytes.size(), nullptr});
        last_is_closed_ = false;
    }
    return position;
}

void Pieces::add_zeros(std::size_t count) {
    const std::size_t position = add({});
    own_.resize(position + count, '\0');
    pieces_.back().size += count;
    size_ += count;
}

std::size_t Pieces::add_removable(std::string_view bytes) {
    last_is_closed_ = true;
    add(bytes);
    last_is_closed_ = true;
    return pieces_.size() - 1;
}

void Pieces::remove(std::size_t piece) {
    size_ -= pieces_[piece].size;
    pieces_[piece].size = 0;
}

void Pieces::add_memory(std::string_view bytes, unsigned width) {
    if (bytes.empty()) return;
    pieces_.push_back(
        {Piece::Kind::memory, static_cast<std::uint8_t>(width), 0, bytes.size(), bytes.data()});
    size_ += bytes.size();
    last_is_closed_ = false;
}

void Pieces::add_source(std::uint64_t begin, std::uint64_t end, unsigned width) {
    if (begin == end) return;
    size_ += end - begin;
    if (!pieces_.empty()) {
        Piece& last = pieces_.back();
        const bool adjoins = last.kind == Piece::Kind::source && last.begin + last.size == begin;
        if (adjoins && last.width == 1 && width == 1) {
            last.size += end - begin;
            return;
        }
    }
    pieces_.push_back(
        {Piece::Kind::source, static_cast<std::uint8_t>(width), begin, end - begin, nullptr});
    last_is_closed_ = false;
}

void Pieces::patch(std::size_t position, std::string_view bytes) {
    std::memcpy(own_.data() + position, bytes.data(), bytes.size());
}

void Pieces::write(runtime::Sink& sink) const {
    // A data set may have given its file back; it is opened once for all ranges then.
    runtime::FileDescriptor reopened;
    int descriptor = -1;
    if (source_ != nullptr && source_->memory().empty() && source_->size() != 0) {
        if (source_->descriptor() < 0) reopened = source_->reopen();
        descriptor = reopened.is_open() ? reopened.get() : source_->descriptor();
    }
    for (const Piece& piece : pieces_) {
        switch (piece.kind) {
        case Piece::Kind::own: write_own(piece, sink); break;
        case Piece::Kind::memory: write_memory(piece, sink); break;
        case Piece::Kind::source: write_source(piece, descriptor, sink); break;
        }
    }
}

void Pieces::write_own(const Piece& piece, runtime::Sink& sink) const {
    sink.write(own_.data() + piece.begin, static_cast<std::size_t>(piece.size));
}

void Pieces::write_memory(const Piece& piece, runtime::Sink& sink) const {
    if (piece.width == 1) {
        sink.write(piece.memory, static_cast<std::size_t>(piece.size));
        return;
    }
    std::string block;
    for_each_block(piece.size, [&](std::uint64_t at, std::size_t count) {
        block.assign(piece.memory + at, count);
        runtime::reverse_numbers(block.data(), count, piece.width);
        sink.write(block.data(), count);
    });
}

void Pieces::write_source(const Piece& piece, int descriptor, runtime::Sink& sink) const {
    const std::string_view memory = source_->memory();
    if (!memory.empty()) {
        Piece in_memory = piece;
        in_memory.memory = memory.data() + piece.begin;
        write_memory(in_memory, sink);
        return;
    }
    if (piece.width == 1 && piece.size >= min_kernel_copy) {
        sink.copy(descriptor, piece.begin, piece.size);
        return;
    }
    const auto largest = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size, block_size));
    const std::unique_ptr<char[]> block(new char[largest]);
    for_each_block(piece.size, [&](std::uint64_t at, std::size_t count) {
        if (!source_->read(piece.begin + at, block.get(), count))
            runtime::raise(runtime::ErrorKind::file,
                           source_->name() + ": it has become shorter while it was read");
        runtime::reverse_numbers(block.get(), count, piece.width);
        sink.write(block.get(), count);
    });
}

}  // namespace dcmtk_native::data
