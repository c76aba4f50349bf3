#include "codec/jpeg2000/packets.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::uint32_t no_piece = 0xffffffff;
constexpr unsigned first_length_bits = 3;
constexpr unsigned most_length_bits = 31;

enum Progression : unsigned { lrcp, rlcp, rpcl, pcrl, cprl };

/// Table B.4.
unsigned read_passes(HeaderBits& bits) {
    if (bits.bit() == 0) return 1;
    if (bits.bit() == 0) return 2;
    if (const unsigned more = bits.bits(2); more != 3) return 3 + more;
    if (const unsigned more = bits.bits(5); more != 31) return 6 + more;
    return 37 + bits.bits(7);
}

unsigned log2_of(unsigned value) { return 31U - static_cast<unsigned>(__builtin_clz(value)); }

/// The part of `span` in a cell of a grid of 2^shift.
Span part_of(const Span& span, std::uint64_t cell, unsigned shift) {
    return {std::max(span.begin, cell << shift), std::min(span.end, (cell + 1) << shift)};
}

}  // namespace

// ---- tag trees ----

TagTree::TagTree(std::size_t width, std::size_t height) {
    std::size_t nodes = 0;
    for (;;) {
        levels_.push_back({width, nodes});
        nodes += width * height;
        if (width <= 1 && height <= 1) break;
        width = (width + 1) / 2;
        height = (height + 1) / 2;
    }
    nodes_.resize(nodes);
}

bool TagTree::is_below(HeaderBits& bits, std::size_t x, std::size_t y, std::uint32_t threshold) {
    std::uint32_t at_least = 0;
    bool is_known = false;
    for (std::size_t level = levels_.size(); level-- > 0;) {
        Node& node =
            nodes_[levels_[level].first + (y >> level) * levels_[level].width + (x >> level)];
        node.at_least = std::max(node.at_least, at_least);
        while (!node.is_known && node.at_least < threshold) {
            if (bits.bit() != 0)
                node.is_known = true;
            else
                ++node.at_least;
        }
        at_least = node.at_least;
        is_known = node.is_known;
    }
    return is_known && at_least < threshold;
}

// ---- precincts ----

TilePackets::TilePackets(const Codestream& stream, const TileArea& area, TileData parts)
    : stream_(stream), area_(area), parts_(std::move(parts)) {
    for (std::uint32_t i = 0; i < stream.coding.components.size(); ++i)
        lay_out(i);
    sort();
    walk();
}

void TilePackets::lay_out(std::uint32_t component) {
    const CodingStyle& style = stream_.coding.components[component].style;
    for (unsigned resolution = 0; resolution <= style.levels; ++resolution) {
        const Partition partition(style, resolution);
        const std::uint64_t step = std::uint64_t{1} << (style.levels - resolution);
        const Span columns = area_.x.divided(step);
        const Span rows = area_.y.divided(step);
        const std::uint64_t first_x = columns.begin >> partition.precinct_width;
        const std::uint64_t first_y = rows.begin >> partition.precinct_height;
        const std::uint64_t across = columns.cells(partition.precinct_width);
        const std::uint64_t down = rows.cells(partition.precinct_height);
        for (std::uint64_t y = 0; y < down; ++y)
            for (std::uint64_t x = 0; x < across; ++x)
                precincts_.push_back(precinct(component, resolution, first_x + x, first_y + y));
    }
}

TilePackets::Precinct TilePackets::precinct(std::uint32_t component, unsigned resolution,
                                            std::uint64_t x, std::uint64_t y) {
    runtime::checkpoint();
    const CodingStyle& style = stream_.coding.components[component].style;
    const Partition partition(style, resolution);
    const unsigned level = style.levels - resolution;
    Precinct made{component,
                  static_cast<std::uint8_t>(resolution),
                  std::max(x << (partition.precinct_width + level), area_.x.begin),
                  std::max(y << (partition.precinct_height + level), area_.y.begin),
                  {}};
    const unsigned first = resolution == 0 ? 0 : 1;
    const unsigned behind = resolution == 0 ? 1 : 4;
    for (unsigned band = first; band < behind; ++band)
        lay_out_grid(made, band, x, y);
    return made;
}

void TilePackets::lay_out_grid(Precinct& precinct, unsigned band, std::uint64_t x,
                               std::uint64_t y) {
    const Component& component = stream_.coding.components[precinct.component];
    const unsigned resolution = precinct.resolution;
    const Partition partition(component.style, resolution);
    const unsigned halved = resolution == 0 ? 0 : 1;
    const unsigned level = component.style.levels - resolution + halved;
    const Span band_x = area_.x.band(level, (band & 1U) != 0);
    const Span band_y = area_.y.band(level, (band & 2U) != 0);
    const Span columns = part_of(band_x, x, partition.precinct_width - halved);
    const Span rows = part_of(band_y, y, partition.precinct_height - halved);
    const auto across = static_cast<std::size_t>(columns.cells(partition.block_width));
    const auto down = static_cast<std::size_t>(rows.cells(partition.block_height));
    if (across == 0 || down == 0) return;
    precinct.grids.push_back(
        {blocks_.size(), across, down, TagTree(across, down), TagTree(across, down)});
    // Behind the low-pass coefficients, whose size is that of the resolution below.
    const Span low_x = area_.x.divided(std::uint64_t{1} << level);
    const Span low_y = area_.y.divided(std::uint64_t{1} << level);
    const std::uint64_t left = (band & 1U) != 0 ? low_x.size() : 0;
    const std::uint64_t top = (band & 2U) != 0 ? low_y.size() : 0;
    CodeBlock block;
    block.component = precinct.component;
    block.resolution = precinct.resolution;
    block.band = static_cast<std::uint8_t>(band);
    block.planes = bit_planes(component.quantization, resolution, band);
    block.first_piece = block.last_piece = no_piece;
    for (std::size_t j = 0; j < down; ++j)
        for (std::size_t i = 0; i < across; ++i) {
            const Span block_x = part_of(columns, (columns.begin >> partition.block_width) + i,
                                         partition.block_width);
            const Span block_y =
                part_of(rows, (rows.begin >> partition.block_height) + j, partition.block_height);
            block.x = static_cast<std::uint32_t>(left + block_x.begin - band_x.begin);
            block.y = static_cast<std::uint32_t>(top + block_y.begin - band_y.begin);
            block.width = static_cast<std::uint32_t>(block_x.size());
            block.height = static_cast<std::uint32_t>(block_y.size());
            blocks_.push_back(block);
        }
}

/// They have been laid out by component, resolution and place.
void TilePackets::sort() {
    const unsigned progression = stream_.coding.progression;
    std::stable_sort(
        precincts_.begin(), precincts_.end(), [=](const Precinct& a, const Precinct& b) {
            const auto key = [=](const Precinct& one) {
                using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
                switch (progression) {
                case rpcl:
                    return Key{one.resolution, one.y, one.x, one.component};
                case pcrl:
                    return Key{one.y, one.x, one.component, one.resolution};
                case cprl:
                    return Key{one.component, one.y, one.x, one.resolution};
                default:
                    return Key{one.resolution, one.component, 0, 0};
                }
            };
            return key(a) < key(b);
        });
}

// ---- packets ----

void TilePackets::walk() {
    const std::uint32_t layers = stream_.coding.layers;
    const auto read = [this, layers](std::size_t begin, std::size_t end) {
        for (std::uint32_t layer = 0; layer < layers; ++layer)
            for (std::size_t i = begin; i < end; ++i)
                read_packet(precincts_[i], layer);
    };
    switch (stream_.coding.progression) {
    case lrcp:
        return read(0, precincts_.size());
    case rlcp:
        for (std::size_t begin = 0, end = 0; begin < precincts_.size(); begin = end) {
            while (end < precincts_.size() &&
                   precincts_[end].resolution == precincts_[begin].resolution)
                ++end;
            read(begin, end);
        }
        return;
    default:
        for (std::size_t i = 0; i < precincts_.size(); ++i)
            read(i, i + 1);
    }
}

void TilePackets::read_packet(Precinct& precinct, std::uint32_t layer) {
    runtime::checkpoint();
    while (rest_.empty()) {
        demand(next_part_ < parts_.size());
        rest_ = parts_[next_part_++];
    }
    HeaderBits bits(rest_);
    lengths_.clear();
    if (bits.bit() != 0)
        for (Grid& grid : precinct.grids)
            for (std::size_t at = 0; at < grid.width * grid.height; ++at)
                if (read_block_header(bits, grid, at, layer)) {
                    CodeBlock& block = blocks_[grid.first + at];
                    const unsigned passes = read_passes(bits);
                    block.passes += passes;
                    demand(block.passes <= 3 * block.planes - 2);
                    while (bits.bit() != 0)
                        ++block.length_bits;
                    const unsigned width = block.length_bits + log2_of(passes);
                    demand(width <= most_length_bits);
                    lengths_.emplace_back(&block, bits.bits(width));
                }
    rest_.remove_prefix(bits.finish());
    for (const auto& [block, length] : lengths_) {
        demand(length <= rest_.size());
        add_piece(*block, rest_.substr(0, length));
        rest_.remove_prefix(length);
    }
}

/// Whether the layer has something of the block.
bool TilePackets::read_block_header(HeaderBits& bits, Grid& grid, std::size_t at,
                                    std::uint32_t layer) {
    const std::size_t x = at % grid.width;
    const std::size_t y = at / grid.width;
    CodeBlock& block = blocks_[grid.first + at];
    if (block.length_bits != 0) return bits.bit() != 0;
    if (!grid.inclusion.is_below(bits, x, y, layer + 1)) return false;
    unsigned missing = 0;
    while (!grid.missing_planes.is_below(bits, x, y, missing + 1))
        demand(++missing < block.planes);
    block.planes -= missing;
    demand(block.planes != 0);
    block.length_bits = first_length_bits;
    return true;
}

void TilePackets::add_piece(CodeBlock& block, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto piece = static_cast<std::uint32_t>(pieces_.size());
    (block.first_piece == no_piece ? block.first_piece : pieces_[block.last_piece].next) = piece;
    block.last_piece = piece;
    pieces_.push_back({bytes, no_piece});
}

void TilePackets::gather(const CodeBlock& block, std::vector<std::uint8_t>& bytes) const {
    bytes.clear();
    for (std::uint32_t piece = block.first_piece; piece != no_piece; piece = pieces_[piece].next)
        bytes.insert(bytes.end(), pieces_[piece].bytes.begin(), pieces_[piece].bytes.end());
}

}  // namespace dcmtk_native::codec
