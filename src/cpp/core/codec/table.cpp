#include "codec/table.hpp"

#include <array>

#include "codec/jpegls.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::array<Codec, 2> codecs{{
    {"1.2.840.10008.1.2.4.80", decode_jpegls, encode_jpegls_lossless, false, false},
    {"1.2.840.10008.1.2.4.81", decode_jpegls, encode_jpegls_near, true, false},
}};

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
