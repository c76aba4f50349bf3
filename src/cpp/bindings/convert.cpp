// What the text-to-DICOM tools, which are written in Python, need of the core.
#include "bindings.hpp"
#include "convert/convert.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/transfer_syntax.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

void bind_convert(py::module_& convert) {
    convert.def("uid_of_name", &convert::uid_of_name, py::arg("name"));
    convert.def(
        "pixels_of_syntax",
        [](const std::string& uid) {
            if (!runtime::tells_encoding(uid)) return "unknown";
            return runtime::encoding_of(uid).encapsulated ? "encapsulated" : "native";
        },
        py::arg("uid"));
    // A record of the running call: the scope counts a flood of them instead of keeping it.
    convert.def(
        "warn",
        [](std::string message) {
            runtime::log(runtime::log_level::warn, "convert", std::move(message));
        },
        py::arg("message"));
}

}  // namespace dcmtk_native::bindings
