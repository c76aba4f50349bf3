#include "runtime/transfer_syntax.hpp"

#include "runtime/byte_order.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/tag.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::runtime {

namespace {

constexpr std::string_view jpip_referenced = "1.2.840.10008.1.2.4.94";
constexpr std::string_view jpip_referenced_deflate = "1.2.840.10008.1.2.4.95";
constexpr std::string_view jpip_htj2k_referenced = "1.2.840.10008.1.2.4.204";
constexpr std::string_view jpip_htj2k_referenced_deflate = "1.2.840.10008.1.2.4.205";

constexpr std::string_view encapsulated_uncompressed = "1.2.840.10008.1.2.1.98";
constexpr std::string_view rle_lossless = "1.2.840.10008.1.2.5";
// JPEG, JPEG-LS, JPEG 2000, MPEG, ...; SMPTE ST 2110; deflated frames.
constexpr std::string_view families[] = {"1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.7.",
                                         "1.2.840.10008.1.2.8."};

constexpr Encoding make_native(bool explicit_vr, bool big_endian) {
    Encoding encoding;
    encoding.explicit_vr = explicit_vr;
    encoding.big_endian = big_endian;
    encoding.big_endian_pixel_data = big_endian;
    return encoding;
}

Tag tag_at(std::string_view bytes, bool big_endian) {
    return make_tag(load<std::uint16_t>(bytes.data(), big_endian),
                    load<std::uint16_t>(bytes.data() + 2, big_endian));
}

}  // namespace

Encoding encoding_of(std::string_view uid) {
    using namespace transfer_syntaxes;
    if (uid == implicit_little) return make_native(false, false);
    if (uid == explicit_little) return make_native(true, false);
    if (uid == explicit_big) return make_native(true, true);
    Encoding encoding;
    if (uid == ge_private) {
        encoding.explicit_vr = false;
        encoding.big_endian_pixel_data = true;
        return encoding;
    }
    encoding.deflated =
        uid == deflated || uid == jpip_referenced_deflate || uid == jpip_htj2k_referenced_deflate;
    // A referenced image has a URL in the place of pixel data (PS3.5 sections A.6 and A.7).
    encoding.encapsulated =
        !encoding.deflated && uid != jpip_referenced && uid != jpip_htj2k_referenced;
    return encoding;
}

bool tells_encoding(std::string_view uid) {
    using namespace transfer_syntaxes;
    for (const std::string_view known :
         {implicit_little, explicit_little, explicit_big, deflated, ge_private})
        if (uid == known) return true;
    // Compressed, referenced, video and audio ones: DICOM has numbered them like this since 1993.
    if (uid == encapsulated_uncompressed || uid == rle_lossless) return true;
    constexpr std::string_view digits = "0123456789";
    for (const std::string_view family : families) {
        if (uid.size() > family.size() && uid.substr(0, family.size()) == family)
            return uid.find_first_not_of(digits, family.size()) == std::string_view::npos;
    }
    return false;
}

Encoding detect_encoding(std::string_view bytes) {
    if (bytes.size() < 6) return make_native(true, false);
    const bool explicit_vr = is_known(vr_from(bytes[4], bytes[5]));
    const Tag little = tag_at(bytes, false);
    const Tag big = tag_at(bytes, true);
    const bool little_exists = find_entry(little) != nullptr;
    const bool big_exists = find_entry(big) != nullptr;
    // Where both are tags, group 0008 is much likelier than group 0800.
    const bool big_is_likelier = group_of(little) > 0xFF && group_of(big) <= 0xFF;
    return make_native(explicit_vr, big_exists && (!little_exists || big_is_likelier));
}

std::string_view uid_of(const Encoding& encoding) {
    if (encoding.explicit_vr)
        return encoding.big_endian ? transfer_syntaxes::explicit_big
                                   : transfer_syntaxes::explicit_little;
    return encoding.big_endian ? std::string_view{} : transfer_syntaxes::implicit_little;
}

}  // namespace dcmtk_native::runtime
