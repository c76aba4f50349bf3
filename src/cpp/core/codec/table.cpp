#include "codec/table.hpp"

#include <array>

#include "codec/jpeg/jpeg.hpp"
#include "codec/jpeg2000/htj2k.hpp"
#include "codec/jpeg2000/j2k.hpp"
#include "codec/jpegls/jpegls.hpp"
#include "codec/rle.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"
#include "runtime/transfer_syntax.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::array codecs{
    Codec{"1.2.840.10008.1.2.5", Family::rle, decode_rle, encode_rle, false},
    Codec{"1.2.840.10008.1.2.4.50", Family::jpeg, decode_jpeg, encode_jpeg_baseline, true,
          jpeg_looks_ybr},
    Codec{"1.2.840.10008.1.2.4.51", Family::jpeg, decode_jpeg, encode_jpeg_extended, true,
          jpeg_looks_ybr},
    Codec{"1.2.840.10008.1.2.4.53", Family::jpeg, decode_jpeg, encode_jpeg_spectral_selection, true,
          jpeg_looks_ybr},
    Codec{"1.2.840.10008.1.2.4.55", Family::jpeg, decode_jpeg, encode_jpeg_progressive, true,
          jpeg_looks_ybr},
    Codec{"1.2.840.10008.1.2.4.57", Family::jpeg_lossless, decode_jpeg, encode_jpeg_lossless, false,
          jpeg_looks_ybr},
    Codec{"1.2.840.10008.1.2.4.70", Family::jpeg_lossless, decode_jpeg, encode_jpeg_lossless_sv1,
          false, jpeg_looks_ybr},
    Codec{"1.2.840.10008.1.2.4.80", Family::jpegls, decode_jpegls, encode_jpegls_lossless, false},
    Codec{"1.2.840.10008.1.2.4.81", Family::jpegls, decode_jpegls, encode_jpegls_near, true},
    Codec{"1.2.840.10008.1.2.4.90", Family::jpeg2000, decode_j2k, encode_j2k_lossless, false},
    Codec{"1.2.840.10008.1.2.4.91", Family::jpeg2000, decode_j2k, encode_j2k, true},
    Codec{"1.2.840.10008.1.2.4.92", Family::jpeg2000, decode_j2k, nullptr, false},
    Codec{"1.2.840.10008.1.2.4.93", Family::jpeg2000, decode_j2k, nullptr, true},
    Codec{"1.2.840.10008.1.2.4.201", Family::htj2k, decode_htj2k, encode_htj2k_lossless, false},
    Codec{"1.2.840.10008.1.2.4.202", Family::htj2k, decode_htj2k, encode_htj2k_rpcl, false},
    Codec{"1.2.840.10008.1.2.4.203", Family::htj2k, decode_htj2k, encode_htj2k, true},
};

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
    runtime::raise(runtime::ErrorKind::codec,
                   "there is no codec of transfer syntax " + runtime::named_uid(transfer_syntax));
}

std::vector<Readable> readable_syntaxes() {
    using namespace runtime::transfer_syntaxes;
    std::vector<Readable> found;
    for (const std::string_view native :
         {implicit_little, explicit_little, explicit_big, deflated, ge_private})
        found.push_back({native, true});
    for (const Codec& codec : codecs)
        if (codec.family != Family::htj2k || has_htj2k())
            found.push_back({codec.uid, codec.encode != nullptr});
    return found;
}

}  // namespace dcmtk_native::codec
