#include "codec/jpeg/jpeg.hpp"

#include "codec/jpeg/gray12.hpp"
#include "codec/jpeg/ijg12.hpp"
#include "codec/jpeg/lossless.hpp"
#include "codec/jpeg/turbo.hpp"
#include "intake/jpeg_markers.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

[[noreturn]] void refuse(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG: " + why);
}

/// What a stream has, or a data set claims: "512x256, 3 samples of 8 bits".
std::string shape(std::uint32_t columns, std::uint32_t rows, unsigned samples, unsigned bits) {
    return std::to_string(columns) + "x" + std::to_string(rows) + ", " + std::to_string(samples) +
           (samples == 1 ? " sample of " : " samples of ") + std::to_string(bits) + " bits";
}

void check_fits(const intake::JpegHeader& header, const FrameFormat& format) {
    if (header.rows != format.rows || header.columns != format.columns ||
        header.components != format.samples || header.precision > format.bits_allocated)
        refuse("the stream has " +
               shape(header.columns, header.rows, header.components, header.precision) +
               ", the data set claims " +
               shape(format.columns, format.rows, format.samples, format.bits_allocated));
    if (format.bits_allocated != 8 && format.bits_allocated != 16)
        refuse("no frames of " + std::to_string(format.bits_allocated) + " bits allocated");
}

/// Components or coefficients of several scans: a missing one would show as grey, or as blur.
void check_complete(const intake::JpegHeader& header) {
    if (!header.has_every_component) refuse("the stream ends before every component has come");
    if (header.process == intake::jpeg::sof2 && !header.has_end)
        refuse("the progressive stream has no end");
}

void check_encodable(const FrameFormat& format, unsigned max_bits) {
    if (format.bits_stored > max_bits || format.bits_allocated > 16)
        refuse("the process has at most " + std::to_string(max_bits) + " bits, the frame " +
               std::to_string(format.bits_stored) + " stored in " +
               std::to_string(format.bits_allocated));
    if (format.samples < 1 || format.samples > intake::max_jpeg_components)
        refuse("no frames of " + std::to_string(format.samples) + " samples");
    if (format.rows < 1 || format.columns < 1 || format.rows > 0xFFFF || format.columns > 0xFFFF)
        refuse("no frames of " + std::to_string(format.columns) + "x" +
               std::to_string(format.rows));
}

std::string encode_lossy(const std::uint8_t* pixels, const FrameFormat& format,
                         const EncodeOptions& options, LossyProcess process) {
    check_encodable(format, process == LossyProcess::baseline ? 8 : 12);
    if (format.is_signed) refuse("a lossy process has unsigned samples only");
    if (format.bits_stored <= 8) return encode_jpeg_turbo(pixels, format, options, process);
    if (format.samples != 1 && format.samples != 3)
        refuse("no frames of " + std::to_string(format.samples) + " samples of 12 bits");
    return encode_jpeg_ijg12(pixels, format, options, process);
}

}  // namespace

StreamFormat decode_jpeg(std::string_view coded, const FrameFormat& format,
                         const DecodeOptions& options, std::uint8_t* out) {
    const intake::JpegHeader header = intake::read_jpeg_header(coded);
    check_fits(header, format);
    if (!options.workaround_incomplete) check_complete(header);
    StreamFormat stream;
    stream.precision = header.precision;
    if (header.process == intake::jpeg::sof3) {
        decode_jpeg_lossless(coded, header, format, options, out);
        return stream;
    }
    if (header.precision == 8)
        decode_jpeg_turbo(coded, header, format, options, out);
    else if (header.components == 1 && header.process != intake::jpeg::sof2)
        decode_jpeg_gray12(coded, header, options, out);
    else
        decode_jpeg_ijg12(coded, header, format, options, out);
    stream.is_rgb = header.says_rgb() || (options.ybr_to_rgb && header.components == 3);
    return stream;
}

bool jpeg_looks_ybr(std::string_view coded) {
    const intake::JpegHeader header = intake::read_jpeg_header(coded);
    if (header.components != 3 || header.says_rgb()) return false;
    if (header.has_jfif || header.adobe_transform) return true;
    const auto& component = header.component;
    const bool counts = component[0].id == 1 && component[1].id == 2 && component[2].id == 3;
    return counts || header.process != intake::jpeg::sof3;
}

std::string encode_jpeg_baseline(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options) {
    return encode_lossy(pixels, format, options, LossyProcess::baseline);
}

std::string encode_jpeg_extended(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options) {
    return encode_lossy(pixels, format, options, LossyProcess::extended);
}

std::string encode_jpeg_spectral_selection(const std::uint8_t* pixels, const FrameFormat& format,
                                           const EncodeOptions& options) {
    return encode_lossy(pixels, format, options, LossyProcess::spectral_selection);
}

std::string encode_jpeg_progressive(const std::uint8_t* pixels, const FrameFormat& format,
                                    const EncodeOptions& options) {
    return encode_lossy(pixels, format, options, LossyProcess::progressive);
}

std::string encode_jpeg_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                 const EncodeOptions& options) {
    check_encodable(format, 16);
    return encode_jpeg_lossless(pixels, format, options.predictor, options.point_transform);
}

std::string encode_jpeg_lossless_sv1(const std::uint8_t* pixels, const FrameFormat& format,
                                     const EncodeOptions& options) {
    check_encodable(format, 16);
    return encode_jpeg_lossless(pixels, format, 1, options.point_transform);
}

}  // namespace dcmtk_native::codec
