// Bits of a cell above the sample (PS3.5 section 8.1.1): they may hold anything.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/frame_format.hpp"

namespace dcmtk_native::codec {

/// Gives every sample the value that its lowest `bits` bits stand for: sign-extended if signed,
/// else zero above them.
void settle_unused_bits(std::uint8_t* samples, std::size_t count, const FrameFormat& format,
                        unsigned bits);
/// Whether `settle_unused_bits` would change nothing.
[[nodiscard]] bool unused_bits_are_settled(const std::uint8_t* samples, std::size_t count,
                                           const FrameFormat& format, unsigned bits);

}  // namespace dcmtk_native::codec
