#include "codec/frames/pixel_reader.hpp"

#include <algorithm>
#include <mutex>

#include "codec/frames/color.hpp"
#include "codec/frames/unused_bits.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

using runtime::Error;

/// Names the frame in what went wrong with it.
template <typename Work> auto of_frame(std::uint64_t frame, std::uint64_t frames, Work&& work) {
    try {
        return work();
    } catch (Error& error) {
        if (frames > 1 && error.kind == runtime::ErrorKind::codec)
            error.message = "frame " + std::to_string(frame) + ": " + error.message;
        throw;
    }
}

}  // namespace

PixelReader::PixelReader(const data::Draft& draft, const data::Item& item,
                         const intake::Limits& limits, OffsetTables tables)
    : module_(read_pixel_module(draft, item, limits)) {
    const data::Node& pixels = *item.find(module_.element);
    if (draft.is_encapsulated(pixels)) {
        codec_ = &codec_of(draft.transfer_syntax);
        coded_.emplace(draft, item, pixels, module_.frames, tables);
    } else {
        native_.emplace(draft, pixels, module_);
    }
}

StreamFormat PixelReader::read(std::uint64_t first, std::uint64_t count, const ReadPixels& options,
                               std::uint8_t* out, const runtime::StepProgress& progress) const {
    const std::size_t size = module_.format.bytes();
    ReadPixels of_step = options;
    // One frame is divided, where the codec can; several are shared out.
    of_step.decode.threads = count == 1 ? options.threads : 1;
    StreamFormat last;
    runtime::for_each_step(
        count, options.threads,
        [&](std::size_t i) {
            const StreamFormat found = of_frame(first + i, module_.frames, [&] {
                return read_frame(first + i, of_step, out + i * size);
            });
            if (i + 1 == count) last = found;
        },
        progress);
    return last;
}

StreamFormat PixelReader::read_frame(std::uint64_t frame, const ReadPixels& options,
                                     std::uint8_t* out) const {
    const FrameFormat& format = module_.format;
    StreamFormat found;
    if (native_) {
        native_->read_frame(frame, out);
    } else {
        std::string store;
        DecodeOptions decode = options.decode;
        decode.ybr_to_rgb = becomes_rgb(options) && !is_forced(options);
        found = codec_->decode(coded_->stream(frame, store), format, decode, out);
        if (decode.reverse_byte_order && codec_->family == Family::rle)
            runtime::reverse_numbers(reinterpret_cast<char*>(out), format.bytes(),
                                     static_cast<unsigned>(format.sample_bytes()));
    }
    const std::size_t samples = format.pixels() * format.samples;
    if (options.settle_bits && !module_.is_float)
        settle_unused_bits(out, samples, format, bits_to_settle(found));
    if (becomes_rgb(options) && (!found.is_rgb || is_forced(options)))
        ybr_full_to_rgb(out, format.pixels(), format.sample_bytes(), format.bits_stored);
    return found;
}

bool PixelReader::becomes_rgb(const ReadPixels& options) const {
    if (module_.format.samples != 3 || module_.format.sample_bytes() > 2) return false;
    if (options.color != Color::declared) return options.color == Color::rgb;
    return module_.photometric_interpretation == "YBR_FULL" ||
           module_.photometric_interpretation == "YBR_FULL_422";
}

/// What the markers of a JPEG stream say against it does not count.
bool PixelReader::is_forced(const ReadPixels& options) const {
    return options.color == Color::rgb && codec_ != nullptr && codec_->family == Family::jpeg;
}

unsigned PixelReader::bits_to_settle() const {
    const FrameFormat& format = module_.format;
    if (module_.is_float || module_.is_bits || format.bits_stored == format.bits_allocated)
        return 0;
    return format.bits_stored;
}

/// JPEG 2000 streams tell whether they are signed, so a wrong word is put right by their own
/// precision, and a right one needs nothing. JPEG-LS and JPEG know no sign.
unsigned PixelReader::bits_to_settle(const StreamFormat& found) const {
    if (native_) return bits_to_settle();
    const FrameFormat& format = module_.format;
    if (undoes_transform(*codec_) && format.samples == 1 && found.precision <= format.bits_stored)
        return found.is_signed == format.is_signed ? 0 : found.precision;
    if (found.precision != 0 && format.is_signed)
        return std::min<unsigned>(found.precision, format.bits_stored);
    return bits_to_settle();
}

std::string PixelReader::photometric_interpretation(const ReadPixels& options,
                                                    const StreamFormat& found) const {
    const std::string& declared = module_.photometric_interpretation;
    if (becomes_rgb(options) || found.is_rgb) return "RGB";
    if (codec_ != nullptr && undoes_transform(*codec_) &&
        (declared == "YBR_ICT" || declared == "YBR_RCT"))
        return "RGB";
    // Chroma has been given to every pixel.
    if (declared == "YBR_FULL_422") return "YBR_FULL";
    return declared;
}

}  // namespace dcmtk_native::codec
