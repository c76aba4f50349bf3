// A table of the scan as an Arrow record batch, through the C data interface: its buffers are
// shared, not copied (https://arrow.apache.org/docs/format/CDataInterface.html).
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "scan/table.hpp"

namespace dcmtk_native::bindings {

/// The capsules "arrow_schema" and "arrow_array" of a struct: `path`, then the columns by name.
[[nodiscard]] pybind11::tuple arrow_capsules(std::shared_ptr<const scan::Table> table,
                                             const std::vector<std::string>& names);

}  // namespace dcmtk_native::bindings
