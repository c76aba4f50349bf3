// The packets of a tile, and what they tell of its code-blocks (ITU-T T.800 annex B).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/jpeg2000/geometry.hpp"
#include "codec/jpeg2000/markers.hpp"
#include "codec/jpeg2000/packet_bits.hpp"

namespace dcmtk_native::codec {

/// A tag tree (section B.10.2) whose values become known little by little, as packets of more
/// layers tell.
class TagTree {
  public:
    TagTree(std::size_t width, std::size_t height);

    /// Whether the value of a leaf is less than `threshold`.
    [[nodiscard]] bool is_below(HeaderBits& bits, std::size_t x, std::size_t y,
                                std::uint32_t threshold);

  private:
    struct Level {
        std::size_t width;
        std::size_t first;
    };
    struct Node {
        std::uint32_t at_least = 0;
        bool is_known = false;
    };

    std::vector<Level> levels_;
    std::vector<Node> nodes_;
};

/// A code-block: where it is, and what packets told of it.
struct CodeBlock {
    std::uint32_t component = 0;
    std::uint8_t resolution = 0;
    std::uint8_t band = 0;  // 0: LL, 1: HL, 2: LH, 3: HH
    std::uint32_t x = 0;    // among the coefficients of the tile-component
    std::uint32_t y = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    unsigned planes = 0;  // of its subband, until it is included; then those that have a bit set
    unsigned passes = 0;
    unsigned length_bits = 0;  // 0: not included yet
    std::uint32_t first_piece = 0;
    std::uint32_t last_piece = 0;
};

/// Packets of a tile, by tile-part.
using TileData = std::vector<std::string_view>;

/// Code-blocks of one tile, with their bytes.
class TilePackets {
  public:
    /// Walks through all packets of a tile, whose coding is that of the image, with neither markers
    /// between packets nor subsampled components, and image and tiles at the origin. Throws
    /// Unsound.
    TilePackets(const Codestream& stream, const TileArea& area, TileData parts);

    [[nodiscard]] const std::vector<CodeBlock>& blocks() const noexcept { return blocks_; }
    /// Replaces `bytes` by those of a block.
    void gather(const CodeBlock& block, std::vector<std::uint8_t>& bytes) const;

  private:
    /// Blocks of one subband in one precinct.
    struct Grid {
        std::size_t first;  // among blocks_
        std::size_t width;
        std::size_t height;
        TagTree inclusion;
        TagTree missing_planes;
    };
    struct Precinct {
        std::uint32_t component;
        std::uint8_t resolution;
        std::uint64_t x;  // on the reference grid
        std::uint64_t y;
        std::vector<Grid> grids;
    };
    struct Piece {
        std::string_view bytes;
        std::uint32_t next;
    };

    void lay_out(std::uint32_t component);
    [[nodiscard]] Precinct precinct(std::uint32_t component, unsigned resolution, std::uint64_t x,
                                    std::uint64_t y);
    void lay_out_grid(Precinct& precinct, unsigned band, std::uint64_t x, std::uint64_t y);
    void sort();
    void walk();
    void read_packet(Precinct& precinct, std::uint32_t layer);
    [[nodiscard]] bool read_block_header(HeaderBits& bits, Grid& grid, std::size_t at,
                                         std::uint32_t layer);
    void add_piece(CodeBlock& block, std::string_view bytes);

    const Codestream& stream_;
    const TileArea area_;
    std::vector<Precinct> precincts_;
    std::vector<CodeBlock> blocks_;
    std::vector<Piece> pieces_;
    const TileData parts_;
    std::size_t next_part_ = 0;
    std::string_view rest_;
    std::vector<std::pair<CodeBlock*, std::size_t>> lengths_;  // of the packet that is read
};

}  // namespace dcmtk_native::codec
