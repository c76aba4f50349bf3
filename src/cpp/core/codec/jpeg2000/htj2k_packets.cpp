#include "codec/jpeg2000/htj2k_packets.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "codec/jpeg2000/geometry.hpp"
#include "codec/jpeg2000/packet_bits.hpp"
#include "runtime/call_scope.hpp"

namespace dcmtk_native::codec {

namespace {

/// A tag tree (T.800 section B.10.2) of code-blocks in a precinct. Of one layer a packet tells of every node
/// it touches all there is to tell.
class TagTree {
  public:
    TagTree(std::size_t width, std::size_t height) {
        std::size_t nodes = 0;
        for (;;) {
            levels_.push_back({width, nodes});
            nodes += width * height;
            if (width == 1 && height == 1) break;
            width = (width + 1) / 2;
            height = (height + 1) / 2;
        }
        values_.assign(nodes, unknown);
    }

    /// The value of a leaf; `read` gets the value of the parent and gives that of a node.
    template <typename Read>
    unsigned value(std::size_t x, std::size_t y, Read&& read) {
        unsigned value = 0;
        for (std::size_t level = levels_.size(); level-- > 0;) {
            unsigned& node =
                values_[levels_[level].first + (y >> level) * levels_[level].width + (x >> level)];
            if (node == unknown) node = read(value);
            value = node;
        }
        return value;
    }

  private:
    static constexpr unsigned unknown = ~0U;
    struct Level {
        std::size_t width;
        std::size_t first;
    };

    std::vector<Level> levels_;
    std::vector<unsigned> values_;
};

/// Code-blocks of one subband in one precinct.
struct BlockGrid {
    std::size_t width = 0;
    std::size_t height = 0;
    unsigned planes = 0;  // of a coefficient's magnitude

    [[nodiscard]] std::size_t area() const noexcept { return width * height; }
};

unsigned passes(HeaderBits& bits) {
    if (bits.bit() == 0) return 1;
    if (bits.bit() == 0) return 2;
    const unsigned more = bits.bits(2);
    demand(more == 0);  // else placeholders of passes
    return 3;
}

/// The header of one included code-block behind its inclusion: how long its passes are.
std::size_t block_length(HeaderBits& bits, TagTree& missing_planes, const BlockGrid& grid,
                         std::size_t x, std::size_t y) {
    const unsigned missing = missing_planes.value(x, y, [&](unsigned above) {
        while (bits.bit() == 0) demand(++above < grid.planes);
        return above;
    });
    demand(missing < grid.planes);
    const unsigned count = passes(bits);
    unsigned width = 3;
    while (bits.bit() != 0) demand(++width < 20);
    const std::size_t cleanup = bits.bits(width);
    const std::size_t refinement = count > 1 ? bits.bits(width + (count > 2 ? 1 : 0)) : 0;
    demand(cleanup != 1 && (count == 1 || (cleanup != 0 && refinement != 0)));
    return cleanup + refinement;
}

/// Length of the packet at the begin of `bytes`: its header and its code-blocks.
std::size_t packet_length(std::string_view bytes, const std::vector<BlockGrid>& grids) {
    HeaderBits bits(bytes);
    if (bits.bit() == 0) return bits.finish();
    std::size_t body = 0;
    for (const BlockGrid& grid : grids) {
        if (grid.area() == 0) continue;
        TagTree left_out(grid.width, grid.height);
        TagTree missing_planes(grid.width, grid.height);
        for (std::size_t y = 0; y < grid.height; ++y)
            for (std::size_t x = 0; x < grid.width; ++x) {
                const unsigned is_out = left_out.value(x, y, [&bits](unsigned above) {
                    return above != 0 ? above : 1 - bits.bit();
                });
                if (is_out == 0) body += block_length(bits, missing_planes, grid, x, y);
            }
    }
    const std::size_t length = bits.finish() + body;
    demand(length <= bytes.size());
    return length;
}

bool fits_openjph(const Codestream& stream) {
    const Coding& coding = stream.coding;
    if (!coding.high_throughput || !coding.plain || !stream.complete || coding.layers != 1 ||
        coding.packet_markers || stream.tiles_across != 1 || stream.tiles_down != 1 ||
        stream.x0 != 0 || stream.y0 != 0)
        return false;
    return std::all_of(coding.components.begin(), coding.components.end(), [](const Component& one) {
        const Quantization& quantization = one.quantization;
        if (one.dx != 1 || one.dy != 1 || one.precision > 30 || (one.style.mode & ~0x48U) != 0 ||
            one.style.block_width < 4 || one.style.block_height < 4 ||
            quantization.style != (one.style.reversible ? 0U : 2U) ||
            quantization.bands != 3 * one.style.levels + 1)
            return false;
        for (unsigned band = 0; band < quantization.bands; ++band) {
            const unsigned planes = quantization.guard_bits + quantization.exponents[band];
            if (planes < 2 || planes > 31) return false;
        }
        return true;
    });
}

/// Packets of a stream that fits, one by one, in its tile-parts.
class Packets {
  public:
    explicit Packets(const Codestream& stream) : stream_(stream) {}

    std::vector<std::size_t> walk() {
        const Coding& coding = stream_.coding;
        const unsigned levels = coding.components.front().style.levels;
        std::vector<std::size_t> ends;
        if (coding.progression <= 2) {
            for (unsigned resolution = 0; resolution <= levels; ++resolution) {
                if (coding.progression == 2)
                    by_position(resolution);
                else
                    for (const Component& component : coding.components)
                        component_packets(component, resolution);
                ends.push_back(done_);
            }
            return ends;
        }
        // By position or component first: of one precinct a resolution both are the same.
        for (const Component& component : coding.components)
            for (unsigned resolution = 0; resolution <= levels; ++resolution) {
                demand(precincts(component, resolution).count() == 1);
                component_packets(component, resolution);
            }
        return {done_};
    }

  private:
    struct Grid {
        std::uint64_t across;
        std::uint64_t down;
        [[nodiscard]] std::uint64_t count() const noexcept { return across * down; }
    };

    [[nodiscard]] Span columns() const noexcept { return {0, stream_.x1}; }
    [[nodiscard]] Span rows() const noexcept { return {0, stream_.y1}; }

    [[nodiscard]] Grid precincts(const Component& component, unsigned resolution) const {
        const Partition partition(component.style, resolution);
        const std::uint64_t step = std::uint64_t{1} << (component.style.levels - resolution);
        return {columns().divided(step).cells(partition.precinct_width),
                rows().divided(step).cells(partition.precinct_height)};
    }

    void component_packets(const Component& component, unsigned resolution) {
        const Grid grid = precincts(component, resolution);
        for (std::uint64_t index = 0; index < grid.count(); ++index)
            packet(component, resolution, index % grid.across, index / grid.across);
    }

    /// Components share their precincts, as COD is all there is.
    void by_position(unsigned resolution) {
        const Grid grid = precincts(stream_.coding.components.front(), resolution);
        for (std::uint64_t index = 0; index < grid.count(); ++index)
            for (const Component& component : stream_.coding.components)
                packet(component, resolution, index % grid.across, index / grid.across);
    }

    void packet(const Component& component, unsigned resolution, std::uint64_t x, std::uint64_t y) {
        runtime::checkpoint();
        const Partition partition(component.style, resolution);
        const unsigned down = resolution == 0 ? 0 : 1;
        const unsigned level = component.style.levels - resolution + down;
        const auto blocks = [level](const Span& image, bool high, std::uint64_t index, unsigned precinct,
                                    unsigned block) {
            const Span band = image.band(level, high);
            const Span part{std::max(band.begin, index << precinct),
                            std::min(band.end, (index + 1) << precinct)};
            return static_cast<std::size_t>(part.cells(block));
        };
        grids_.clear();
        std::size_t area = 0;
        for (unsigned band = down; band < (down == 0 ? 1U : 4U); ++band) {
            grids_.push_back({blocks(columns(), (band & 1U) != 0, x, partition.precinct_width - down,
                                     partition.block_width),
                              blocks(rows(), (band & 2U) != 0, y, partition.precinct_height - down,
                                     partition.block_height),
                              bit_planes(component.quantization, resolution, band)});
            area += grids_.back().area();
        }
        demand(area != 0);  // OpenJPH 0.9.0 has no packet of no code-blocks
        while (rest_.empty()) {
            demand(part_ < stream_.parts.size());
            rest_ = stream_.parts[part_++].data;
        }
        const std::size_t length = packet_length(rest_, grids_);
        rest_.remove_prefix(length);
        done_ += length;
    }

    const Codestream& stream_;
    std::vector<BlockGrid> grids_;
    std::string_view rest_;  // of a tile-part
    std::size_t part_ = 0;   // the next one
    std::size_t done_ = 0;
};

}  // namespace

void check_code_blocks(const Codestream& stream) {
    // With several layers, or markers between packets, bytes of a block come together that are apart here.
    if (stream.coding.layers != 1 || stream.coding.packet_markers)
        fail_j2k("HTJ2K with several layers, SOP or EPH is not supported");
    for (const TilePart& part : stream.parts) {
        const char* at = part.data.data();
        const char* const end = at + part.data.size();
        while (at < end) {
            at = static_cast<const char*>(
                std::memchr(at, 0xff, static_cast<std::size_t>(end - at)));
            if (at == nullptr) break;
            ++at;
            // The next tile-part of the tile follows without a gap.
            if (at == end || static_cast<unsigned char>(*at) > 0x8f)
                fail_j2k("broken HTJ2K code-block");
        }
    }
}

std::optional<std::vector<std::size_t>> packet_ends(const Codestream& stream) {
    if (!fits_openjph(stream)) return std::nullopt;
    try {
        return Packets(stream).walk();
    } catch (const Unsound&) {
        return std::nullopt;
    }
}

}  // namespace dcmtk_native::codec
