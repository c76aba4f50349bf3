// What an image says of having been made from another: identity, derivation, lossy history (PS3.3
// sections C.7.6.1.1 and C.12.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/draft.hpp"

namespace dcmtk_native::codec {

/// Sets an element of a draft.
void put_text(data::Item& item, runtime::Tag tag, runtime::Vr vr, std::string_view text);
void put_number(data::Item& item, runtime::Tag tag, std::uint16_t number);

enum class SourceImage : std::uint8_t { plain_reference, uncompressed_predecessor };

/// A new SOP instance UID; the image it came from is named in the Source Image Sequence.
void make_new_instance(data::Draft& draft, SourceImage source);
/// The first value of Image Type becomes DERIVED.
void mark_derived(data::Draft& draft);
/// The text goes in front of what stands in Derivation Description.
void prepend_derivation(data::Draft& draft, const std::string& text);
/// Derivation Code Sequence, Lossy Image Compression, its ratio and method.
void mark_lossy(data::Draft& draft, double ratio, std::string_view method);
/// Lossy Image Compression alone: of how much is not known.
void mark_lossy(data::Draft& draft);
/// Secondary Capture, with the attributes that its IOD wants.
void convert_to_secondary_capture(data::Draft& draft);

/// A compression ratio as the descriptions have it.
[[nodiscard]] std::string ratio_text(double ratio);

}  // namespace dcmtk_native::codec
