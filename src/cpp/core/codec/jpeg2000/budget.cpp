#include "codec/jpeg2000/budget.hpp"

#include <cstddef>

#include "codec/jpeg2000/geometry.hpp"
#include "codec/jpeg2000/markers.hpp"

namespace dcmtk_native::codec {

namespace {

// Encoders use code-blocks of 1024 samples and more, and tiles of 64 x 64 pixels and more.
constexpr std::uint64_t least_blocks = 65536;
constexpr std::uint64_t samples_of_block = 32;
constexpr std::uint64_t least_tiles = 1024;
constexpr std::uint64_t pixels_of_tile = 1024;
constexpr std::uint64_t most_tiles = 65535;
// A packet takes a byte at least; encoders may leave out the empty ones at the end.
constexpr std::uint64_t least_packets = 65536;
constexpr std::uint64_t packets_of_byte = 8;

struct Cost {
    std::uint64_t blocks = 0;  // and precincts
    std::uint64_t packets = 0;
};

Cost resolution_cost(const CodingStyle& style, unsigned resolution, const Span& x, const Span& y) {
    const Partition partition(style, resolution);
    const unsigned above = style.levels - resolution;
    const Span columns = x.divided(std::uint64_t{1} << above);
    const Span rows = y.divided(std::uint64_t{1} << above);
    const std::uint64_t precincts =
        columns.cells(partition.precinct_width) * rows.cells(partition.precinct_height);
    Cost cost{precincts * (resolution == 0 ? 1 : 3), precincts};
    const unsigned level = resolution == 0 ? above : above + 1;
    for (unsigned band = resolution == 0 ? 0 : 1; band < (resolution == 0 ? 1 : 4); ++band)
        cost.blocks += x.band(level, (band & 1U) != 0).cells(partition.block_width) *
                       y.band(level, (band & 2U) != 0).cells(partition.block_height);
    return cost;
}

void spend(std::uint64_t& left, std::uint64_t cost, const char* what) {
    if (cost > left) fail_j2k(std::string("too many ") + what + " for its size");
    left -= cost;
}

}  // namespace

J2kBudget::J2kBudget(const Codestream& stream)
    : stream_(stream), packets_left_(least_packets + packets_of_byte * stream.bytes.size()) {
    const std::uint64_t pixels =
        std::uint64_t{stream.x1 - stream.x0} * std::uint64_t{stream.y1 - stream.y0};
    blocks_left_ = least_blocks + pixels * stream.coding.components.size() / samples_of_block;
    std::uint64_t tiles_left = std::min(least_tiles + pixels / pixels_of_tile, most_tiles);
    spend(tiles_left, std::uint64_t{stream.tiles_across} * stream.tiles_down, "tiles");
}

std::uint64_t J2kBudget::charge(const Coding& coding, std::uint32_t tile) {
    const TileArea area = tile_area(stream_, tile);
    std::uint64_t packets = 0;
    for (const Component& component : coding.components) {
        const Span x = area.x.divided(component.dx);
        const Span y = area.y.divided(component.dy);
        for (unsigned resolution = 0; resolution <= component.style.levels; ++resolution) {
            const Cost cost = resolution_cost(component.style, resolution, x, y);
            spend(blocks_left_, cost.blocks, "code-blocks and precincts");
            packets += cost.packets;
            spend(packets_left_, cost.packets * coding.layers, "packets");
        }
    }
    return packets * coding.layers;
}

}  // namespace dcmtk_native::codec
