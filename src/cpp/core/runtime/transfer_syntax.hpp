// Transfer syntaxes by UID: how their data sets are encoded. UIDs, never libdcmdata's enum, whose
// numbers differ between versions and which knows fewer of them.
#pragma once

#include <string>
#include <string_view>

namespace dcmtk_native::runtime {

namespace transfer_syntaxes {
inline constexpr std::string_view implicit_little = "1.2.840.10008.1.2";
inline constexpr std::string_view explicit_little = "1.2.840.10008.1.2.1";
inline constexpr std::string_view explicit_big = "1.2.840.10008.1.2.2";
inline constexpr std::string_view deflated = "1.2.840.10008.1.2.1.99";
inline constexpr std::string_view ge_private = "1.2.840.113619.5.2";
}  // namespace transfer_syntaxes

/// The encoding that a transfer syntax UID stands for.
struct Encoding {
    bool explicit_vr = true;
    bool big_endian = false;
    bool deflated = false;
    /// Pixel data as fragments. True for every UID that is not one of the native ones: new
    /// compressed syntaxes appear all the time, new native ones do not.
    bool encapsulated = false;
    /// The words of (7FE0,0010) alone are big endian (GE's private syntax), or all words are.
    bool big_endian_pixel_data = false;
};

[[nodiscard]] Encoding encoding_of(std::string_view uid);

/// True if `encoding_of` knows rather than assumes: the UID is one of DICOM's or GE's. Any other
/// says nothing of the encoding, so it is detected from the data, as libdcmdata does it.
[[nodiscard]] bool tells_encoding(std::string_view uid);

/// The native encoding that the first bytes of a data set (six are enough) look like, by the rules
/// of DcmItem::checkTransferSyntax. Fewer than six look like explicit VR little endian.
[[nodiscard]] Encoding detect_encoding(std::string_view bytes);

/// The UID of a native encoding; empty for implicit VR big endian, which never was a transfer
/// syntax but is met in old data sets without a meta header.
[[nodiscard]] std::string_view uid_of(const Encoding& encoding);

}  // namespace dcmtk_native::runtime
