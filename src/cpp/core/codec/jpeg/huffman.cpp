#include "codec/jpeg/huffman.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

[[noreturn]] void refuse(const char* why) {
    runtime::raise(runtime::ErrorKind::codec, std::string("JPEG stream: a Huffman table ") + why);
}

/// How far each leaf is from the root of a tree that always joins the two lightest.
std::vector<unsigned> huffman_depths(const std::vector<std::uint64_t>& leaves) {
    std::vector<std::uint64_t> weights = leaves;
    std::vector<std::size_t> parents(2 * leaves.size());  // 0: none, as node 0 is a leaf
    std::vector<std::size_t> roots(leaves.size());
    std::iota(roots.begin(), roots.end(), std::size_t{0});
    while (roots.size() > 1) {
        std::stable_sort(roots.begin(), roots.end(), [&weights](std::size_t a, std::size_t b) {
            return weights[a] > weights[b];
        });
        const std::size_t lightest = roots.back();
        roots.pop_back();
        parents[lightest] = parents[roots.back()] = weights.size();
        weights.push_back(weights[lightest] + weights[roots.back()]);
        roots.back() = weights.size() - 1;
    }
    std::vector<unsigned> depths(leaves.size());
    for (std::size_t i = 0; i < leaves.size(); ++i)
        for (std::size_t node = i; parents[node] != 0; node = parents[node]) ++depths[i];
    return depths;
}

/// Of a full tree's leaves by depth: makes none deeper than a code may be long. Two that are too deep
/// move up as one, and a leaf further up becomes two (ITU-T T.81 figure K.3).
void limit_depths(std::vector<unsigned>& leaves) {
    for (std::size_t depth = leaves.size() - 1; depth > max_code_length; --depth) {
        while (leaves[depth] > 0) {
            std::size_t higher = depth - 2;
            while (leaves[higher] == 0) --higher;
            leaves[depth] -= 2;
            leaves[depth - 1] += 1;
            leaves[higher + 1] += 2;
            leaves[higher] -= 1;
        }
    }
}

}  // namespace

HuffmanTable optimal_table(const std::vector<std::uint64_t>& frequencies) {
    HuffmanTable table;
    std::vector<std::uint64_t> leaves;
    for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
        if (frequencies[symbol] == 0) continue;
        table.symbols.push_back(static_cast<std::uint8_t>(symbol));
        leaves.push_back(frequencies[symbol]);
    }
    leaves.push_back(1);  // in the place of all ones
    std::vector<unsigned> by_depth(leaves.size() + max_code_length);
    for (const unsigned depth : huffman_depths(leaves)) ++by_depth[depth];
    limit_depths(by_depth);
    unsigned longest = max_code_length;
    while (by_depth[longest] == 0) --longest;
    --by_depth[longest];
    std::copy_n(by_depth.begin(), table.counts.size(), table.counts.begin());
    // The frequent ones have the short codes, whatever became of the depths.
    std::stable_sort(table.symbols.begin(), table.symbols.end(),
                     [&](auto a, auto b) { return frequencies[a] > frequencies[b]; });
    return table;
}

void HuffmanTables::read(std::string_view content) {
    while (!content.empty()) {
        if (content.size() < 1 + max_code_length) refuse("that is cut off");
        const auto destination = static_cast<std::uint8_t>(content[0]);
        if (destination >> 4 > 1 || (destination & 15) > 3) refuse("of no such number");
        HuffmanTable& read = table[destination >> 4][destination & 15];
        std::uint32_t room = 1;  // codes that are still free
        std::size_t symbols = 0;
        for (unsigned length = 1; length <= max_code_length; ++length) {
            const auto count = static_cast<std::uint8_t>(content[length]);
            read.counts[length] = count;
            symbols += count;
            room *= 2;
            if (count > room) refuse("with more codes than there are");
            room -= count;
        }
        content.remove_prefix(1 + max_code_length);
        if (symbols == 0 || symbols > 256 || symbols > content.size()) refuse("without its symbols");
        read.symbols.assign(content.begin(),
                            content.begin() + static_cast<std::ptrdiff_t>(symbols));
        content.remove_prefix(symbols);
    }
}

CodeBook::CodeBook(const HuffmanTable& table) : counts_(table.counts), symbols_(table.symbols) {
    if (symbols_.empty()) refuse("is missing");
    std::int32_t code = 0;
    std::int32_t symbol = 0;
    last_code_[0] = -1;
    for (unsigned length = 1; length <= max_code_length; ++length, code <<= 1) {
        first_symbol_[length] = symbol - code;
        code += counts_[length];
        symbol += counts_[length];
        last_code_[length] = counts_[length] == 0 ? -1 : code - 1;
    }
}

CodeBook::Symbol CodeBook::find(std::uint32_t bits, unsigned shorter) const noexcept {
    for (unsigned length = shorter + 1; length <= max_code_length; ++length) {
        const auto code = static_cast<std::int32_t>(bits >> (max_code_length - length));
        if (code <= last_code_[length])
            return {symbols_[static_cast<std::size_t>(code + first_symbol_[length])], length};
    }
    return {0, 0};
}

DifferenceDecoder::DifferenceDecoder(const HuffmanTable& table, bool cornell)
    : codes_(table), cornell_(cornell) {
    codes_.each(lookup_bits, [this](auto code, auto length, auto symbol) {
        enter(code, length, symbol);
    });
}

void DifferenceDecoder::enter(std::uint32_t code, unsigned length, unsigned symbol) {
    const unsigned free = lookup_bits - length;
    std::uint32_t* const begin = lookup_.data() + (std::size_t{code} << free);
    std::uint32_t* const end = begin + (std::size_t{1} << free);
    if (symbol == 0) return std::fill(begin, end, length);
    if (symbol > free) return std::fill(begin, end, symbol << 16 | length << 8);
    const std::size_t equal = std::size_t{1} << (free - symbol);
    for (std::uint32_t value = 0; value < 1U << symbol; ++value)
        std::fill_n(begin + value * equal, equal,
                    static_cast<std::uint32_t>(extended(value, symbol)) << 16 | (length + symbol));
}

std::uint32_t DifferenceDecoder::next_long(BitReader& reader, std::uint32_t entry) const {
    reader.refill();
    CodeBook::Symbol symbol{entry >> 16, entry >> 8 & 0xFF};
    if (symbol.length == 0) {
        symbol = codes_.find(reader.peek(max_code_length), lookup_bits);
        if (symbol.length == 0) {
            if (!cornell_) {
                reader.drop(max_code_length);  // on towards the end, which tells why there is no code
                return no_difference;
            }
            symbol = {16, 17};  // where its encoder's codes are longer than they may be
        }
    }
    reader.drop(symbol.length);
    const std::uint32_t difference = after_code(reader, symbol.value, cornell_);
    reader.refill();
    return difference;
}

std::uint32_t DifferenceDecoder::after_code(BitReader& reader, unsigned symbol, bool cornell) {
    if (symbol == 0) return 0;
    if (symbol < 16) {
        const std::uint32_t value = reader.peek(symbol);
        reader.drop(symbol);
        return static_cast<std::uint32_t>(extended(value, symbol)) & 0xFFFF;
    }
    if (symbol > 16) return no_difference;
    if (cornell && reader.peek(16) == 0x8000) reader.drop(16);
    return 0x8000;
}

namespace {

/// What a symbol RRRRSSSS says before the value is read.
constexpr unsigned run_of(unsigned symbol) noexcept {
    return symbol == 0 ? CoefficientDecoder::end_of_block : symbol >> 4;
}

}  // namespace

CoefficientDecoder::CoefficientDecoder(const HuffmanTable& table) : codes_(table) {
    codes_.each(lookup_bits, [this](auto code, auto length, auto symbol) {
        enter(code, length, symbol);
    });
}

void CoefficientDecoder::enter(std::uint32_t code, unsigned length, unsigned symbol) {
    const unsigned size = symbol & 15;
    const unsigned free = lookup_bits - length;
    if (size > free) return;
    const auto run = static_cast<std::uint8_t>(run_of(symbol));
    const std::size_t equal = std::size_t{1} << (free - size);
    for (std::uint32_t value = 0; value < 1U << size; ++value) {
        const std::int32_t coefficient = size == 0 ? 0 : extended(value, size);
        std::fill_n(lookup_.data() + (std::size_t{code} << free) + value * equal, equal,
                    Entry{static_cast<std::int16_t>(coefficient), run,
                          static_cast<std::uint8_t>(length + size)});
    }
}

CoefficientDecoder::Coefficient CoefficientDecoder::next_long(BitReader& reader) const {
    const CodeBook::Symbol symbol = codes_.find(reader.peek(max_code_length), 0);
    if (symbol.length == 0) {
        reader.drop(max_code_length);
        return {no_run, 0};
    }
    reader.drop(symbol.length);
    const unsigned size = symbol.value & 15;
    if (size == 0) return {run_of(symbol.value), 0};
    const std::uint32_t value = reader.peek(size);
    reader.drop(size);
    return {run_of(symbol.value), extended(value, size)};
}

}  // namespace dcmtk_native::codec
