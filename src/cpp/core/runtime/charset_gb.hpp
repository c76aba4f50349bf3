// GB18030, GBK and GB 2312 between bytes and code points.
#pragma once

#include <string>

#include "runtime/charset_utf8.hpp"

namespace dcmtk_native::runtime {

/// True for a character of GB18030's two-byte codes that GBK has too.
[[nodiscard]] bool is_in_gbk(char32_t code_point);
/// The character of a lead and a trail byte; 0 if they are no code of GB18030.
[[nodiscard]] char32_t gb_18030_pair(unsigned char lead, unsigned char trail);
/// The character of a pair of bytes from 0xA1 on in ISO-IR 58; 0 if there is none.
[[nodiscard]] char32_t gb_2312_pair(unsigned char lead, unsigned char trail);

/// Appends the code of a character above 0x7F; false if the set has none.
[[nodiscard]] bool append_gb_18030(std::string& bytes, char32_t code_point);
[[nodiscard]] bool append_gbk(std::string& bytes, char32_t code_point);

}  // namespace dcmtk_native::runtime
