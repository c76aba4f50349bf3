// A data set built from Python, element by element: for tools that read other formats.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bindings.hpp"
#include "data/draft_builder.hpp"
#include "data/tag_path.hpp"
#include "data/values.hpp"
#include "data/writer.hpp"
#include "runtime/error.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

/// A tag as a number, 8 hex digits, "(gggg,eeee)" or a keyword.
struct TagArgument {
    runtime::Tag tag;
};

/// A VR by its letters.
struct VrArgument {
    runtime::Vr vr;
};

/// Value bytes: immutable ones are held where they are, what may change is copied.
struct BytesArgument {
    data::Value value;
};

/// A number of any size that a VR may have.
using NumberArgument = std::variant<std::int64_t, std::uint64_t, double>;

// Below it a copy costs less than holding the object does.
constexpr py::ssize_t min_held = 1024;

data::Value value_of(py::handle source) {
    if (PyBytes_CheckExact(source.ptr()) != 0 && PyBytes_GET_SIZE(source.ptr()) >= min_held)
        return hold_buffer(source);
    Py_buffer view;
    if (PyObject_GetBuffer(source.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
    std::string copy(static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len));
    PyBuffer_Release(&view);
    return data::make_value(std::move(copy));
}

void put_numbers(data::DraftBuilder& draft, TagArgument tag, VrArgument vr,
                 const std::vector<NumberArgument>& numbers) {
    std::string value;
    for (const NumberArgument& number : numbers) {
        const bool fits = std::visit(
            [&](auto plain) { return data::append_number(vr.vr, plain, value); }, number);
        if (!fits)
            runtime::raise(runtime::ErrorKind::operation,
                           "a number does not fit the VR of " + runtime::to_string(tag.tag));
    }
    draft.put_value(tag.tag, vr.vr, data::make_value(std::move(value)));
}

void put_fragments(data::DraftBuilder& draft, TagArgument tag,
                   std::vector<BytesArgument> fragments) {
    std::vector<runtime::Buffer> parts;
    parts.reserve(fragments.size());
    for (BytesArgument& fragment : fragments) parts.push_back(std::move(fragment.value));
    draft.put_fragments(tag.tag, std::move(parts));
}

void put_empty(data::DraftBuilder& draft, TagArgument tag, VrArgument vr) {
    if (vr.vr == runtime::Vr::SQ) {
        draft.begin_sequence(tag.tag);
        draft.end_sequence();
    } else {
        draft.put_value(tag.tag, vr.vr, {});
    }
}

std::optional<py::bytes> write(const data::DraftBuilder& builder, const runtime::Output& output,
                               const data::WriteOptions& options) {
    const data::Draft& draft = builder.draft();
    std::optional<std::string> bytes;
    {
        const py::gil_scoped_release released;
        bytes = runtime::write_output(
            output, [&](runtime::Sink& sink) { data::write(draft, options, sink); });
    }
    if (!bytes) return std::nullopt;
    return py::bytes(*bytes);
}

}  // namespace

}  // namespace dcmtk_native::bindings

namespace pybind11::detail {

template <>
struct type_caster<dcmtk_native::bindings::TagArgument> {
    PYBIND11_TYPE_CASTER(dcmtk_native::bindings::TagArgument, const_name("int | str"));

    bool load(handle source, bool) {
        if (PyUnicode_Check(source.ptr()) != 0) {
            value.tag = dcmtk_native::data::parse_tag(source.cast<std::string>());
            return true;
        }
        if (PyLong_Check(source.ptr()) == 0) return false;
        const unsigned long number = PyLong_AsUnsignedLong(source.ptr());
        if (PyErr_Occurred() != nullptr) PyErr_Clear();
        if (number > 0xFFFFFFFFUL) throw value_error("a tag has 32 bit");
        value.tag = static_cast<dcmtk_native::runtime::Tag>(number);
        return true;
    }
};

template <>
struct type_caster<dcmtk_native::bindings::VrArgument> {
    PYBIND11_TYPE_CASTER(dcmtk_native::bindings::VrArgument, const_name("str"));

    bool load(handle source, bool) {
        if (PyUnicode_Check(source.ptr()) == 0) return false;
        Py_ssize_t size = 0;
        const char* text = PyUnicode_AsUTF8AndSize(source.ptr(), &size);
        if (text == nullptr) throw error_already_set();
        value.vr =
            dcmtk_native::runtime::vr_from(std::string_view(text, static_cast<std::size_t>(size)));
        if (size != 2 || !dcmtk_native::runtime::is_known(value.vr))
            dcmtk_native::runtime::raise(dcmtk_native::runtime::ErrorKind::operation,
                                         "not a value representation: " +
                                             std::string(text).substr(0, 16));
        return true;
    }
};

template <>
struct type_caster<dcmtk_native::bindings::BytesArgument> {
    PYBIND11_TYPE_CASTER(dcmtk_native::bindings::BytesArgument,
                         const_name("bytes | bytearray | memoryview"));

    bool load(handle source, bool) {
        if (PyObject_CheckBuffer(source.ptr()) == 0) return false;
        value.value = dcmtk_native::bindings::value_of(source);
        return true;
    }
};

template <>
struct type_caster<dcmtk_native::bindings::NumberArgument> {
    PYBIND11_TYPE_CASTER(dcmtk_native::bindings::NumberArgument, const_name("int | float"));

    bool load(handle source, bool) {
        if (PyFloat_Check(source.ptr()) != 0) {
            value = PyFloat_AS_DOUBLE(source.ptr());
            return true;
        }
        if (PyLong_Check(source.ptr()) == 0) return false;
        int overflow = 0;
        value = static_cast<std::int64_t>(PyLong_AsLongLongAndOverflow(source.ptr(), &overflow));
        if (overflow > 0)
            value = static_cast<std::uint64_t>(PyLong_AsUnsignedLongLong(source.ptr()));
        if (PyErr_Occurred() == nullptr && overflow >= 0) return true;
        PyErr_Clear();
        dcmtk_native::runtime::raise(dcmtk_native::runtime::ErrorKind::operation,
                                     "a number does not fit any VR");
    }
};

}  // namespace pybind11::detail

namespace dcmtk_native::bindings {

void bind_draft(py::module_& data) {
    using Builder = data::DraftBuilder;
    py::class_<Builder>(data, "Draft", R"doc(A data set under construction, written at the end.

Elements go to the cursor: the root at first, then the item that was begun. They may come in any
order; one with the tag of an earlier one replaces it. At the root, tags of group 0002 go to the
meta header. Odd lengths are padded by VR on writing. One thread's own object.)doc")
        .def(py::init<std::string>(), py::arg("transfer_syntax"),
             "A draft to be written in this transfer syntax. Values are little endian whatever it "
             "is.")
        .def(
            "put_text",
            [](Builder& draft, TagArgument tag, VrArgument vr, const std::string& value) {
                draft.put_text(tag.tag, vr.vr, value);
            },
            py::arg("tag"), py::arg("vr"), py::arg("value"),
            R"doc(Puts a value in the form dcmodify takes it, "\" between values.

Numbers for numeric VRs, OF, OD, OL and OV; "(gggg,eeee)" for AT; hexadecimal for OB, OW and UN.
Text is encoded in the character set in force: (0008,0005) of the item, else of those around it, as
put so far. Its length and alphabet are not checked.)doc")
        .def(
            "put_bytes",
            [](Builder& draft, TagArgument tag, VrArgument vr, BytesArgument value) {
                draft.put_value(tag.tag, vr.vr, std::move(value.value));
            },
            py::arg("tag"), py::arg("vr"), py::arg("value"), "Puts value bytes as they are.")
        .def(
            "put_held",
            [](Builder& draft, TagArgument tag, VrArgument vr, const py::buffer& value) {
                draft.put_value(tag.tag, vr.vr, hold_buffer(value));
            },
            py::arg("tag"), py::arg("vr"), py::arg("value"),
            "Puts value bytes that stay where they are: nothing may change them before the draft is "
            "written.")
        .def("put_numbers", &put_numbers, py::arg("tag"), py::arg("vr"), py::arg("values"),
             "Puts int and float values of a binary VR; of AT as 0xGGGGEEEE.")
        .def(
            "put_fragments",
            [](Builder& draft, TagArgument tag, VrArgument, std::vector<BytesArgument> fragments) {
                put_fragments(draft, tag, std::move(fragments));
            },
            py::arg("tag"), py::arg("vr"), py::arg("fragments"),
            "Puts encapsulated pixel data, the offset table first (empty for none). It is always "
            "written as OB.")
        .def("put_empty", &put_empty, py::arg("tag"), py::arg("vr"),
             "Puts an element without a value.")
        .def(
            "begin_sequence",
            [](Builder& draft, TagArgument tag) { draft.begin_sequence(tag.tag); }, py::arg("tag"),
            "Begins a sequence; items follow, up to `end_sequence`.")
        .def("begin_item", &Builder::begin_item,
             "Begins an item of the sequence: the cursor is in it.")
        .def("end_item", &Builder::end_item)
        .def("end_sequence", &Builder::end_sequence)
        .def(
            "has", [](const Builder& draft, TagArgument tag) { return draft.has(tag.tag); },
            py::arg("tag"), "Whether the element is there, at the cursor.")
        .def(
            "text",
            [](const Builder& draft, TagArgument tag) -> std::optional<py::str> {
                const auto text = draft.text(tag.tag);
                if (!text) return std::nullopt;
                return py::str(to_str(*text));
            },
            py::arg("tag"),
            "The text of an element at the cursor, decoded, without padding; None if there is "
            "none.")
        .def(
            "erase", [](Builder& draft, TagArgument tag) { return draft.erase(tag.tag); },
            py::arg("tag"), "Takes an element at the cursor back; whether it was there.")
        .def("write", &write, py::arg("output"), py::arg("options"),
             "Writes the file, or the data set. Bytes if the output is None. Every sequence must "
             "have been ended.");
}

}  // namespace dcmtk_native::bindings
