// Where resolutions, subbands, precincts and code-blocks lie (ITU-T T.800 annex B).
#pragma once

#include <algorithm>
#include <cstdint>

#include "codec/jpeg2000/markers.hpp"

namespace dcmtk_native::codec {

/// A stretch of one axis.
struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    [[nodiscard]] bool is_empty() const noexcept { return begin >= end; }
    [[nodiscard]] std::uint64_t size() const noexcept { return is_empty() ? 0 : end - begin; }
    /// How many cells of a grid (of 2^shift) it touches.
    [[nodiscard]] std::uint64_t cells(unsigned shift) const noexcept {
        if (is_empty()) return 0;
        return ((end + (std::uint64_t{1} << shift) - 1) >> shift) - (begin >> shift);
    }
    /// Every `by`-th of its coordinates.
    [[nodiscard]] Span divided(std::uint64_t by) const noexcept {
        return {(begin + by - 1) / by, (end + by - 1) / by};
    }
    /// The part of a subband of decomposition `level`; `high`: of the high-pass filter (B-15).
    [[nodiscard]] Span band(unsigned level, bool high) const noexcept {
        const std::uint64_t step = std::uint64_t{1} << level;
        const std::uint64_t shift = high ? step / 2 : 0;
        const auto at = [step, shift](std::uint64_t value) {
            return value > shift ? (value - shift + step - 1) / step : 0;
        };
        return {at(begin), at(end)};
    }
};

/// What a tile is of the reference grid.
struct TileArea {
    Span x;
    Span y;
};

[[nodiscard]] inline TileArea tile_area(const Codestream& stream, std::uint32_t tile) noexcept {
    const auto span = [](std::uint32_t index, std::uint64_t origin, std::uint64_t size,
                         std::uint64_t begin, std::uint64_t end) {
        return Span{std::max(origin + index * size, begin), std::min(origin + (index + 1) * size, end)};
    };
    return {span(tile % stream.tiles_across, stream.tile_x0, stream.tile_width, stream.x0, stream.x1),
            span(tile / stream.tiles_across, stream.tile_y0, stream.tile_height, stream.y0, stream.y1)};
}

/// Size of precincts and code-blocks of a resolution, as powers of two. Those of code-blocks are on
/// the grid of the subband.
struct Partition {
    Partition(const CodingStyle& style, unsigned resolution)
        : precinct_width(style.precincts[resolution] & 0xfU),
          precinct_height(style.precincts[resolution] >> 4U),
          block_width(std::min(style.block_width, precinct_width - (resolution > 0 ? 1 : 0))),
          block_height(std::min(style.block_height, precinct_height - (resolution > 0 ? 1 : 0))) {}

    unsigned precinct_width;
    unsigned precinct_height;
    unsigned block_width;
    unsigned block_height;
};

}  // namespace dcmtk_native::codec
