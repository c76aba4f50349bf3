#include "codec/recoding/description.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "codec/recoding/derivation.hpp"

namespace dcmtk_native::codec {

namespace {

/// Lossy Image Compression Method (PS3.3 section C.7.6.1.1.5.1).
std::string_view method_of(Family family) {
    switch (family) {
    case Family::jpeg:
    case Family::jpeg_lossless: return "ISO_10918_1";
    case Family::jpegls: return "ISO_14495_1";
    case Family::jpeg2000: return "ISO_15444_1";
    case Family::htj2k: return "ISO_15444_15";
    case Family::rle: break;
    }
    return {};
}

/// Derivation Description, in the words of DCMTK's encoders where they have some.
std::string derivation_of(const Codec& codec, const EncodeOptions& encode, double ratio) {
    const std::string factor = ratio_text(ratio);
    switch (codec.family) {
    case Family::rle: return "Lossless RLE compression, compression ratio " + factor;
    case Family::jpeg:
        return "Lossy compression with JPEG, IJG quality factor " + std::to_string(encode.quality) +
               ", compression ratio " + factor;
    case Family::jpeg_lossless:
        return "Lossless JPEG compression, selection value " + std::to_string(encode.predictor) +
               ", point transform " + std::to_string(encode.point_transform) +
               ", compression ratio " + factor;
    case Family::jpegls:
        return "near lossless JPEG-LS compression, factor " + factor +
               " (NEAR=" + std::to_string(encode.max_deviation) + ")";
    case Family::jpeg2000: return "Lossy compression with JPEG 2000, compression ratio " + factor;
    case Family::htj2k: break;
    }
    return "Lossy compression with High-Throughput JPEG 2000, compression ratio " + factor;
}

std::string photometric_of(const Codec& codec, const PixelModule& module,
                           const EncodeOptions& encode, bool lossy) {
    const std::string& before = module.photometric_interpretation;
    // Chroma has been given to every pixel before the encoder saw it.
    const std::string own = module.is_subsampled() ? "YBR_FULL" : before;
    if (module.format.samples != 3) return own;
    if (undoes_transform(codec) && encode.is_rgb) return lossy ? "YBR_ICT" : "YBR_RCT";
    if (codec.family != Family::jpeg || !(encode.is_rgb || own == "YBR_FULL")) return own;
    return encode.subsampling == Subsampling::s444 ? "YBR_FULL" : "YBR_FULL_422";
}

void describe_samples(data::Draft& draft, const Codec& codec, const PixelModule& module,
                      const std::string& photometric) {
    if (photometric != module.photometric_interpretation)
        put_text(draft.root, tags::photometric_interpretation, runtime::Vr::CS, photometric);
    // RLE has its own planes, whatever the attribute says; DCMTK lets it stand.
    if (codec.family == Family::rle) return;
    if (module.format.samples > 1) {
        put_number(draft.root, tags::planar_configuration, 0);
    } else {
        draft.root.erase(tags::planar_configuration);
    }
}

}  // namespace

void describe_compression(data::Draft& draft, const Codec& codec, const PixelModule& module,
                          const Compression& options, double ratio) {
    const bool lossy = is_lossy(codec, options.encode);
    describe_samples(draft, codec, module,
                     photometric_of(codec, module, options.encode, lossy));
    const bool new_uid = options.to_secondary_capture || options.uid == NewUid::always ||
                         (lossy && options.uid == NewUid::if_lossy);
    const bool is_described = lossy || codec.family == Family::jpeg_lossless ||
                              (codec.family == Family::rle && new_uid);
    if (is_described) prepend_derivation(draft, derivation_of(codec, options.encode, ratio));
    if (lossy || (new_uid && codec.family != Family::jpegls)) mark_derived(draft);
    if (new_uid) make_new_instance(draft, SourceImage::uncompressed_predecessor);
    if (lossy) mark_lossy(draft, ratio, method_of(codec.family));
    if (options.to_secondary_capture) convert_to_secondary_capture(draft);
}

}  // namespace dcmtk_native::codec
