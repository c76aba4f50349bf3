// The colour transforms that HP's encoder can have applied, undone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/jpegls/header.hpp"

namespace dcmtk_native::codec::jpegls {

/// Makes RGB of `count` pixels of three Samples, in place. Samples wrap at 2^precision.
template <class Sample>
void undo_transform(ColourTransform transform, unsigned precision, std::uint8_t* pixels,
                    std::size_t count) noexcept;

}  // namespace dcmtk_native::codec::jpegls
