#include "codec/jpeg2000/tile_decoder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "codec/frames/sample_cells.hpp"
#include "codec/jpeg2000/block_decoder.hpp"
#include "codec/jpeg2000/packets.hpp"
#include "codec/jpeg2000/wavelet.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/parallel.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr unsigned most_levels = 15;
constexpr unsigned most_planes = 30;
constexpr unsigned most_precision = 28;
// Of the wavelet: what one thread does at a time, and what is worth a second one.
constexpr std::size_t lines_of_step = 64;
constexpr std::size_t samples_for_threads = 256 * 256;

bool is_common(const Component& component, bool reversible) {
    const CodingStyle& style = component.style;
    const Quantization& quantization = component.quantization;
    if (component.dx != 1 || component.dy != 1 || component.precision > most_precision ||
        style.mode != 0 || style.levels > most_levels || style.reversible != reversible ||
        (quantization.style == 0) != reversible)
        return false;
    if (quantization.style != 1 && quantization.bands < 3 * style.levels + 1) return false;
    for (unsigned resolution = 0; resolution <= style.levels; ++resolution)
        for (unsigned band = resolution == 0 ? 0 : 1; band < (resolution == 0 ? 1U : 4U); ++band) {
            const unsigned planes = bit_planes(quantization, resolution, band);
            if (planes == 0 || planes > most_planes) return false;
        }
    return true;
}

bool is_common(const Codestream& stream) {
    const Coding& coding = stream.coding;
    if (coding.high_throughput || !coding.plain || coding.packet_markers || !stream.complete ||
        stream.x0 != 0 || stream.y0 != 0 || stream.tile_x0 != 0 || stream.tile_y0 != 0)
        return false;
    const bool reversible = coding.components.front().style.reversible;
    return std::all_of(coding.components.begin(), coding.components.end(),
                       [=](const Component& one) { return is_common(one, reversible); });
}

struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
};
/// Zeros, which take no memory until they are looked at.
using Plane = std::unique_ptr<void, Free>;

Plane make_plane(std::size_t samples) {
    Plane plane(std::calloc(samples, sizeof(std::int32_t)));
    if (!plane) throw std::bad_alloc();
    return plane;
}

/// One tile; `Number` is std::int32_t if it is coded reversibly, else float.
template <typename Number> class Tile {
  public:
    Tile(const Codestream& stream, const TileArea& area, TileData parts, const FrameFormat& format,
         unsigned threads)
        : stream_(stream), format_(format), threads_(threads), area_(area),
          packets_(stream, area, std::move(parts)),
          width_(static_cast<std::size_t>(area.x.size())),
          height_(static_cast<std::size_t>(area.y.size())) {}

    void decode(std::uint8_t* out) {
        for (std::size_t i = 0; i < components().size(); ++i)
            planes_.push_back(make_plane(width_ * height_));
        decode_blocks();
        for (std::size_t i = 0; i < components().size(); ++i)
            undo_wavelet(i);
        store(out);
    }

  private:
    [[nodiscard]] const std::vector<Component>& components() const {
        return stream_.coding.components;
    }
    [[nodiscard]] Number* plane(std::size_t component) const {
        return static_cast<Number*>(planes_[component].get());
    }

    void decode_blocks() {
        std::vector<const CodeBlock*> coded;
        for (const CodeBlock& block : packets_.blocks())
            if (block.passes != 0) coded.push_back(&block);
        const auto step = [&](std::size_t begin, std::size_t end) {
            BlockDecoder decoder;
            std::vector<std::uint8_t> bytes;
            std::vector<std::uint8_t> code;
            for (std::size_t i = begin; i < end; ++i) {
                packets_.gather(*coded[i], bytes);
                unstuff(bytes.data(), bytes.size(), code);
                decode_block(*coded[i], decoder, code);
            }
        };
        for_each(coded.size(), 1, step, threads_);
    }

    void decode_block(const CodeBlock& block, BlockDecoder& decoder,
                      const std::vector<std::uint8_t>& code) {
        decoder.decode({static_cast<Subband>(block.band), block.width, block.height, block.planes,
                        block.passes},
                       code);
        const Component& component = components()[block.component];
        const StepSize size = step_size(component.quantization, block.resolution, block.band);
        // Magnitudes have a bit behind the point.
        const float half_step =
            0.5F * static_cast<float>(std::ldexp(1 + size.mantissa / 2048.0,
                                                 static_cast<int>(component.precision) -
                                                     static_cast<int>(size.exponent)));
        for (std::uint32_t y = 0; y < block.height; ++y) {
            const std::uint32_t* const from = decoder.row(y);
            Number* const to = plane(block.component) + (block.y + y) * width_ + block.x;
            for (std::uint32_t x = 0; x < block.width; ++x)
                to[x] = coefficient(from[x], half_step);
        }
    }

    static Number coefficient(std::uint32_t coded, float half_step) {
        const auto magnitude = static_cast<std::int32_t>(coded & ~BlockDecoder::sign);
        const bool is_negative = (coded & BlockDecoder::sign) != 0;
        if constexpr (std::is_same_v<Number, float>) {
            return static_cast<float>(is_negative ? -magnitude : magnitude) * half_step;
        } else {
            return is_negative ? -(magnitude >> 1) : magnitude >> 1;
        }
    }

    void undo_wavelet(std::size_t component) {
        const Coefficients coefficients{plane(component), width_, area_.x, area_.y};
        for (unsigned level = components()[component].style.levels; level-- > 0;) {
            const InverseWavelet<Number> wavelet(coefficients, level);
            const std::size_t samples = wavelet.rows() * wavelet.columns();
            const unsigned threads = samples < samples_for_threads ? 1 : threads_;
            for_each(
                wavelet.rows(), lines_of_step,
                [&](std::size_t begin, std::size_t end) { wavelet.filter_rows(begin, end); },
                threads);
            for_each(
                wavelet.columns(), lines_of_step,
                [&](std::size_t begin, std::size_t end) { wavelet.filter_columns(begin, end); },
                threads);
        }
    }

    template <typename Work>
    static void for_each(std::size_t count, std::size_t at_once, Work&& work, unsigned threads) {
        runtime::for_each_step((count + at_once - 1) / at_once, threads, [&](std::size_t step) {
            work(step * at_once, std::min(count, (step + 1) * at_once));
        });
    }

    void store(std::uint8_t* out) {
        std::vector<std::int32_t> line(width_);
        const std::size_t pixel = format_.samples * format_.sample_bytes();
        for (std::size_t y = 0; y < height_; ++y) {
            runtime::checkpoint();
            if (stream_.coding.transform) undo_transform(y * width_);
            std::uint8_t* const row =
                out + ((area_.y.begin + y) * format_.columns + area_.x.begin) * pixel;
            for (std::size_t i = 0; i < components().size(); ++i) {
                finish(plane(i) + y * width_, components()[i], line.data());
                store_cells(line.data(), width_, format_, row + i * format_.sample_bytes());
            }
        }
    }

    /// Of one line: luminance and chroma become red, green, blue (annex G).
    void undo_transform(std::size_t begin) {
        Number* const first = plane(0) + begin;
        Number* const second = plane(1) + begin;
        Number* const third = plane(2) + begin;
        for (std::size_t x = 0; x < width_; ++x) {
            const Number luma = first[x];
            const Number blue = second[x];
            const Number red = third[x];
            if constexpr (std::is_same_v<Number, float>) {
                first[x] = luma + red * 1.402F;
                second[x] = luma - blue * 0.34413F - red * 0.71414F;
                third[x] = luma + blue * 1.772F;
            } else {
                const Number green = wrapped(luma, -(wrapped(blue, red) >> 2));
                first[x] = wrapped(red, green);
                second[x] = green;
                third[x] = wrapped(blue, green);
            }
        }
    }

    void finish(const Number* from, const Component& component, std::int32_t* to) const {
        const std::int32_t half = std::int32_t{1} << (component.precision - 1);
        const std::int32_t least = component.is_signed ? -half : 0;
        const std::int32_t most = component.is_signed ? half - 1 : 2 * half - 1;
        const std::int32_t shift = component.is_signed ? 0 : half;
        for (std::size_t x = 0; x < width_; ++x) {
            if constexpr (std::is_same_v<Number, float>) {
                // Far more than any sample, and far less than what an integer holds.
                constexpr float bound = 1 << 30;
                const float bounded = std::min(std::max(from[x], -bound), bound);
                to[x] = std::clamp(static_cast<std::int32_t>(std::lrintf(bounded)) + shift, least,
                                   most);
            } else {
                to[x] = std::clamp(wrapped(from[x], shift), least, most);
            }
        }
    }

    /// Sums of what a hostile stream makes too large.
    static std::int32_t wrapped(std::int32_t a, std::int32_t b) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) +
                                         static_cast<std::uint32_t>(b));
    }

    const Codestream& stream_;
    const FrameFormat& format_;
    const unsigned threads_;
    const TileArea area_;
    const TilePackets packets_;
    const std::size_t width_;
    const std::size_t height_;
    std::vector<Plane> planes_;
};

template <typename Number>
void decode_tiles(const Codestream& stream, const FrameFormat& format, unsigned threads,
                  std::uint8_t* out) {
    std::vector<TileData> parts(std::size_t{stream.tiles_across} * stream.tiles_down);
    for (const TilePart& part : stream.parts) parts[part.tile].push_back(part.data);
    // One tile is divided, several are shared out.
    const unsigned threads_of_tile = parts.size() == 1 ? threads : 1;
    runtime::for_each_step(parts.size(), threads, [&](std::size_t index) {
        const TileArea area = tile_area(stream, static_cast<std::uint32_t>(index));
        Tile<Number>(stream, area, std::move(parts[index]), format, threads_of_tile).decode(out);
    });
}

}  // namespace

bool decode_common_j2k(const Codestream& stream, const FrameFormat& format,
                       const DecodeOptions& options, std::uint8_t* out) {
    if (!is_common(stream)) return false;
    try {
        if (stream.coding.components.front().style.reversible)
            decode_tiles<std::int32_t>(stream, format, options.threads, out);
        else
            decode_tiles<float>(stream, format, options.threads, out);
        return true;
    } catch (const Unsound&) {
        return false;
    }
}

}  // namespace dcmtk_native::codec
