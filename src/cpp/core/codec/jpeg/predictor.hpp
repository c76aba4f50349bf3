// The predictions of lossless JPEG (ITU-T T.81 table H.1).
#pragma once

#include <cstdint>

namespace dcmtk_native::codec {

/// Of a sample by its neighbours. `SixteenBit`: as an encoder does that computes in signed numbers of
/// 16 bits (DCMTK's +w6).
template <int Predictor, bool SixteenBit = false>
inline int predict(std::uint16_t left, std::uint16_t above, std::uint16_t corner) noexcept {
    const int a = SixteenBit ? static_cast<std::int16_t>(left) : left;
    const int b = SixteenBit ? static_cast<std::int16_t>(above) : above;
    const int c = SixteenBit ? static_cast<std::int16_t>(corner) : corner;
    static_assert(Predictor >= 1 && Predictor <= 7);
    if constexpr (Predictor == 1) return a;
    if constexpr (Predictor == 2) return b;
    if constexpr (Predictor == 3) return c;
    if constexpr (Predictor == 4) return a + b - c;
    if constexpr (Predictor == 5) return a + ((b - c) >> 1);
    if constexpr (Predictor == 6) return b + ((a - c) >> 1);
    return (a + b) >> 1;
}

}  // namespace dcmtk_native::codec
