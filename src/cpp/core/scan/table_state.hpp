// A table as bytes and back: for a process that hands its rows to another one.
#pragma once

#include <string>
#include <string_view>

#include "scan/table.hpp"

namespace dcmtk_native::scan {

[[nodiscard]] std::string to_bytes(const Table& table);

/// Throws Error: format for bytes that `to_bytes` has not made.
[[nodiscard]] Table from_bytes(std::string_view bytes);

}  // namespace dcmtk_native::scan
