// YCbCr to RGB and between arrangements of samples (PS3.3 section C.7.6.3.1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcmtk_native::codec {

/// YBR_FULL to RGB in place, `pixels` pixels of three samples of `sample_bytes` (1 or 2) each;
/// rounded to the nearest and kept within `bits_stored` bits.
void ybr_full_to_rgb(std::uint8_t* samples, std::size_t pixels, std::size_t sample_bytes,
                     unsigned bits_stored);

/// YBR_FULL_422 or YBR_PARTIAL_422 as native data has it (Y Y Cb Cr for two pixels) as three samples
/// a pixel, chroma repeated. An odd last pixel has its pair in the data as well.
void widen_422(const std::uint8_t* from, std::uint8_t* to, std::size_t pixels,
               std::size_t sample_bytes);

/// Planes of samples as samples by pixel, and back.
void weave_planes(const std::uint8_t* planes, std::uint8_t* pixels, std::size_t count,
                  std::size_t samples, std::size_t sample_bytes);
void split_planes(const std::uint8_t* pixels, std::uint8_t* planes, std::size_t count,
                  std::size_t samples, std::size_t sample_bytes);

}  // namespace dcmtk_native::codec
