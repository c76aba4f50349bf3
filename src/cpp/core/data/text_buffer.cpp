#include "data/text_buffer.hpp"

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

#include <algorithm>
#include <utility>

namespace dcmtk_native::data {

namespace {

// An empty sequence in a deep item, coloured, takes some 40 characters a byte.
constexpr std::uint64_t max_growth = 64;
constexpr std::uint64_t always_allowed = 64ULL << 20;

}  // namespace

TextBuffer::TextBuffer() : stream_(this) {
    setp(block_.data(), block_.data() + block_.size());
    // Without it a stream swallows what its buffer throws.
    stream_.exceptions(std::ios::badbit);
}

void TextBuffer::expect_input(std::uint64_t size) {
    max_size_ =
        std::min(always_allowed + std::min(size, max_text_size) * max_growth, max_text_size);
}

std::string TextBuffer::take() {
    flush_block();
    return std::exchange(text_, {});
}

TextBuffer::int_type TextBuffer::overflow(int_type character) {
    flush_block();
    if (traits_type::eq_int_type(character, traits_type::eof()))
        return traits_type::not_eof(character);
    return sputc(traits_type::to_char_type(character));
}

std::streamsize TextBuffer::xsputn(const char* text, std::streamsize size) {
    if (size <= epptr() - pptr()) {
        traits_type::copy(pptr(), text, static_cast<std::size_t>(size));
        pbump(static_cast<int>(size));
        return size;
    }
    flush_block();
    append(text, static_cast<std::size_t>(size));
    return size;
}

void TextBuffer::flush_block() {
    const auto size = static_cast<std::size_t>(pptr() - pbase());
    setp(block_.data(), block_.data() + block_.size());
    append(block_.data(), size);
}

void TextBuffer::append(const char* text, std::size_t size) {
    runtime::checkpoint_now();
    if (text_.size() + size > max_size_)
        runtime::raise_limit("text", "max_text_size", text_.size() + size, max_size_);
    text_.append(text, size);
}

}  // namespace dcmtk_native::data
