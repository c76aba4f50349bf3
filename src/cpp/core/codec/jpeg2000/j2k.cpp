#include "codec/jpeg2000/j2k.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <openjpeg.h>

#include "codec/frames/sample_cells.hpp"
#include "codec/jpeg2000/htj2k_packets.hpp"
#include "codec/jpeg2000/tile_decoder.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::size_t most_text = 2000;
constexpr OPJ_SIZE_T failed = static_cast<OPJ_SIZE_T>(-1);

struct CodecDeleter {
    void operator()(opj_codec_t* codec) const noexcept { opj_destroy_codec(codec); }
};
struct StreamDeleter {
    void operator()(opj_stream_t* stream) const noexcept { opj_stream_destroy(stream); }
};
struct ImageDeleter {
    void operator()(opj_image_t* image) const noexcept { opj_image_destroy(image); }
};
using CodecHandle = std::unique_ptr<opj_codec_t, CodecDeleter>;
using StreamHandle = std::unique_ptr<opj_stream_t, StreamDeleter>;
using ImageHandle = std::unique_ptr<opj_image_t, ImageDeleter>;

/// What the library says. It may say it on threads of its own, so it is kept until the call is over.
class Messages {
  public:
    void listen(opj_codec_t* codec) {
        opj_set_error_handler(codec, &Messages::keep, &errors_);
        opj_set_warning_handler(codec, &Messages::keep, &warnings_);
    }
    /// Logs the warnings; throws the errors when the call has failed, unless it was told to end.
    void settle(bool succeeded, const char* doing) {
        if (!warnings_.empty()) runtime::log(runtime::log_level::debug, "codec", warnings_);
        if (succeeded) return;
        runtime::checkpoint_now();
        fail_j2k(std::string(doing) + (errors_.empty() ? " failed" : ": " + errors_));
    }

  private:
    static void keep(const char* message, void* texts) noexcept {
        auto& text = *static_cast<std::string*>(texts);
        try {
            std::string_view line(message);
            while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
            if (text.size() + line.size() > most_text) return;
            text.append(text.empty() ? "" : "; ").append(line);
        } catch (const std::bad_alloc&) {
            return;  // the call fails without its text
        }
    }

    std::string errors_;
    std::string warnings_;
};

[[nodiscard]] bool may_continue() noexcept {
    runtime::CallScope* scope = runtime::CallScope::current();
    return scope == nullptr || scope->may_continue_now();
}

/// A codestream in memory, to be read.
struct Source {
    std::string_view bytes;
    std::size_t at = 0;

    static OPJ_SIZE_T read(void* buffer, OPJ_SIZE_T size, void* data) noexcept {
        auto& source = *static_cast<Source*>(data);
        const std::size_t there = std::min<std::size_t>(size, source.bytes.size() - source.at);
        // The library asks between tiles, and has no other way to be stopped.
        if (there == 0 || !may_continue()) return failed;
        std::memcpy(buffer, source.bytes.data() + source.at, there);
        source.at += there;
        return there;
    }
    static OPJ_OFF_T skip(OPJ_OFF_T size, void* data) noexcept {
        auto& source = *static_cast<Source*>(data);
        const auto left = static_cast<OPJ_OFF_T>(source.bytes.size() - source.at);
        if (size < 0 || (size > 0 && left == 0)) return -1;
        const OPJ_OFF_T skipped = std::min(size, left);
        source.at += static_cast<std::size_t>(skipped);
        return skipped;
    }
    static OPJ_BOOL seek(OPJ_OFF_T to, void* data) noexcept {
        auto& source = *static_cast<Source*>(data);
        if (to < 0 || static_cast<std::size_t>(to) > source.bytes.size()) return OPJ_FALSE;
        source.at = static_cast<std::size_t>(to);
        return OPJ_TRUE;
    }
};

StreamHandle open_source(Source& source) {
    constexpr std::size_t most = 1 << 20;
    StreamHandle stream(
        opj_stream_create(std::clamp<std::size_t>(source.bytes.size(), 64, most), OPJ_TRUE));
    if (!stream) throw std::bad_alloc();
    opj_stream_set_read_function(stream.get(), &Source::read);
    opj_stream_set_skip_function(stream.get(), &Source::skip);
    opj_stream_set_seek_function(stream.get(), &Source::seek);
    opj_stream_set_user_data(stream.get(), &source, nullptr);
    opj_stream_set_user_data_length(stream.get(), source.bytes.size());
    return stream;
}

/// A codestream in memory, to be written.
struct Sink {
    std::string bytes;
    std::size_t at = 0;

    static OPJ_SIZE_T write(void* buffer, OPJ_SIZE_T size, void* data) noexcept {
        auto& sink = *static_cast<Sink*>(data);
        if (!may_continue()) return failed;
        try {
            if (sink.at + size > sink.bytes.size()) sink.bytes.resize(sink.at + size);
        } catch (const std::exception&) {
            return failed;
        }
        std::memcpy(sink.bytes.data() + sink.at, buffer, size);
        sink.at += size;
        return size;
    }
    static OPJ_OFF_T skip(OPJ_OFF_T size, void* data) noexcept {
        auto& sink = *static_cast<Sink*>(data);
        return seek(static_cast<OPJ_OFF_T>(sink.at) + size, data) == OPJ_TRUE ? size : -1;
    }
    static OPJ_BOOL seek(OPJ_OFF_T to, void* data) noexcept {
        auto& sink = *static_cast<Sink*>(data);
        if (to < 0) return OPJ_FALSE;
        sink.at = static_cast<std::size_t>(to);
        return OPJ_TRUE;
    }
};

StreamHandle open_sink(Sink& sink) {
    StreamHandle stream(opj_stream_create(1 << 18, OPJ_FALSE));
    if (!stream) throw std::bad_alloc();
    opj_stream_set_write_function(stream.get(), &Sink::write);
    opj_stream_set_skip_function(stream.get(), &Sink::skip);
    opj_stream_set_seek_function(stream.get(), &Sink::seek);
    opj_stream_set_user_data(stream.get(), &sink, nullptr);
    return stream;
}

/// Beyond the calling thread; says so even for none, because of OPJ_NUM_THREADS.
void set_threads(opj_codec_t* codec, unsigned threads) {
    opj_codec_set_threads(codec, threads > 1 ? static_cast<int>(threads) : 0);
}

/// What a component of `stream` holds, into every cell of the frame that is its own.
void store_component(const opj_image_comp_t& samples, const Component& component,
                     const Codestream& stream, const FrameFormat& format, std::uint8_t* out) {
    const std::uint32_t first_column = (stream.x0 + component.dx - 1) / component.dx;
    const std::uint32_t first_row = (stream.y0 + component.dy - 1) / component.dy;
    const std::size_t row_bytes = std::size_t{format.columns} * format.samples * format.sample_bytes();
    // Of samples for several pixels the one at or before the pixel counts, else the first.
    const auto source = [](std::uint32_t at, std::uint32_t step, std::uint32_t first, std::uint32_t size) {
        const std::uint32_t index = at / step;
        return std::min(index > first ? index - first : 0U, size - 1);
    };
    std::vector<std::int32_t> line(component.dx > 1 ? format.columns : 0);
    for (std::uint32_t y = 0; y < format.rows; ++y, out += row_bytes) {
        runtime::checkpoint();
        const std::int32_t* row =
            samples.data +
            std::size_t{source(stream.y0 + y, component.dy, first_row, samples.h)} * samples.w;
        if (component.dx > 1) {
            for (std::uint32_t x = 0; x < format.columns; ++x)
                line[x] = row[source(stream.x0 + x, component.dx, first_column, samples.w)];
            row = line.data();
        }
        store_cells(row, format.columns, format, out);
    }
}

void check_supported(const Codestream& stream) {
    // OpenJPEG 2.5.0 leaves packets out whose precincts span 2^31 pixels, and says nothing.
    if (stream.coding.progression >= 2)
        for (const Component& component : stream.coding.components)
            if (component.style.levels > 15)
                fail_j2k("more than 15 decompositions in this order of packets are not supported");
    if (stream.coding.high_throughput) check_code_blocks(stream);
}

void store_image(const opj_image_t& image, const Codestream& stream, const FrameFormat& format,
                 std::uint8_t* out) {
    const std::vector<Component>& components = stream.coding.components;
    if (image.numcomps != components.size()) fail_j2k("the decoder left components out");
    for (std::size_t i = 0; i < components.size(); ++i) {
        const opj_image_comp_t& samples = image.comps[i];
        const Component& component = components[i];
        const auto size = [](std::uint32_t begin, std::uint32_t end, std::uint32_t step) {
            return (std::uint64_t{end} + step - 1) / step - (std::uint64_t{begin} + step - 1) / step;
        };
        if (samples.data == nullptr || samples.w != size(stream.x0, stream.x1, component.dx) ||
            samples.h != size(stream.y0, stream.y1, component.dy))
            fail_j2k("the decoder left samples out");
        store_component(samples, component, stream, format, out + i * format.sample_bytes());
    }
}

/// Resolutions (decompositions and one) for a size: as many as the library's default, of small images fewer.
int resolutions_for(const FrameFormat& format) {
    int count = 1;
    for (std::uint32_t side = std::min(format.columns, format.rows); side > 1 && count < 6; side /= 2)
        ++count;
    return count;
}

ImageHandle load_image(const std::uint8_t* pixels, const FrameFormat& format, unsigned bits,
                       bool is_rgb) {
    std::vector<opj_image_cmptparm_t> parameters(format.samples);
    for (opj_image_cmptparm_t& parameter : parameters) {
        parameter = {};
        parameter.dx = parameter.dy = 1;
        parameter.w = format.columns;
        parameter.h = format.rows;
        parameter.prec = bits;
        parameter.sgnd = format.is_signed ? 1 : 0;
    }
    ImageHandle image(opj_image_create(format.samples, parameters.data(),
                                       is_rgb ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY));
    if (!image) throw std::bad_alloc();
    image->x1 = format.columns;
    image->y1 = format.rows;
    for (unsigned sample = 0; sample < format.samples; ++sample)
        for (std::uint32_t y = 0; y < format.rows; ++y) {
            runtime::checkpoint();
            const std::size_t row = std::size_t{y} * format.columns;
            load_cells(pixels + (row * format.samples + sample) * format.sample_bytes(), format.columns,
                       format, image->comps[sample].data + row);
        }
    return image;
}

std::string encode(const std::uint8_t* pixels, const FrameFormat& format, const EncodeOptions& options,
                   opj_cparameters_t& parameters) {
    const bool is_rgb = options.is_rgb && format.samples == 3;
    const unsigned bits = bits_needed(pixels, format);
    // Beyond this the block coder of OpenJPEG loses bits, and says nothing. Transforms need some of them.
    const unsigned most_bits = is_rgb ? 22 : 23;
    if (bits > most_bits)
        fail_j2k("samples of " + std::to_string(bits) + " bits cannot be encoded, only of up to " +
                 std::to_string(most_bits));
    parameters.cod_format = 0;
    parameters.tcp_numlayers = 1;
    parameters.tcp_mct = is_rgb ? 1 : 0;
    parameters.numresolution = resolutions_for(format);
    const ImageHandle image = load_image(pixels, format, bits, is_rgb);
    const CodecHandle codec(opj_create_compress(OPJ_CODEC_J2K));
    if (!codec) throw std::bad_alloc();
    Messages messages;
    messages.listen(codec.get());
    Sink sink;
    const StreamHandle stream = open_sink(sink);
    bool good = opj_setup_encoder(codec.get(), &parameters, image.get()) == OPJ_TRUE;
    if (good) set_threads(codec.get(), options.threads);
    good = good && opj_start_compress(codec.get(), image.get(), stream.get()) == OPJ_TRUE &&
           opj_encode(codec.get(), stream.get()) == OPJ_TRUE &&
           opj_end_compress(codec.get(), stream.get()) == OPJ_TRUE;
    messages.settle(good, "encoding");
    return std::move(sink.bytes);
}

}  // namespace

StreamFormat decode_j2k(std::string_view coded, const FrameFormat& format,
                        const DecodeOptions& options, std::uint8_t* out) {
    const Codestream stream = read_codestream(coded, format, options);
    if (decode_common_j2k(stream, format, options, out)) return stream.format();
    return decode_by_openjpeg(stream, format, options, out);
}

StreamFormat decode_by_openjpeg(const Codestream& stream, const FrameFormat& format,
                                const DecodeOptions& options, std::uint8_t* out) {
    check_supported(stream);
    std::string repaired;
    Source source{stream.bytes};
    if (!stream.complete || !stream.tidy) {
        repaired = stream.repaired();
        source.bytes = repaired;
    }
    const CodecHandle codec(opj_create_decompress(OPJ_CODEC_J2K));
    if (!codec) throw std::bad_alloc();
    Messages messages;
    messages.listen(codec.get());
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    const StreamHandle opened = open_source(source);
    opj_image_t* header = nullptr;
    bool good = opj_setup_decoder(codec.get(), &parameters) == OPJ_TRUE;
    if (good) set_threads(codec.get(), options.threads);
    good = good && opj_read_header(opened.get(), codec.get(), &header) == OPJ_TRUE;
    const ImageHandle image(header);
    good = good && opj_decode(codec.get(), opened.get(), image.get()) == OPJ_TRUE;
    messages.settle(good, "decoding");
    store_image(*image, stream, format, out);
    return stream.format();
}

std::string encode_j2k_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                const EncodeOptions& options) {
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.cp_disto_alloc = 1;
    return encode(pixels, format, options, parameters);
}

std::string encode_j2k(const std::uint8_t* pixels, const FrameFormat& format,
                       const EncodeOptions& options) {
    if (options.compression_ratio == 0 && options.psnr == 0)
        return encode_j2k_lossless(pixels, format, options);
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.irreversible = 1;
    if (options.compression_ratio != 0) {
        parameters.cp_disto_alloc = 1;
        parameters.tcp_rates[0] = static_cast<float>(options.compression_ratio);
    } else {
        parameters.cp_fixed_quality = 1;
        parameters.tcp_distoratio[0] = static_cast<float>(options.psnr);
    }
    return encode(pixels, format, options, parameters);
}

}  // namespace dcmtk_native::codec
