// An error of the core as what NativeError is made of, for errors that are results and not raised.
#pragma once

#include <pybind11/pybind11.h>

#include "runtime/error.hpp"

namespace dcmtk_native::bindings {

/// (kind, message, module, code, condition_text, limit, value, maximum, errno)
[[nodiscard]] pybind11::tuple native_error_args(const runtime::Error& error);

}  // namespace dcmtk_native::bindings
