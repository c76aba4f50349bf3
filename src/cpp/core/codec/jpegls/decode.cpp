#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "codec/jpegls/bits.hpp"
#include "codec/jpegls/colour.hpp"
#include "codec/jpegls/header.hpp"
#include "codec/jpegls/jpegls.hpp"
#include "codec/jpegls/line_decoder.hpp"
#include "codec/jpegls/line_memory.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace jpegls {

namespace {

[[noreturn]] void fail(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG-LS: " + why);
}

std::string described(std::uint32_t columns, std::uint32_t rows, unsigned samples) {
    return std::to_string(columns) + " x " + std::to_string(rows) + " pixels of " +
           std::to_string(samples) + (samples == 1 ? " sample" : " samples");
}

void check_frame(const FrameHeader& found, const FrameFormat& format) {
    // No rows: a DNL segment behind the first scan will tell.
    const std::uint32_t rows = found.rows == 0 ? format.rows : found.rows;
    if (rows != format.rows || found.columns != format.columns || found.components != format.samples)
        fail("the stream has " + described(found.columns, found.rows, found.components) +
             ", the data set claims " + described(format.columns, format.rows, format.samples));
    if (found.precision > format.bits_allocated)
        fail("the stream has samples of " + std::to_string(found.precision) +
             " bits, the data set allocates " + std::to_string(format.bits_allocated));
}

/// Decodes one scan into the frame.
template <class Sample> class ScanDecoder {
  public:
    ScanDecoder(const HeaderReader& header, const ScanHeader& scan, std::string_view coded,
                const FrameFormat& format, std::uint8_t* frame)
        : header_(header), scan_(scan), coded_(coded), format_(format), frame_(frame),
          samples_(scan.interleave == Interleave::sample ? scan.components : 1),
          source_(std::size_t{format.columns} * samples_),
          decoder_(make_line_decoder<Sample>(
              parameters_of(static_cast<int>(header.frame().precision), scan.near_loss,
                            header.preset()),
              format.columns, samples_)),
          planes_(scan.components / samples_, Plane{LineMemory<Sample>(format.columns, samples_)}) {}

    /// The offset behind the scan; nothing when the stream ends in it.
    std::optional<std::size_t> decode() {
        source_.start(coded_, header_.position());
        for (std::uint32_t row = 0; row < format_.rows; ++row) {
            runtime::checkpoint();
            if (is_restart(row) && !restart(row)) return std::nullopt;
            for (Plane& plane : planes_)
                if (!decode_line(plane, row)) return std::nullopt;
            write(row);
        }
        return source_.find_end();
    }

  private:
    struct Plane {
        LineMemory<Sample> lines;
        unsigned run_index = 0;
    };

    [[nodiscard]] bool is_restart(std::uint32_t row) const {
        const std::uint32_t interval = header_.restart_interval();
        return interval != 0 && row != 0 && row % interval == 0;
    }

    /// Begins anew behind the marker; false at the end of the stream.
    bool restart(std::uint32_t row) {
        constexpr std::uint32_t restart_markers = 8;
        const std::uint32_t number = (row / header_.restart_interval() - 1) % restart_markers;
        const std::optional<std::size_t> at = header_.behind_restart(source_.find_end(), number);
        if (!at) return false;
        source_.start(coded_, *at);
        decoder_->reset();
        for (Plane& plane : planes_) {
            plane.lines.reset();
            plane.run_index = 0;
        }
        return true;
    }

    /// False at the end of the stream.
    bool decode_line(Plane& plane, std::uint32_t row) {
        plane.lines.advance();
        source_.prepare_line();
        const bool is_legal =
            decoder_->decode(source_, plane.lines.above(), plane.lines.line(), plane.run_index);
        if (!source_.is_intact()) return false;
        if (!is_legal) fail("row " + std::to_string(row) + " is coded in no legal way");
        return true;
    }

    void write(std::uint32_t row) {
        const std::size_t columns = format_.columns;
        const std::size_t all = format_.samples;
        std::uint8_t* const out = frame_ + row * columns * all * sizeof(Sample);
        if (samples_ == all && is_in_order()) {
            std::memcpy(out, planes_.front().lines.line(), columns * all * sizeof(Sample));
            return;
        }
        for (std::size_t n = 0; n < scan_.components; ++n) {
            const Sample* from = planes_[n / samples_].lines.line() + n % samples_;
            std::uint8_t* to = out + scan_.indices[n] * sizeof(Sample);
            for (std::size_t left = columns; left != 0; --left) {
                std::memcpy(to, from, sizeof(Sample));  // it may stand at any address
                from += samples_;
                to += all * sizeof(Sample);
            }
        }
    }

    [[nodiscard]] bool is_in_order() const {
        for (unsigned n = 0; n < samples_; ++n)
            if (scan_.indices[n] != n) return false;
        return true;
    }

    const HeaderReader& header_;
    const ScanHeader& scan_;
    std::string_view coded_;
    const FrameFormat& format_;
    std::uint8_t* frame_;
    unsigned samples_;  // of a pixel, coded side by side
    BitSource source_;
    std::unique_ptr<LineDecoder<Sample>> decoder_;
    std::vector<Plane> planes_;
};

/// Decodes scans until every component is there; false when the stream ends before.
template <class Sample>
bool decode_scans(HeaderReader& header, std::string_view coded, const FrameFormat& format,
                  std::uint8_t* frame) {
    std::size_t at = header.position();
    for (unsigned decoded = 0; decoded != (1U << format.samples) - 1;) {
        const std::optional<ScanHeader> scan = header.next_scan(at);
        if (header.frame().components != 0) check_frame(header.frame(), format);
        if (!scan) return false;
        for (unsigned n = 0; n < scan->components; ++n) {
            const unsigned component = 1U << scan->indices[n];
            if ((decoded & component) != 0) fail("a component is coded twice");
            decoded |= component;
        }
        const auto end = ScanDecoder<Sample>(header, *scan, coded, format, frame).decode();
        if (!end) return false;
        at = *end;
    }
    return true;
}

template <class Sample>
StreamFormat decode_frame(std::string_view coded, const FrameFormat& format,
                          const DecodeOptions& options, std::uint8_t* frame) {
    HeaderReader header(coded);
    if (options.workaround_incomplete) std::memset(frame, 0, format.bytes());
    const bool is_complete = decode_scans<Sample>(header, coded, format, frame);
    const FrameHeader& found = header.frame();
    if (found.components == 0) fail("the stream ends before a frame header");
    if (!is_complete && !options.workaround_incomplete) fail("the stream ends before the frame does");
    const ColourTransform transform = header.colour_transform();
    if (transform != ColourTransform::none) {
        if (format.samples != 3) fail("a colour transform of a frame that has no colours");
        undo_transform<Sample>(transform, found.precision, frame, format.pixels());
    }
    return {found.precision, false, transform != ColourTransform::none};
}

}  // namespace

}  // namespace jpegls

StreamFormat decode_jpegls(std::string_view coded, const FrameFormat& format,
                           const DecodeOptions& options, std::uint8_t* out) {
    if (format.pixels() == 0) jpegls::fail("a frame without pixels");
    if (format.samples == 0 || format.samples > jpegls::most_components)
        jpegls::fail(std::to_string(format.samples) + " samples per pixel: 1 to 4 can be decoded");
    switch (format.bits_allocated) {
    case 8: return jpegls::decode_frame<std::uint8_t>(coded, format, options, out);
    case 16: return jpegls::decode_frame<std::uint16_t>(coded, format, options, out);
    default:
        jpegls::fail(std::to_string(format.bits_allocated) + " bits allocated: 8 or 16 can be decoded");
    }
}

}  // namespace dcmtk_native::codec
