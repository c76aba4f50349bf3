#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "codec/jpegls/bits.hpp"
#include "codec/jpegls/header.hpp"
#include "codec/jpegls/jpegls.hpp"
#include "codec/jpegls/line_encoder.hpp"
#include "codec/jpegls/line_memory.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace jpegls {

namespace {

[[noreturn]] void fail(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG-LS: " + why);
}

/// Takes samples out of memory, and refuses those that the stream could not give back.
template <class Sample> class SampleReader {
  public:
    SampleReader(const FrameFormat& format, int near_loss)
        : bits_stored_(format.bits_stored), is_signed_(format.is_signed), near_(near_loss),
          mask_(static_cast<Sample>((1U << format.bits_stored) - 1)),
          sign_(static_cast<Sample>(1U << (format.bits_stored - 1))) {}

    /// `count` samples from `from` on, `stride` samples apart; they may stand at any address.
    void read(const std::uint8_t* from, std::size_t stride, Sample* to, std::size_t count) const {
        const bool fits = stride == 1 ? copy<1>(from, stride, to, count) : copy<0>(from, stride, to, count);
        if (!fits)
            fail("a sample needs more than the " + std::to_string(bits_stored_) + " bits stored");
        if (is_signed_ && near_ != 0) check_distance(to, count);
    }

  private:
    template <std::size_t constant_stride>
    [[nodiscard]] bool copy(const std::uint8_t* from, std::size_t stride, Sample* to,
                            std::size_t count) const {
        if (constant_stride != 0) stride = constant_stride;
        // Unused bits are zeros or copies of the sign; both are seen in signed data.
        const auto signs = static_cast<Sample>(is_signed_ ? ~mask_ : 0);
        unsigned wrong = 0;
        for (std::size_t n = 0; n < count; ++n) {
            Sample value;
            std::memcpy(&value, from + n * stride * sizeof value, sizeof value);
            const auto unused = static_cast<Sample>(value & ~mask_);
            const auto extension = static_cast<Sample>((value & sign_) != 0 ? signs : 0);
            wrong |= static_cast<unsigned>(unused != 0) & static_cast<unsigned>(unused != extension);
            to[n] = static_cast<Sample>(value & mask_);
        }
        return wrong == 0;
    }

    /// JPEG-LS knows no signs: a deviation must not carry a sample from the highest value to the lowest.
    void check_distance(const Sample* samples, std::size_t count) const {
        for (std::size_t n = 0; n < count; ++n) {
            const int height = (samples[n] ^ sign_) & mask_;  // above the lowest value
            if (height < near_ || height > mask_ - near_)
                fail("a signed sample is nearer to the end of its range than the deviation of " +
                     std::to_string(near_));
        }
    }

    unsigned bits_stored_;
    bool is_signed_;
    int near_;
    Sample mask_;
    Sample sign_;
};

/// Puts marker segments together (ITU-T T.87 annex C).
class HeaderWriter {
  public:
    explicit HeaderWriter(std::string& stream) : stream_(stream) {}

    void marker(unsigned code) { word(0xFF00U | code); }
    void byte(unsigned value) { stream_.push_back(static_cast<char>(value)); }
    void word(unsigned value) {
        byte(value >> 8);
        byte(value & 0xFF);
    }

    void frame(const FrameFormat& format, unsigned precision) {
        marker(0xF7);
        word(8 + 3U * format.samples);
        byte(precision);
        word(format.rows);
        word(format.columns);
        byte(format.samples);
        for (unsigned n = 1; n <= format.samples; ++n) {
            byte(n);
            byte(0x11);
            byte(0);
        }
    }
    void preset(const Parameters& parameters) {
        marker(0xF8);
        word(13);
        byte(1);
        for (const int value : {parameters.maximum, parameters.threshold1, parameters.threshold2,
                                parameters.threshold3, parameters.reset})
            word(static_cast<unsigned>(value));
    }
    void scan(unsigned first, unsigned components, int near_loss, Interleave interleave) {
        marker(0xDA);
        word(6 + 2 * components);
        byte(components);
        for (unsigned n = first; n < first + components; ++n) {
            byte(n + 1);
            byte(0);
        }
        byte(static_cast<unsigned>(near_loss));
        byte(static_cast<unsigned>(interleave));
        byte(0);
    }

  private:
    std::string& stream_;
};

/// The entropy coded segment of one scan.
template <class Sample>
void encode_scan(const std::uint8_t* pixels, const FrameFormat& format,
                 const Parameters& parameters, unsigned first, unsigned components,
                 Interleave interleave, std::string& stream) {
    struct Plane {
        LineMemory<Sample> lines;
        unsigned run_index = 0;
    };
    const std::size_t columns = format.columns;
    const unsigned samples = interleave == Interleave::sample ? components : 1;
    const SampleReader<Sample> reader(format, parameters.near_loss);
    const auto encoder = make_line_encoder<Sample>(parameters, columns, samples);
    BitSink sink(columns * samples);
    std::vector<Plane> planes(components / samples, Plane{LineMemory<Sample>(columns, samples)});
    const std::size_t stride = samples == 1 ? format.samples : 1;
    for (std::uint32_t row = 0; row < format.rows; ++row) {
        runtime::checkpoint();
        const std::uint8_t* from =
            pixels + (row * columns * format.samples + first) * sizeof(Sample);
        for (Plane& plane : planes) {
            plane.lines.advance();
            reader.read(from, stride, plane.lines.line(), plane.lines.width());
            sink.stuff(encoder->encode(sink, plane.lines.above(), plane.lines.line(),
                                       plane.run_index),
                       stream);
            from += sizeof(Sample);
        }
    }
    sink.finish(stream);
}

void check_encodable(const FrameFormat& format) {
    if (format.pixels() == 0) fail("a frame without pixels");
    if (format.rows > 0xFFFF || format.columns > 0xFFFF)
        fail("more than 65535 rows or columns cannot be encoded");
    if (format.samples == 0 || format.samples > most_components)
        fail(std::to_string(format.samples) + " samples per pixel: 1 to 4 can be encoded");
    if (format.bits_allocated != 8 && format.bits_allocated != 16)
        fail(std::to_string(format.bits_allocated) + " bits allocated: 8 or 16 can be encoded");
    if (format.bits_stored == 0 || format.bits_stored > format.bits_allocated)
        fail(std::to_string(format.bits_stored) + " bits stored of " +
             std::to_string(format.bits_allocated));
}

std::string encode(const std::uint8_t* pixels, const FrameFormat& format,
                   const EncodeOptions& options) {
    check_encodable(format);
    const int precision = std::max<int>(format.bits_stored, 2);
    const Preset preset{0, options.threshold1, options.threshold2, options.threshold3, options.reset};
    const Parameters parameters = parameters_of(precision, options.max_deviation, preset);
    const Interleave interleave = format.samples == 1 ? Interleave::none : options.interleave;

    std::string stream;
    stream.reserve(format.bytes() / 2 + 1024);
    HeaderWriter header(stream);
    header.marker(0xD8);
    header.frame(format, static_cast<unsigned>(precision));
    if (!parameters.has_presets_of(parameters_of(precision, options.max_deviation, Preset{})))
        header.preset(parameters);
    const unsigned components = interleave == Interleave::none ? 1 : format.samples;
    for (unsigned first = 0; first < format.samples; first += components) {
        header.scan(first, components, options.max_deviation, interleave);
        if (format.bits_allocated == 8)
            encode_scan<std::uint8_t>(pixels, format, parameters, first, components, interleave, stream);
        else
            encode_scan<std::uint16_t>(pixels, format, parameters, first, components, interleave, stream);
    }
    header.marker(0xD9);
    return stream;
}

}  // namespace

}  // namespace jpegls

std::string encode_jpegls_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                   const EncodeOptions& options) {
    if (options.max_deviation != 0)
        jpegls::fail("the lossless transfer syntax allows no deviation");
    return jpegls::encode(pixels, format, options);
}

std::string encode_jpegls_near(const std::uint8_t* pixels, const FrameFormat& format,
                               const EncodeOptions& options) {
    return jpegls::encode(pixels, format, options);
}

}  // namespace dcmtk_native::codec
