// What is done to a dump's text after libdcmdata has printed it.
#pragma once

#include <string>
#include <string_view>

namespace dcmtk_native::data {

/// Every element's line without the comment at its end: length, multiplicity and name.
[[nodiscard]] std::string without_comments(std::string_view text);

/// A dump's bytes as UTF-8; the value of (0008,0005) says what the bytes of values mean.
[[nodiscard]] std::string decode_dump(std::string_view text, std::string_view character_set);

}  // namespace dcmtk_native::data
