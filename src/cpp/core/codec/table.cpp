#include "codec/table.hpp"

#include <array>

#include "codec/jpeg.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::array codecs{
    Codec{"1.2.840.10008.1.2.4.50", decode_jpeg, encode_jpeg_baseline, true, false},
    Codec{"1.2.840.10008.1.2.4.51", decode_jpeg, encode_jpeg_extended, true, false},
    Codec{"1.2.840.10008.1.2.4.53", decode_jpeg, encode_jpeg_spectral_selection, true, false},
    Codec{"1.2.840.10008.1.2.4.55", decode_jpeg, encode_jpeg_progressive, true, false},
    Codec{"1.2.840.10008.1.2.4.57", decode_jpeg, encode_jpeg_lossless, false, false},
    Codec{"1.2.840.10008.1.2.4.70", decode_jpeg, encode_jpeg_lossless_sv1, false, false},
};

}  // namespace

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
