// Transfer syntax UID to codec: ours and other libraries', each called frame by frame with the
// parameters of the call. There is no registry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/frame_format.hpp"

namespace dcmtk_native::codec {

struct DecodeOptions {
    /// YCbCr of lossy JPEG becomes RGB. (What JPEG 2000 transforms is undone whatever is asked for:
    /// it is no color space of the data set.)
    bool ybr_to_rgb = false;
    /// JPEG lossless with predictor 6 as a Cornell library wrote it, 16 bit images too (DCMTK's +w6, +wc).
    bool workaround_predictor6 = false;
    bool workaround_cornell = false;
    /// A stream that ends early is a frame that ends in zeros (DCMTK's +wi).
    bool workaround_incomplete = false;
    /// RLE whose segments of a word begin with the least significant byte (DCMTK's +br).
    bool reverse_byte_order = false;
    /// Of one frame, where the codec can divide it.
    unsigned threads = 1;
};

/// Chroma of a JPEG: one pair for each pixel, for two, for four.
enum class Subsampling : std::uint8_t { s444, s422, s420 };
/// How the components of a JPEG-LS stream are mixed (ITU-T T.87 annex C).
enum class Interleave : std::uint8_t { none, line, sample };

struct EncodeOptions {
    /// The samples are RGB, and the codec may store them as luminance and chroma.
    bool is_rgb = false;
    // JPEG, lossy.
    int quality = 90;  // 1 to 100
    Subsampling subsampling = Subsampling::s422;
    bool optimize_huffman = true;
    int smoothing = 0;  // 0 to 100
    // JPEG, lossless.
    int predictor = 1;        // 1 to 7
    int point_transform = 0;  // bits that go
    // JPEG-LS. Thresholds and reset: 0 is the default of the standard.
    int max_deviation = 0;  // 0: lossless
    Interleave interleave = Interleave::line;
    int threshold1 = 0;
    int threshold2 = 0;
    int threshold3 = 0;
    int reset = 0;
    // JPEG 2000 and HTJ2K. Both 0: lossless.
    double compression_ratio = 0;
    double psnr = 0;
    unsigned threads = 1;
};

/// Decodes one frame, its fragments joined, into `out` (format.bytes() bytes).
using Decode = StreamFormat (*)(std::string_view coded, const FrameFormat& format,
                                const DecodeOptions& options, std::uint8_t* out);
/// One frame (format.bytes() bytes) as a stream; of any length, also odd.
using Encode = std::string (*)(const std::uint8_t* pixels, const FrameFormat& format,
                               const EncodeOptions& options);

enum class Family : std::uint8_t { rle, jpeg, jpeg_lossless, jpegls, jpeg2000, htj2k };

struct Codec {
    std::string_view uid;
    Family family;
    Decode decode;
    Encode encode;          // nullptr: none
    bool is_lossy;          // what is encoded may not be what comes back
    /// Whether the markers of a stream of three components speak for YCbCr; nullptr: they cannot.
    bool (*looks_ybr)(std::string_view coded) = nullptr;
};

/// Color transforms belong to the stream, not to the data set.
[[nodiscard]] inline bool undoes_transform(const Codec& codec) {
    return codec.family == Family::jpeg2000 || codec.family == Family::htj2k;
}

/// Whether something is lost with these parameters: lossy syntaxes hold lossless streams, too.
[[nodiscard]] bool is_lossy(const Codec& codec, const EncodeOptions& options);

/// Throws Error: codec, with the syntax named, when there is none; unsupported, when this build
/// lacks its library.
[[nodiscard]] const Codec& codec_of(std::string_view transfer_syntax);

/// A transfer syntax whose pixel data this build can read.
struct Readable {
    std::string_view transfer_syntax;
    bool is_writable;
};

/// All of them, native ones first.
[[nodiscard]] std::vector<Readable> readable_syntaxes();

}  // namespace dcmtk_native::codec
