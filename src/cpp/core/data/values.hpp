// Text to value bytes, VR by VR, as libdcmdata's putString family takes it: "1\2" for numbers,
// "(0010,0010)" for AT, "0a\0b" for byte strings; and numbers to value bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/charset.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::data {

/// Whether text must also keep the rules of PS3.5 section 6.2 (data/value_rules).
enum class TextRules : std::uint8_t { strict, lenient };

/// The value in little endian order, without a padding byte. Throws Error: operation when the text
/// is not acceptable for the VR or the character set cannot hold it; the message does not repeat
/// the text.
[[nodiscard]] std::string value_from_text(runtime::Vr vr, std::string_view utf8,
                                          const runtime::CharacterSet& set, TextRules rules);

/// Appends one number as the VR stores it (AT: the tag as 0xGGGGEEEE). False when the VR cannot
/// hold it or holds no numbers.
[[nodiscard]] bool append_number(runtime::Vr vr, std::int64_t number, std::string& value);
[[nodiscard]] bool append_number(runtime::Vr vr, std::uint64_t number, std::string& value);
[[nodiscard]] bool append_number(runtime::Vr vr, double number, std::string& value);

}  // namespace dcmtk_native::data
