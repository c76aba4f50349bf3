// The headers of a JPEG 2000 codestream (ITU-T T.800 annex A), read and judged before a library
// allocates by their word. HTJ2K (T.814) has the same headers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/table.hpp"

namespace dcmtk_native::codec {

/// How one component is cut and coded: COD, COC.
struct CodingStyle {
    unsigned levels = 0;         // of decomposition
    unsigned block_width = 6;    // of a code-block, as a power of two
    unsigned block_height = 6;
    std::uint8_t mode = 0;       // of the block coder
    bool reversible = false;
    std::array<std::uint8_t, 33> precincts{};  // of a resolution: width in the low, height in the high 4 bits

    [[nodiscard]] bool high_throughput() const noexcept { return (mode & 0x40U) != 0; }
};

/// QCD, QCC. Of a derived quantization only the first exponent and mantissa are given.
struct Quantization {
    unsigned style = 0;  // 0: none, 1: derived, 2: expounded
    unsigned guard_bits = 0;
    unsigned bands = 0;  // how many exponents are given
    std::array<std::uint8_t, 97> exponents{};
    std::array<std::uint16_t, 97> mantissas{};  // 0 without quantization
    bool own = false;    // by QCC
};

struct Component {
    unsigned precision = 0;
    bool is_signed = false;
    std::uint32_t dx = 1;  // one sample for so many columns
    std::uint32_t dy = 1;
    CodingStyle style;
    Quantization quantization;
};

/// How a subband (0: LL, 1: HL, 2: LH, 3: HH) is quantized (E.1.1).
struct StepSize {
    unsigned exponent = 0;
    unsigned mantissa = 0;
};
[[nodiscard]] StepSize step_size(const Quantization& quantization, unsigned resolution, unsigned band);
/// Bit planes of its magnitudes (equation E-2).
[[nodiscard]] unsigned bit_planes(const Quantization& quantization, unsigned resolution, unsigned band);

/// What a header says of the coding of the image, or of one tile.
struct Coding {
    unsigned progression = 0;  // LRCP, RLCP, RPCL, PCRL, CPRL
    unsigned layers = 1;
    bool transform = false;        // of the first three components
    bool packet_markers = false;   // SOP or EPH
    bool high_throughput = false;  // HTJ2K code-blocks
    bool plain = true;             // nothing is repeated, overridden for a component, or out of order
    std::vector<Component> components;
};

struct TilePart {
    std::uint32_t tile = 0;
    std::string_view header;    // marker segments between SOT and SOD
    std::string_view data;      // packets
    std::uint64_t missing = 0;  // bytes that Psot claims and the stream does not have
};

struct Codestream {
    std::string_view bytes;        // from SOC to EOC, without boxes
    std::string_view main_header;  // from SOC to the first SOT
    std::uint32_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // of the image on the reference grid
    std::uint32_t tile_x0 = 0, tile_y0 = 0, tile_width = 0, tile_height = 0;
    std::uint32_t tiles_across = 0, tiles_down = 0;
    Coding coding;
    bool complete = true;  // nothing of the tile-parts is missing
    bool tidy = false;     // it has an EOC, and its counts of tile-parts are right
    std::vector<TilePart> parts;
    std::vector<std::uint64_t> packets;  // of each tile

    [[nodiscard]] StreamFormat format() const;
    /// The stream in a tidy form, with zeros, which are empty packets, for what is missing of it.
    [[nodiscard]] std::string repaired() const;
};

/// Throws Error: codec, when the headers are broken, do not fit the frame, or ask for work or memory
/// out of proportion to it; when something is missing, unless workaround_incomplete.
[[nodiscard]] Codestream read_codestream(std::string_view coded, const FrameFormat& format,
                                         const DecodeOptions& options);

[[noreturn]] void fail_j2k(const std::string& what);

namespace j2k {

constexpr unsigned SOC = 0xff4f, CAP = 0xff50, SIZ = 0xff51, COD = 0xff52, COC = 0xff53, TLM = 0xff55,
                   PLM = 0xff57, PLT = 0xff58, QCD = 0xff5c, QCC = 0xff5d, RGN = 0xff5e, POC = 0xff5f,
                   PPM = 0xff60, PPT = 0xff61, CRG = 0xff63, COM = 0xff64, SOT = 0xff90, SOP = 0xff91,
                   EPH = 0xff92, SOD = 0xff93, EOC = 0xffd9;

}  // namespace j2k

}  // namespace dcmtk_native::codec
