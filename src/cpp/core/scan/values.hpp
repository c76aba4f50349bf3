// One value as a column wants it: text, bytes and numbers to its kind.
#pragma once

#include <string>
#include <string_view>

#include "runtime/vr.hpp"
#include "scan/column.hpp"

namespace dcmtk_native::scan {

/// Adds one value of a text VR, spaces around it removed. False: it is no value of the column's
/// kind.
[[nodiscard]] bool add_text_value(std::string_view text, Column& column);

/// Bytes of one value of a binary VR; 0 for a VR that is no number or tag.
[[nodiscard]] std::size_t width_of(runtime::Vr vr);

/// Adds one value of a binary VR. False: it is no value of the column's kind.
[[nodiscard]] bool add_binary_value(const char* bytes, runtime::Vr vr, bool big_endian,
                                    Column& column);

}  // namespace dcmtk_native::scan
