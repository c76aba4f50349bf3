// Samples of a component as numbers of 32 bits, in and out of the cells of a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codec/frame_format.hpp"

namespace dcmtk_native::codec {

/// Stores `count` numbers as every `stride`-th cell from `out` on. What a cell cannot hold is cut off.
template <typename Cell>
void store_cells(const std::int32_t* numbers, std::size_t count, std::size_t stride,
                 std::uint8_t* out) {
    const auto store = [numbers, count, out](std::size_t step) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto cell = static_cast<Cell>(numbers[i]);
            std::memcpy(out + i * step * sizeof(Cell), &cell, sizeof cell);
        }
    };
    // The compiler makes vector code of a stride that it knows.
    if (stride == 1)
        store(1);
    else if (stride == 3)
        store(3);
    else
        store(stride);
}

inline void store_cells(const std::int32_t* numbers, std::size_t count, const FrameFormat& format,
                        std::uint8_t* out) {
    switch (format.sample_bytes()) {
    case 1: return store_cells<std::uint8_t>(numbers, count, format.samples, out);
    case 2: return store_cells<std::uint16_t>(numbers, count, format.samples, out);
    default: return store_cells<std::uint32_t>(numbers, count, format.samples, out);
    }
}

/// Loads `count` numbers from every `stride`-th cell; signed cells are sign-extended.
template <typename Cell>
void load_cells(const std::uint8_t* cells, std::size_t count, std::size_t stride,
                std::int32_t* numbers) {
    for (std::size_t i = 0; i < count; ++i) {
        Cell cell;
        std::memcpy(&cell, cells + i * stride * sizeof(Cell), sizeof cell);
        numbers[i] = static_cast<std::int32_t>(cell);
    }
}

inline void load_cells(const std::uint8_t* cells, std::size_t count, const FrameFormat& format,
                       std::int32_t* numbers) {
    const std::size_t stride = format.samples;
    switch (format.sample_bytes()) {
    case 1:
        return format.is_signed ? load_cells<std::int8_t>(cells, count, stride, numbers)
                                : load_cells<std::uint8_t>(cells, count, stride, numbers);
    case 2:
        return format.is_signed ? load_cells<std::int16_t>(cells, count, stride, numbers)
                                : load_cells<std::uint16_t>(cells, count, stride, numbers);
    default: return load_cells<std::int32_t>(cells, count, stride, numbers);
    }
}

/// Bits a lossless codec must keep: bits_stored, unless a sample of the frame does not fit into
/// these, as when overlays lie in unused bits.
[[nodiscard]] unsigned bits_needed(const std::uint8_t* pixels, const FrameFormat& format);

}  // namespace dcmtk_native::codec
