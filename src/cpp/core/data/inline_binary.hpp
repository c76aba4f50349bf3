// A binary value as base64 (RFC 4648), piece by piece, in little endian order whatever the
// source's is (PS3.18 section F.2.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "intake/scanner.hpp"
#include "intake/source.hpp"

namespace dcmtk_native::data {

/// Digits and padding of the bytes, written to `out`, which has room for `base64_size` of them.
void encode_base64(std::string_view bytes, char* out);
[[nodiscard]] constexpr std::uint64_t base64_size(std::uint64_t bytes) { return (bytes + 2) / 3 * 4; }

/// Reads a value of any size in bounded memory; source and entry must outlive it.
class InlineBinary {
  public:
    /// Room for what one `read` may write.
    static constexpr std::size_t piece_size = 64 * 1024;

    /// `width`: bytes of a number whose order must be turned; 1: they stand in the right order.
    InlineBinary(const intake::Source& source, const intake::Entry& entry, unsigned width)
        : source_(&source), entry_(&entry), width_(width) {}

    /// All characters, those already read included.
    [[nodiscard]] std::uint64_t size() const { return base64_size(entry_->length); }
    /// Writes the next characters to `out` and tells how many; 0 at the end.
    [[nodiscard]] std::size_t read(char* out);

  private:
    [[nodiscard]] std::string_view next_bytes();

    const intake::Source* source_;
    const intake::Entry* entry_;
    unsigned width_;
    std::uint32_t done_ = 0;
    std::string piece_;
};

}  // namespace dcmtk_native::data
