// How Python's values cross the border. No DICOM logic.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "intake/limits.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::bindings {

namespace py = pybind11;

/// The only way to bind a tool: arguments are converted, the GIL goes, the work runs, the GIL returns, the
/// result is converted.
template <typename Function, typename... Extra>
void def_tool(py::module_& module, const char* name, Function function, const Extra&... extra) {
    module.def(name, function, py::call_guard<py::gil_scoped_release>(), extra...);
}

/// One choice of an option: the word that Python uses (a StrEnum's value) and its meaning here.
template <typename Enum>
struct Choice {
    std::string_view word;
    Enum value;
};

/// Specialise with `static constexpr Choice<Enum> table[]` to let words become an enum; see DCMTK_NATIVE_CHOICES.
template <typename Enum>
struct Choices;

/// Converts a word of `Choices<Enum>`. Python has checked the options before; a wrong word here is a TypeError.
template <typename Enum>
struct ChoiceCaster {
    PYBIND11_TYPE_CASTER(Enum, py::detail::const_name("str"));

    bool load(py::handle source, bool) {
        if (!PyUnicode_Check(source.ptr())) return false;
        Py_ssize_t size = 0;
        const char* text = PyUnicode_AsUTF8AndSize(source.ptr(), &size);
        if (text == nullptr) throw py::error_already_set();
        const std::string_view word(text, static_cast<std::size_t>(size));
        for (const auto& choice : Choices<Enum>::table) {
            if (choice.word == word) {
                value = choice.value;
                return true;
            }
        }
        return false;
    }
    static py::handle cast(Enum chosen, py::return_value_policy, py::handle) {
        for (const auto& choice : Choices<Enum>::table)
            if (choice.value == chosen) return py::str(std::string(choice.word)).release();
        throw py::value_error("no word for a choice");
    }
};

/// An options struct as a class whose fields are keyword-only and all required: defaults stand in the Python
/// signature and nowhere else.
template <typename Struct>
class OptionsBinder {
  public:
    OptionsBinder(py::module_& module, const char* name) : class_(module, name), name_(name) {}

    template <typename Value>
    OptionsBinder& field(const char* field_name, Value Struct::*member) {
        fields_->push_back({field_name, [member](Struct& options, py::handle value) {
                                options.*member = py::cast<Value>(value);
                            }});
        signature_ += std::string(", ") + field_name + ": " + type_name<Value>();
        return *this;
    }

    /// To be called after the last field.
    void finish() {
        // Our own signature line, so that the stubs know the fields.
        py::options options;
        options.disable_function_signatures();
        const std::string doc = std::string("__init__(self: ") + name_ + ", *" + signature_ + ") -> None";
        class_.def(py::init([fields = fields_, name = std::string(name_)](const py::kwargs& given) {
            Struct made{};
            for (const Field& entry : *fields) {
                PyObject* value = PyDict_GetItemString(given.ptr(), entry.name);
                if (value == nullptr) throw py::type_error(name + " needs " + entry.name);
                try {
                    entry.set(made, value);
                } catch (const py::cast_error&) {
                    throw py::type_error(name + ": wrong type or value of " + entry.name + ": " +
                                         std::string(py::repr(value)));
                }
            }
            if (given.size() != fields->size()) throw py::type_error(name + " got an unknown field");
            return made;
        }), doc.c_str());
        py::list names;
        for (const Field& entry : *fields_) names.append(py::str(entry.name));
        class_.attr("__fields__") = py::tuple(names);
    }

  private:
    struct Field {
        const char* name;
        std::function<void(Struct&, py::handle)> set;
    };

    /// The type as an argument's annotation; pybind11 writes "@argument@result@" where the two differ.
    template <typename Value>
    static std::string type_name() {
        const std::string text = py::detail::make_caster<Value>::name.text;
        if (text.find('%') != std::string::npos) return "typing.Any";
        std::string name;
        unsigned part = 0;  // 0 outside, 1 in the argument's form, 2 in the result's
        for (const char c : text) {
            if (c == '@') {
                part = (part + 1) % 3;
            } else if (part != 2) {
                name += c;
            }
        }
        return name;
    }

    py::class_<Struct> class_;
    const char* name_;
    std::string signature_;
    std::shared_ptr<std::vector<Field>> fields_ = std::make_shared<std::vector<Field>>();
};

/// The path as the bytes that the system calls take.
[[nodiscard]] inline std::string path_bytes(py::handle source) {
    PyObject* converted = nullptr;
    if (PyUnicode_FSConverter(source.ptr(), &converted) == 0) throw py::error_already_set();
    const auto bytes = py::reinterpret_steal<py::bytes>(converted);
    return std::string(bytes);
}

/// A held export of the buffer protocol; given back under the GIL, wherever the last owner dies.
[[nodiscard]] inline runtime::Buffer hold_buffer(py::handle source) {
    auto view = std::make_unique<Py_buffer>();
    if (PyObject_GetBuffer(source.ptr(), view.get(), PyBUF_SIMPLE) != 0) throw py::error_already_set();
    std::shared_ptr<Py_buffer> owner(view.release(), [](Py_buffer* held) {
        // At interpreter exit there may be no GIL left to take.
        if (Py_IsInitialized() != 0) {
            const py::gil_scoped_acquire gil;
            PyBuffer_Release(held);
        }
        delete held;
    });
    return {{static_cast<const char*>(owner->buf), static_cast<std::size_t>(owner->len)}, owner};
}

/// UTF-8 that is certain to be valid (our decoders make no other) as a str.
[[nodiscard]] inline py::object to_str(std::string_view utf8) {
    PyObject* text = PyUnicode_DecodeUTF8(utf8.data(), static_cast<Py_ssize_t>(utf8.size()), "replace");
    if (text == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(text);
}

}  // namespace dcmtk_native::bindings

/// DCMTK_NATIVE_CHOICES(data::ReadMode, {"auto", data::ReadMode::automatic}, ...): at global scope.
#define DCMTK_NATIVE_CHOICES(Enum, ...)                                             \
    template <>                                                                     \
    struct dcmtk_native::bindings::Choices<Enum> {                                  \
        static constexpr Choice<Enum> table[] = {__VA_ARGS__};                      \
    };                                                                              \
    template <>                                                                     \
    struct pybind11::detail::type_caster<Enum>                                      \
        : dcmtk_native::bindings::ChoiceCaster<Enum> {}

namespace pybind11::detail {

/// str and os.PathLike are paths; bytes, bytearray, memoryview and mmap are the content of a file.
template <>
struct type_caster<dcmtk_native::runtime::Input> {
    PYBIND11_TYPE_CASTER(dcmtk_native::runtime::Input, const_name("str | os.PathLike[str] | bytes | bytearray | memoryview"));

    bool load(handle source, bool) {
        if (PyObject_CheckBuffer(source.ptr()) != 0) {
            value.from = dcmtk_native::bindings::hold_buffer(source);
        } else {
            value.from = dcmtk_native::bindings::path_bytes(source);
        }
        return true;
    }
};

/// A path, or None for "give me the bytes".
template <>
struct type_caster<dcmtk_native::runtime::Output> {
    PYBIND11_TYPE_CASTER(dcmtk_native::runtime::Output, const_name("str | os.PathLike[str] | None"));

    bool load(handle source, bool) {
        if (!source.is_none()) value.path = dcmtk_native::bindings::path_bytes(source);
        return true;
    }
};

/// None is the defaults; else any object with the fields of dcmtk_native.Limits.
template <>
struct type_caster<dcmtk_native::intake::Limits> {
    PYBIND11_TYPE_CASTER(dcmtk_native::intake::Limits, const_name("dcmtk_native.limits.Limits | None"));

    bool load(handle source, bool) {
        value = {};
        if (source.is_none()) return true;
        take(source, "max_depth", value.max_depth);
        take(source, "max_elements", value.max_elements);
        take(source, "max_element_length", value.max_element_length);
        take(source, "max_file_size", value.max_file_size);
        take(source, "max_inflate_ratio", value.max_inflate_ratio);
        take(source, "min_inflate_allowance", value.min_inflate_allowance);
        take(source, "max_pixel_bytes", value.max_pixel_bytes);
        return true;
    }

  private:
    template <typename Number>
    static void take(handle source, const char* name, Number& number) {
        number = source.attr(name).cast<Number>();
    }
};

}  // namespace pybind11::detail
