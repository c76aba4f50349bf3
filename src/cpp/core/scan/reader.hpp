// One file's wanted values as a row.
#pragma once

#include "runtime/files.hpp"
#include "scan/table.hpp"

namespace dcmtk_native::scan {

/// Adds the row of a file. Throws what Dataset::read does; the table is as it was then.
void read_row(const runtime::Input& input, const Request& request, Table& table);

}  // namespace dcmtk_native::scan
