#include "codec/jpeg2000/htj2k.hpp"

#include "runtime/error.hpp"

#ifdef DCMTK_NATIVE_HAS_OPENJPH

#include <algorithm>
#include <cmath>
#include <vector>

#include "codec/frames/sample_cells.hpp"
#include "codec/jpeg2000/htj2k_packets.hpp"
#include "codec/jpeg2000/j2k.hpp"
#include "codec/jpeg2000/openjph.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::size_t sot_bytes = 12;

/// As many as usual (5), of large images as many as make the smallest resolution a thumbnail of 64, of
/// small ones as have samples in every subband.
unsigned levels_for(const FrameFormat& format) {
    const std::uint32_t side = std::min(format.columns, format.rows);
    unsigned levels = 0;
    while ((side >> (levels + 1)) != 0 && (levels < 5 || (side - 1) >> levels >= 64)) ++levels;
    return levels;
}

OpenjphParameters parameters_for(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options) {
    OpenjphParameters parameters;
    parameters.transform = options.is_rgb && format.samples == 3;
    parameters.bits = bits_needed(pixels, format);
    // A bit or two more make OpenJPH 0.9.0 end the process, or streams that nobody can decode.
    const unsigned most_bits = parameters.transform ? 24 : 25;
    if (parameters.bits > most_bits)
        fail_j2k("samples of " + std::to_string(parameters.bits) +
                 " bits cannot be encoded, only of up to " + std::to_string(most_bits));
    parameters.levels = levels_for(format);
    return parameters;
}

void append_number(std::string& text, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0;) text.push_back(static_cast<char>(number >> (8 * i) & 0xffU));
}

/// The stream with a tile-part for each resolution, and a TLM segment of their lengths.
std::string divided(const std::string& coded, const FrameFormat& format) {
    const Codestream stream = read_codestream(coded, format, {});
    const std::string_view data = stream.parts.front().data;
    std::vector<std::size_t> ends =
        packet_ends(stream).value_or(std::vector<std::size_t>{data.size()});
    ends.back() = data.size();
    std::string result(stream.main_header);
    append_number(result, j2k::TLM, 2);
    append_number(result, 4 + 6 * ends.size(), 2);
    append_number(result, 0x0060, 2);  // the first TLM: 16 bits of tile, 32 of length
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        append_number(result, 0, 2);
        append_number(result, sot_bytes + 2 + end - begin, 4);
        begin = end;
    }
    begin = 0;
    for (std::size_t part = 0; part < ends.size(); ++part) {
        append_number(result, j2k::SOT, 2);
        append_number(result, sot_bytes - 2, 2);
        append_number(result, 0, 2);
        append_number(result, sot_bytes + 2 + ends[part] - begin, 4);
        append_number(result, part, 1);
        append_number(result, ends.size(), 1);
        append_number(result, j2k::SOD, 2);
        result.append(data.substr(begin, ends[part] - begin));
        begin = ends[part];
    }
    append_number(result, j2k::EOC, 2);
    return result;
}

/// Peak signal to noise ratio of what is decoded again, in decibel.
double psnr_of(const std::string& coded, const std::uint8_t* pixels, const FrameFormat& format,
               unsigned bits) {
    std::vector<std::uint8_t> decoded(format.bytes());
    decode_by_openjph(read_codestream(coded, format, {}), format, decoded.data());
    const std::size_t row = std::size_t{format.columns} * format.samples;
    FrameFormat cells = format;
    cells.samples = 1;
    std::vector<std::int32_t> before(row);
    std::vector<std::int32_t> after(row);
    double error = 0;
    for (std::uint32_t y = 0; y < format.rows; ++y) {
        const std::size_t at = y * row * format.sample_bytes();
        load_cells(pixels + at, row, cells, before.data());
        load_cells(decoded.data() + at, row, cells, after.data());
        for (std::size_t i = 0; i < row; ++i) {
            const double difference = before[i] - after[i];
            error += difference * difference;
        }
    }
    const double peak = std::exp2(bits) - 1;
    const double mean = error / (static_cast<double>(row) * format.rows);
    return mean == 0 ? 1000 : 10 * std::log10(peak * peak / mean);
}

/// OpenJPH has no control of rate or quality but its quantization step: the one that serves is found by halves.
std::string encode_lossy(const std::uint8_t* pixels, const FrameFormat& format,
                         const EncodeOptions& options) {
    OpenjphParameters parameters = parameters_for(pixels, format, options);
    const double bits = parameters.bits;
    const double coded_bytes = static_cast<double>(format.pixels()) * format.samples * bits / 8;
    const bool by_size = options.compression_ratio != 0;
    double fine = -bits - 3;  // as powers of two
    double coarse = -1;
    std::string best;
    bool is_reached = false;
    constexpr int rounds = 9;
    for (int round = 0; round < rounds; ++round) {
        const double middle = (fine + coarse) / 2;
        parameters.step = static_cast<float>(std::exp2(middle));
        std::string coded = encode_by_openjph(pixels, format, parameters);
        const bool serves =
            by_size ? static_cast<double>(coded.size()) <= coded_bytes / options.compression_ratio
                    : psnr_of(coded, pixels, format, parameters.bits) >= options.psnr;
        (serves == by_size ? coarse : fine) = middle;
        // Of those that serve, and of those that do not, the last is the best.
        if (serves || !is_reached) best = std::move(coded);
        is_reached = is_reached || serves;
    }
    return best;
}

/// OpenJPH adds up the borders of tiles in 32 bits; what overflows leads it to tiles that are not
/// there. OpenJPEG reads those.
bool has_small_borders(const Codestream& stream) {
    constexpr std::uint64_t largest = 0x7FFFFFFF;
    const auto end = [](std::uint64_t begin, std::uint64_t count, std::uint64_t size) {
        return begin + count * size;
    };
    return end(stream.tile_x0, stream.tiles_across, stream.tile_width) <= largest &&
           end(stream.tile_y0, stream.tiles_down, stream.tile_height) <= largest;
}

}  // namespace

bool has_htj2k() noexcept { return true; }

StreamFormat decode_htj2k(std::string_view coded, const FrameFormat& format,
                          const DecodeOptions& options, std::uint8_t* out) {
    const Codestream stream = read_codestream(coded, format, options);
    if (has_small_borders(stream) && packet_ends(stream)) {
        check_code_blocks(stream);
        try {
            decode_by_openjph(stream, format, out);
            return stream.format();
        } catch (const runtime::Error& error) {
            if (error.kind != runtime::ErrorKind::codec) throw;
            runtime::log(runtime::log_level::debug, "codec", error.message);
        }
    }
    return decode_by_openjpeg(stream, format, options, out);
}

std::string encode_htj2k_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                  const EncodeOptions& options) {
    return encode_by_openjph(pixels, format, parameters_for(pixels, format, options));
}

std::string encode_htj2k_rpcl(const std::uint8_t* pixels, const FrameFormat& format,
                              const EncodeOptions& options) {
    return divided(encode_htj2k_lossless(pixels, format, options), format);
}

std::string encode_htj2k(const std::uint8_t* pixels, const FrameFormat& format,
                         const EncodeOptions& options) {
    if (options.compression_ratio == 0 && options.psnr == 0)
        return encode_htj2k_lossless(pixels, format, options);
    return encode_lossy(pixels, format, options);
}

}  // namespace dcmtk_native::codec

#else

namespace dcmtk_native::codec {

namespace {

[[noreturn]] void missing() {
    runtime::raise(runtime::ErrorKind::unsupported,
                   "HTJ2K needs OpenJPH: this build was made without it");
}

}  // namespace

bool has_htj2k() noexcept { return false; }

StreamFormat decode_htj2k(std::string_view, const FrameFormat&, const DecodeOptions&, std::uint8_t*) {
    missing();
}

std::string encode_htj2k_lossless(const std::uint8_t*, const FrameFormat&, const EncodeOptions&) {
    missing();
}

std::string encode_htj2k_rpcl(const std::uint8_t*, const FrameFormat&, const EncodeOptions&) {
    missing();
}

std::string encode_htj2k(const std::uint8_t*, const FrameFormat&, const EncodeOptions&) { missing(); }

}  // namespace dcmtk_native::codec

#endif
