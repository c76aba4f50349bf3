#include "codec/table.hpp"

#include <array>

#include "codec/j2k.hpp"
#include "codec/rle.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::array<Codec, 5> codecs{{
    {"1.2.840.10008.1.2.5", decode_rle, encode_rle, false, false},
    {"1.2.840.10008.1.2.4.90", decode_j2k, encode_j2k_lossless, false, true},
    {"1.2.840.10008.1.2.4.91", decode_j2k, encode_j2k, true, true},
    {"1.2.840.10008.1.2.4.92", decode_j2k, nullptr, false, true},
    {"1.2.840.10008.1.2.4.93", decode_j2k, nullptr, true, true},
}};

}  // namespace

bool is_lossy(const Codec& codec, const EncodeOptions& options) {
    switch (codec.family) {
    case Family::jpegls: return options.max_deviation != 0;
    case Family::jpeg_lossless: return options.point_transform != 0;
    case Family::jpeg2000:
    case Family::htj2k:
        return codec.is_lossy && (options.compression_ratio != 0 || options.psnr != 0);
    case Family::jpeg:
    case Family::rle: break;
    }
    return codec.is_lossy;
}

const Codec& codec_of(std::string_view transfer_syntax) {
    for (const Codec& codec : codecs)
        if (codec.uid == transfer_syntax) return codec;
    const std::string_view name = runtime::uid_name(transfer_syntax);
    runtime::raise(runtime::ErrorKind::codec,
                   "there is no codec of transfer syntax " +
                       (name.empty() ? std::string() : std::string(name) + " ") + "(" +
                       std::string(transfer_syntax) + ")");
}

}  // namespace dcmtk_native::codec
