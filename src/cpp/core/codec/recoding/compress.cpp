#include "codec/recoding/compress.hpp"

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "codec/frames/pixel_reader.hpp"
#include "codec/frames/unused_bits.hpp"
#include "codec/recoding/description.hpp"
#include "codec/recoding/encapsulate.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"
#include "runtime/transfer_syntax.hpp"

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;
using runtime::Vr;

/// Frames of native pixel data as the encoders take them.
class Frames {
  public:
    Frames(const data::Draft& draft, const intake::Limits& limits) : reader_(draft, draft.root, limits) {
        if (reader_.module().is_float)
            runtime::raise(ErrorKind::codec, "float pixel data cannot be compressed");
        if (reader_.module().is_bits)
            runtime::raise(ErrorKind::codec, "pixel data of one bit a sample cannot be compressed");
        if (reader_.native().is_plain()) view_ = reader_.native().view();
    }

    [[nodiscard]] const PixelModule& module() const { return reader_.module(); }
    [[nodiscard]] std::size_t count() const { return module().frames; }
    /// Where it is, or read into `store`.
    [[nodiscard]] const std::uint8_t* frame(std::size_t i, std::vector<std::uint8_t>& store) const {
        const std::size_t size = module().format.bytes();
        if (view_.bytes.data() != nullptr)
            return reinterpret_cast<const std::uint8_t*>(view_.bytes.data()) + i * size;
        store.resize(size);
        reader_.native().read_frame(i, store.data());
        return store.data();
    }
    /// True if nothing is lost when only the stored bits of each sample are kept.
    [[nodiscard]] bool fit_stored_bits(unsigned threads) const {
        const FrameFormat& format = module().format;
        std::atomic<bool> fit{true};
        runtime::for_each_step(count(), threads, [&](std::size_t i) {
            std::vector<std::uint8_t> store;
            if (fit && !unused_bits_are_settled(frame(i, store), format.pixels() * format.samples,
                                                format, format.bits_stored))
                fit = false;
        });
        return fit;
    }

  private:
    PixelReader reader_;
    runtime::Buffer view_;
};

/// Makes the length even by a fill byte before the last marker (ITU-T T.81 section B.1.1.2).
void pad_with_fill_byte(std::string& stream) {
    if (stream.size() % 2 != 0 && stream.size() > 2) stream.insert(stream.size() - 2, 1, '\xFF');
}

void check_losses(const Codec& codec, const PixelModule& module, const EncodeOptions& encode) {
    if (!is_lossy(codec, encode)) return;
    if (module.format.is_signed && !undoes_transform(codec))
        runtime::raise(ErrorKind::codec,
                       "lossy JPEG and near-lossless JPEG-LS have no signed samples");
    if (module.photometric_interpretation == "PALETTE COLOR")
        runtime::raise(ErrorKind::codec, "indices of a palette cannot be compressed with loss");
}

struct Coded {
    std::vector<std::string> frames;
    std::uint64_t size = 0;
};

Coded encode(const Frames& frames, const Codec& codec, const FrameFormat& format,
             const Compression& options) {
    Coded coded;
    coded.frames.resize(frames.count());
    EncodeOptions encoding = options.encode;
    const bool has_markers = codec.family == Family::jpeg || codec.family == Family::jpeg_lossless ||
                             codec.family == Family::jpegls;
    encoding.threads = frames.count() == 1 ? options.threads : 1;
    runtime::for_each_step(
        frames.count(), options.threads,
        [&](std::size_t i) {
            std::vector<std::uint8_t> store;
            coded.frames[i] = codec.encode(frames.frame(i, store), format, encoding);
            if (has_markers && !options.zero_padding) pad_with_fill_byte(coded.frames[i]);
        },
        options.progress);
    for (const std::string& frame : coded.frames) coded.size += frame.size();
    return coded;
}

}  // namespace

void compress(data::Draft& draft, const Compression& options) {
    const Codec& codec = codec_of(options.transfer_syntax);
    if (codec.encode == nullptr)
        runtime::raise(ErrorKind::codec,
                       "there is no encoder of transfer syntax " + options.transfer_syntax);
    decompress(draft, options.decode);
    const Frames frames(draft, options.decode.limits);
    const PixelModule& module = frames.module();
    check_losses(codec, module, options.encode);
    FrameFormat format = module.format;
    // Streams of JPEG and JPEG-LS have no sign: sign bits go as they are.
    const bool all_bits = !options.only_stored_bits ||
                          (format.is_signed && !undoes_transform(codec)) ||
                          !frames.fit_stored_bits(options.threads);
    if (all_bits) format.bits_stored = format.bits_allocated;
    Compression encoding = options;
    if (options.interleave_as_stored)
        encoding.encode.interleave = module.by_plane ? Interleave::none : Interleave::sample;
    encoding.encode.is_rgb = module.photometric_interpretation == "RGB";
    Coded coded = encode(frames, codec, format, encoding);
    const double bits = static_cast<double>(module.format.pixels()) * module.format.samples *
                        module.format.bits_stored * static_cast<double>(module.frames);
    const double ratio = bits / 8 / static_cast<double>(coded.size);
    describe_compression(draft, codec, module, encoding, ratio);
    encapsulate(draft, std::move(coded.frames), {options.fragment_size, options.offset_table});
    draft.transfer_syntax = options.transfer_syntax;
}

void transcode(data::Draft& draft, const Compression& options) {
    if (options.transfer_syntax == draft.transfer_syntax) return;
    const std::string from = draft.transfer_syntax;
    try {
        if (!runtime::encoding_of(options.transfer_syntax).encapsulated) {
            decompress(draft, options.decode);
        } else if (draft.root.find(tags::pixel_data) != nullptr) {
            compress(draft, options);
        }
    } catch (runtime::Error& error) {
        if (error.kind == ErrorKind::codec)
            error.message = "no conversion of the pixel data from transfer syntax " +
                            runtime::named_uid(from) + " to " +
                            runtime::named_uid(options.transfer_syntax) + ": " + error.message;
        throw;
    }
}

}  // namespace dcmtk_native::codec
