// The inverse DCT of JPEG with 12 bit samples, as libjpeg's accurate integer method gives it.
#pragma once

#include <array>
#include <cstdint>

namespace dcmtk_native::codec {

/// Coefficients of a block, times their quantisers, by rows. Unsigned, as hostile ones may overflow.
struct alignas(32) DctBlock {
    std::array<std::uint32_t, 64> coefficient{};
};
/// Samples of 0 to 4095, by rows.
struct alignas(16) SampleBlock {
    std::array<std::uint16_t, 64> sample;
};

/// Sets `from` back to zeros, ready for the next block.
using InverseDct = void (*)(DctBlock& from, SampleBlock& to);

/// The fastest that this machine can do; all of them give the same.
[[nodiscard]] InverseDct inverse_dct_12() noexcept;

}  // namespace dcmtk_native::codec
