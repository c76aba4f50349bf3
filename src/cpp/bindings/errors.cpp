// The one exception translator: every error of the core leaves as NativeError, which `@tool` turns into the
// class of the public tree (dcmtk_native/_runtime/conditions.py).
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <new>

#include "bindings.hpp"
#include "native_error.hpp"

namespace dcmtk_native::bindings {

namespace py = pybind11;

namespace {

const char* word(runtime::ErrorKind kind) {
    switch (kind) {
    case runtime::ErrorKind::toolkit: return "toolkit";
    case runtime::ErrorKind::options: return "options";
    case runtime::ErrorKind::file: return "file";
    case runtime::ErrorKind::format: return "format";
    case runtime::ErrorKind::limit: return "limit";
    case runtime::ErrorKind::codec: return "codec";
    case runtime::ErrorKind::unsupported: return "unsupported";
    case runtime::ErrorKind::association: return "association";
    case runtime::ErrorKind::operation: return "operation";
    case runtime::ErrorKind::timeout: return "timeout";
    case runtime::ErrorKind::aborted: return "aborted";
    case runtime::ErrorKind::internal: return "internal";
    }
    return "internal";
}

/// Bytes of messages come from files and paths: never let a bad one hide the error.
py::object text(const std::string& bytes) {
    return py::reinterpret_steal<py::object>(
        PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace"));
}

// Interned for the life of the process, like every exception class of a module.
PyObject* native_error = nullptr;

void raise_native(const runtime::Error& error) {
    PyErr_SetObject(native_error, native_error_args(error).ptr());
}

}  // namespace

py::tuple native_error_args(const runtime::Error& error) {
    return py::make_tuple(word(error.kind), text(error.message), error.module, error.code,
                          text(error.condition_text), error.limit, error.value, error.maximum,
                          error.system_errno, error.rejection);
}

void bind_errors(py::module_& runtime) {
    native_error = PyErr_NewExceptionWithDoc(
        "dcmtk_native._core.runtime.NativeError",
        "An error of the core: (kind, message, module, code, condition_text, limit, value, maximum, errno, "
        "rejection).",
        nullptr, nullptr);
    runtime.attr("NativeError") = py::reinterpret_borrow<py::object>(native_error);
    py::register_exception_translator([](std::exception_ptr exception) {
        try {
            if (exception) std::rethrow_exception(exception);
        } catch (const runtime::Error& error) {
            raise_native(error);
        } catch (const std::bad_alloc&) {
            raise_native(runtime::Error(runtime::ErrorKind::internal, "out of memory"));
        } catch (const py::error_already_set&) {
            throw;
        } catch (const py::builtin_exception&) {
            throw;
        } catch (const std::exception& error) {
            // libdcmdata has its own: std::out_of_range for a value that it did not expect.
            raise_native(runtime::Error(runtime::ErrorKind::operation,
                                        std::string("unexpected error of a library: ") + error.what()));
        }
    });
}

}  // namespace dcmtk_native::bindings
