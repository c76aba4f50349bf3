#include "codec/jpeg/turbo.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include <jpeglib.h>
// After jpeglib.h:
#include <jerror.h>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

/// libjpeg's way out of an error: a jump to the last `attempt`, over C frames only.
struct Escape : jpeg_error_mgr {
    std::jmp_buf target;
    std::array<char, JMSG_LENGTH_MAX> message;
    std::array<char, JMSG_LENGTH_MAX> first_remark;
    bool is_premature;  // the data end before the frame does ...
    bool may_be_premature;  // ... and what has come so far is good enough
    bool is_stopped;    // the call was aborted or is past its deadline
};

Escape& escape_of(j_common_ptr codec) { return *static_cast<Escape*>(codec->err); }

extern "C" {

[[noreturn]] void dcmtk_native_jpeg_error_exit(j_common_ptr codec) {
    Escape& escape = escape_of(codec);
    escape.format_message(codec, escape.message.data());
    std::longjmp(escape.target, 1);
}

/// Ends the work where the data are corrupt: libjpeg itself would go on and make up samples.
void dcmtk_native_jpeg_emit_message(j_common_ptr codec, int level) {
    if (level >= 0) return;  // a trace
    Escape& escape = escape_of(codec);
    switch (escape.msg_code) {
    case JWRN_HIT_MARKER:
        if (escape.may_be_premature) return;
        escape.is_premature = true;
        [[fallthrough]];
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
        dcmtk_native_jpeg_error_exit(codec);
    case JWRN_JPEG_EOF:
        return;  // a missing EOI; what else is missing shows as JWRN_HIT_MARKER
    default:
        if (escape.first_remark[0] == '\0')
            escape.format_message(codec, escape.first_remark.data());
    }
}

void dcmtk_native_jpeg_output_message(j_common_ptr /*codec*/) {}

/// Called within the passes of libjpeg that take long before the first row is there.
void dcmtk_native_jpeg_progress(j_common_ptr codec) {
    runtime::CallScope* scope = runtime::CallScope::current();
    if (scope == nullptr || scope->may_continue()) return;
    escape_of(codec).is_stopped = true;
    std::longjmp(escape_of(codec).target, 1);
}

}  // extern "C"

/// Takes what is coded into a string that grows.
struct Destination : jpeg_destination_mgr {
    std::string bytes;

    void go_on_at(std::size_t used) {
        next_output_byte = reinterpret_cast<JOCTET*>(bytes.data()) + used;
        free_in_buffer = bytes.size() - used;
    }
    [[nodiscard]] bool grow() noexcept {
        const std::size_t used = bytes.size();
        try {
            bytes.resize(2 * used);
        } catch (...) {
            return false;
        }
        go_on_at(used);
        return true;
    }
};

extern "C" {

void dcmtk_native_jpeg_init_destination(j_compress_ptr /*codec*/) {}

boolean dcmtk_native_jpeg_empty_output_buffer(j_compress_ptr codec) {
    if (!static_cast<Destination*>(codec->dest)->grow()) ERREXIT1(codec, JERR_OUT_OF_MEMORY, 0);
    return TRUE;
}

void dcmtk_native_jpeg_term_destination(j_compress_ptr codec) {
    std::string& bytes = static_cast<Destination*>(codec->dest)->bytes;
    bytes.resize(bytes.size() - codec->dest->free_in_buffer);
}

}  // extern "C"

/// A codec struct of libjpeg and what belongs to it.
template <typename Codec>
class Session {
  public:
    Session() {
        jpeg_std_error(&escape_);
        escape_.error_exit = dcmtk_native_jpeg_error_exit;
        escape_.emit_message = dcmtk_native_jpeg_emit_message;
        escape_.output_message = dcmtk_native_jpeg_output_message;
        codec.err = &escape_;
        progress_.progress_monitor = dcmtk_native_jpeg_progress;
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { jpeg_destroy(reinterpret_cast<j_common_ptr>(&codec)); }

    /// False when libjpeg gave up. Nothing that `work` makes may need a destructor: it is jumped over.
    template <typename Work>
    [[nodiscard]] bool attempt(const Work& work) {
        if (setjmp(escape_.target) != 0) return false;
        work();
        return true;
    }
    /// After jpeg_create_..., which clears the struct.
    void watch_progress() { codec.progress = &progress_; }

    void accept_premature_end() { escape_.may_be_premature = true; }
    [[nodiscard]] bool is_premature() const { return escape_.is_premature; }
    [[noreturn]] void fail() const {
        if (escape_.is_stopped) runtime::CallScope::current()->stop();
        runtime::raise(runtime::ErrorKind::codec,
                       std::string("JPEG stream: ") + escape_.message.data());
    }
    void log_remark() const {
        if (escape_.first_remark[0] != '\0')
            runtime::log(runtime::log_level::warn, "codec",
                         std::string("JPEG stream: ") + escape_.first_remark.data());
    }

    Codec codec{};

  private:
    Escape escape_{};
    jpeg_progress_mgr progress_{};
};

/// Sets up what libjpeg otherwise guesses from markers: the caller knows, and wants it as stored.
void choose_colors(jpeg_decompress_struct& codec, bool to_rgb) {
    const bool is_gray = codec.num_components == 1;
    codec.jpeg_color_space = to_rgb ? JCS_YCbCr : is_gray ? JCS_GRAYSCALE : JCS_UNKNOWN;
    codec.out_color_space = to_rgb ? JCS_RGB : codec.jpeg_color_space;
}

/// What libjpeg may hold of a frame: its coefficients, each component with full blocks.
long memory_allowance(const FrameFormat& format) {
    constexpr std::size_t base = std::size_t{64} << 20;
    constexpr std::size_t per_sample = 4 * sizeof(JCOEF);
    return static_cast<long>(base + format.pixels() * format.samples * per_sample);
}

void widen(const std::uint8_t* from, std::size_t count, std::uint8_t* to) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint16_t sample = from[i];
        std::memcpy(to + 2 * i, &sample, sizeof sample);
    }
}

/// Rows of libjpeg into rows of a frame.
class RowReader {
  public:
    RowReader(jpeg_decompress_struct& codec, const FrameFormat& format, std::uint8_t* out)
        : codec_(codec), row_samples_(std::size_t{format.columns} * format.samples),
          is_wide_(format.sample_bytes() == 2), out_(out),
          narrow_(is_wide_ ? batch * row_samples_ : 0) {}

    /// To be called within an attempt.
    void read_some() {
        std::array<JSAMPROW, batch> rows{};
        const std::size_t begin = codec_.output_scanline;
        const std::size_t wanted = std::min<std::size_t>(batch, codec_.output_height - begin);
        JSAMPROW first = is_wide_ ? narrow_.data() : out_ + begin * row_samples_;
        for (std::size_t i = 0; i < wanted; ++i) rows[i] = first + i * row_samples_;
        const std::size_t count =
            jpeg_read_scanlines(&codec_, rows.data(), static_cast<JDIMENSION>(wanted));
        if (is_wide_)
            widen(first, count * row_samples_, out_ + begin * row_samples_ * 2);
    }
    void clear_rest() {
        const std::size_t row_bytes = row_samples_ * (is_wide_ ? 2 : 1);
        std::memset(out_ + codec_.output_scanline * row_bytes, 0,
                    (codec_.output_height - codec_.output_scanline) * row_bytes);
    }

  private:
    static constexpr std::size_t batch = 16;

    jpeg_decompress_struct& codec_;
    std::size_t row_samples_;
    bool is_wide_;
    std::uint8_t* out_;
    std::vector<JSAMPLE> narrow_;
};

}  // namespace

void decode_jpeg_turbo(std::string_view coded, const intake::JpegHeader& header,
                       const FrameFormat& format, const DecodeOptions& options,
                       std::uint8_t* out) {
    Session<jpeg_decompress_struct> session;
    jpeg_decompress_struct& codec = session.codec;
    const bool to_rgb = options.ybr_to_rgb && header.components == 3 && !header.says_rgb();
    // What is missing of a progressive stream makes the whole frame coarser, and no rows missing.
    if (options.workaround_incomplete && header.process == intake::jpeg::sof2)
        session.accept_premature_end();
    const bool is_started = session.attempt([&] {
        jpeg_create_decompress(&codec);
        codec.mem->max_memory_to_use = memory_allowance(format);
        session.watch_progress();
        jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(coded.data()), coded.size());
        jpeg_read_header(&codec, TRUE);
        choose_colors(codec, to_rgb);
        codec.dct_method = JDCT_ISLOW;
        jpeg_start_decompress(&codec);
    });
    if (!is_started) {
        if (!session.is_premature() || !options.workaround_incomplete) session.fail();
        std::memset(out, 0, format.bytes());
        return;
    }
    RowReader reader(codec, format, out);
    while (codec.output_scanline < codec.output_height) {
        runtime::checkpoint();
        if (session.attempt([&] { reader.read_some(); })) continue;
        if (!session.is_premature() || !options.workaround_incomplete) session.fail();
        reader.clear_rest();
        return;
    }
    session.log_remark();
}

namespace {

/// A scan of spectral selection: coefficients `first` to `last` of `count` components.
jpeg_scan_info spectral_scan(int component, int count, int first, int last) {
    jpeg_scan_info scan{};
    scan.comps_in_scan = count;
    for (int i = 0; i < count; ++i) scan.component_index[i] = component + i;
    scan.Ss = first;
    scan.Se = last;
    return scan;
}

/// All of the means at once, then the low frequencies of each component, then the rest.
std::vector<jpeg_scan_info> spectral_scans(int components) {
    constexpr int last_low = 5;
    constexpr int last = DCTSIZE2 - 1;
    std::vector<jpeg_scan_info> scans{spectral_scan(0, components, 0, 0)};
    for (int i = 0; i < components; ++i) scans.push_back(spectral_scan(i, 1, 1, last_low));
    for (int i = 0; i < components; ++i) scans.push_back(spectral_scan(i, 1, last_low + 1, last));
    return scans;
}

/// As DCMTK has it: monochrome and luminance with chroma have a JFIF marker, chroma may be coarser.
void choose_colors(jpeg_compress_struct& codec, const EncodeOptions& options) {
    switch (codec.input_components) {
    case 1: codec.in_color_space = JCS_GRAYSCALE; break;
    case 3: codec.in_color_space = options.is_rgb ? JCS_RGB : JCS_YCbCr; break;
    default: codec.in_color_space = JCS_UNKNOWN; break;
    }
    jpeg_set_defaults(&codec);
    if (codec.jpeg_color_space != JCS_YCbCr) return;
    codec.comp_info[0].h_samp_factor = options.subsampling == Subsampling::s444 ? 1 : 2;
    codec.comp_info[0].v_samp_factor = options.subsampling == Subsampling::s420 ? 2 : 1;
}

void choose_process(jpeg_compress_struct& codec, LossyProcess process, int quality,
                    const std::vector<jpeg_scan_info>& scans) {
    jpeg_set_quality(&codec, quality, process == LossyProcess::baseline ? TRUE : FALSE);
    if (process == LossyProcess::progressive) jpeg_simple_progression(&codec);
    if (process == LossyProcess::spectral_selection) {
        codec.scan_info = scans.data();
        codec.num_scans = static_cast<int>(scans.size());
    }
}

/// libjpeg-turbo calls baseline whatever is: .51 has SOF1 all the same.
void mark_as_extended(std::string& coded) {
    intake::JpegReader reader(coded);
    while (true) {
        const intake::JpegSegment segment = reader.next();
        if (segment.code == intake::jpeg::sof0)
            coded[segment.offset + 1] = static_cast<char>(intake::jpeg::sof1);
        if (intake::jpeg::is_frame_header(segment.code) || segment.code == intake::jpeg::eoi)
            return;
    }
}

/// Rows of a frame as libjpeg takes them: a byte a sample.
class RowWriter {
  public:
    RowWriter(jpeg_compress_struct& codec, const std::uint8_t* pixels, const FrameFormat& format)
        : codec_(codec), pixels_(pixels), row_samples_(std::size_t{format.columns} * format.samples),
          mask_(static_cast<std::uint8_t>((1U << std::min<unsigned>(format.bits_stored, 8)) - 1)),
          width_(format.sample_bytes()), is_copied_(width_ != 1 || mask_ != 0xFF),
          padded_((row_samples_ + DCTSIZE - 1) / DCTSIZE * DCTSIZE),
          rows_(codec.raw_data_in != 0 ? DCTSIZE * padded_ : is_copied_ ? row_samples_ : 0) {}

    /// To be called within an attempt.
    void write_some() {
        if (codec_.raw_data_in != 0) return write_blocks();
        const std::uint8_t* from = row_at(codec_.next_scanline);
        if (is_copied_) narrow(from, rows_.data());
        // libjpeg does not write into the rows that it is given.
        JSAMPROW row = is_copied_ ? rows_.data() : const_cast<JSAMPROW>(from);
        jpeg_write_scanlines(&codec_, &row, 1);
    }

  private:
    [[nodiscard]] const std::uint8_t* row_at(std::size_t y) const {
        return pixels_ + y * row_samples_ * width_;
    }
    /// A row of blocks; the last samples and the last row go on to the end of theirs.
    void write_blocks() {
        std::array<JSAMPROW, DCTSIZE> rows{};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i] = rows_.data() + i * padded_;
            const std::size_t y = codec_.next_scanline + i;
            narrow(row_at(std::min<std::size_t>(y, codec_.image_height - 1)), rows[i]);
            std::fill(rows[i] + row_samples_, rows[i] + padded_, rows[i][row_samples_ - 1]);
        }
        std::array<JSAMPARRAY, 1> planes{rows.data()};
        jpeg_write_raw_data(&codec_, planes.data(), DCTSIZE);
    }
    void narrow(const std::uint8_t* from, JSAMPLE* to) const {
        if (!is_copied_) {
            std::memcpy(to, from, row_samples_);
            return;
        }
        for (std::size_t i = 0; i < row_samples_; ++i) {
            std::uint16_t sample = from[i * width_];
            if (width_ == 2) std::memcpy(&sample, from + 2 * i, sizeof sample);
            to[i] = static_cast<JSAMPLE>(sample & mask_);
        }
    }

    jpeg_compress_struct& codec_;
    const std::uint8_t* pixels_;
    std::size_t row_samples_;
    std::uint8_t mask_;
    std::size_t width_;
    bool is_copied_;
    std::size_t padded_;  // samples of a row in whole blocks
    std::vector<JSAMPLE> rows_;
};

}  // namespace

std::string encode_jpeg_turbo(const std::uint8_t* pixels, const FrameFormat& format,
                              const EncodeOptions& options, LossyProcess process) {
    Destination destination;
    destination.init_destination = dcmtk_native_jpeg_init_destination;
    destination.empty_output_buffer = dcmtk_native_jpeg_empty_output_buffer;
    destination.term_destination = dcmtk_native_jpeg_term_destination;
    destination.bytes.resize(std::max<std::size_t>(format.bytes() / 8, 4096));
    destination.go_on_at(0);
    const std::vector<jpeg_scan_info> scans = spectral_scans(format.samples);
    Session<jpeg_compress_struct> session;
    jpeg_compress_struct& codec = session.codec;
    const auto attempt = [&](const auto& work) {
        if (!session.attempt(work)) session.fail();
    };
    attempt([&] {
        jpeg_create_compress(&codec);
        session.watch_progress();
        codec.dest = &destination;
        codec.image_width = format.columns;
        codec.image_height = format.rows;
        codec.input_components = format.samples;
        choose_colors(codec, options);
        choose_process(codec, process, options.quality, scans);
        codec.optimize_coding = options.optimize_huffman ? TRUE : FALSE;
        codec.smoothing_factor = options.smoothing;
        codec.dct_method = JDCT_ISLOW;
        // Libjpeg-turbo copies monochrome samples one by one, which takes a fifth of the time.
        codec.raw_data_in = format.samples == 1 && options.smoothing == 0 ? TRUE : FALSE;
        jpeg_start_compress(&codec, TRUE);
    });
    RowWriter writer(codec, pixels, format);
    while (codec.next_scanline < codec.image_height) {
        runtime::checkpoint();
        attempt([&] { writer.write_some(); });
    }
    attempt([&] { jpeg_finish_compress(&codec); });
    if (process == LossyProcess::extended) mark_as_extended(destination.bytes);
    return std::move(destination.bytes);
}

}  // namespace dcmtk_native::codec
