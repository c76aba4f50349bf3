#include "data/inline_binary.hpp"

#include <algorithm>
#include <array>

#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two digits for every 12 bits: half the steps of one digit for 6.
constexpr std::array<char, 8192> make_pairs() {
    std::array<char, 8192> pairs{};
    for (std::size_t bits = 0; bits < 4096; ++bits) {
        pairs[2 * bits] = digits[bits >> 6];
        pairs[2 * bits + 1] = digits[bits & 63];
    }
    return pairs;
}

constexpr auto pairs = make_pairs();

void put_pair(std::uint32_t bits, char* out) {
    out[0] = pairs[2 * bits];
    out[1] = pairs[2 * bits + 1];
}

// No digit and no number of 8 bytes spans two pieces.
constexpr std::size_t piece_bytes = InlineBinary::piece_size / 4 * 3;
static_assert(piece_bytes % 24 == 0 && base64_size(piece_bytes) == InlineBinary::piece_size);

}  // namespace

void encode_base64(std::string_view bytes, char* out) {
    const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto* end = in + bytes.size() / 3 * 3;
    for (; in != end; in += 3, out += 4) {
        const std::uint32_t bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
        put_pair(bits >> 12, out);
        put_pair(bits & 0xFFF, out + 2);
    }
    const std::size_t rest = bytes.size() % 3;
    if (rest == 0) return;
    const std::uint32_t second = rest == 2 ? in[1] : 0;
    const std::uint32_t bits = std::uint32_t{in[0]} << 16 | second << 8;
    put_pair(bits >> 12, out);
    out[2] = rest == 2 ? digits[bits >> 6 & 63] : '=';
    out[3] = '=';
}

std::string_view InlineBinary::next_bytes() {
    const std::size_t count = std::min<std::size_t>(entry_->length - done_, piece_bytes);
    const bool turn = width_ != 1;
    if (entry_->value != nullptr && !turn)
        return {reinterpret_cast<const char*>(entry_->value) + done_, count};
    piece_.resize(count);
    if (!source_->read(entry_->offset + done_, piece_.data(), count))
        raise(runtime::ErrorKind::format,
              runtime::to_string(entry_->tag) + " reaches past the end of " + source_->name());
    if (turn) runtime::reverse_numbers(piece_.data(), count, width_);
    return piece_;
}

std::size_t InlineBinary::read(char* out) {
    const std::string_view bytes = next_bytes();
    encode_base64(bytes, out);
    done_ += static_cast<std::uint32_t>(bytes.size());
    return static_cast<std::size_t>(base64_size(bytes.size()));
}

}  // namespace dcmtk_native::data
