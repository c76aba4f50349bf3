// dcmftest, dcmdump, dcm2xml.
#include "bindings.hpp"
#include "data/data.hpp"
#include "data/input_files.hpp"
#include "support.hpp"

namespace bound = dcmtk_native::data;

DCMTK_NATIVE_CHOICES(bound::DumpFormat, {"standard", bound::DumpFormat::standard},
                     {"short", bound::DumpFormat::short_lines}, {"long", bound::DumpFormat::long_values});
DCMTK_NATIVE_CHOICES(bound::PrintFilename, {"no", bound::PrintFilename::no}, {"yes", bound::PrintFilename::yes},
                     {"search", bound::PrintFilename::search});
DCMTK_NATIVE_CHOICES(bound::Quote, {"none", bound::Quote::none}, {"xml", bound::Quote::xml},
                     {"octal", bound::Quote::octal});
DCMTK_NATIVE_CHOICES(bound::XmlFormat, {"dcmtk", bound::XmlFormat::dcmtk}, {"native", bound::XmlFormat::native});
DCMTK_NATIVE_CHOICES(bound::XmlCharset, {"utf8", bound::XmlCharset::utf8}, {"latin1", bound::XmlCharset::latin1},
                     {"ascii", bound::XmlCharset::ascii});
DCMTK_NATIVE_CHOICES(bound::XmlDtd, {"none", bound::XmlDtd::none}, {"reference", bound::XmlDtd::reference},
                     {"embed", bound::XmlDtd::embed});
DCMTK_NATIVE_CHOICES(bound::BinaryEncoding, {"hex", bound::BinaryEncoding::hex},
                     {"base64", bound::BinaryEncoding::base64}, {"uuid", bound::BinaryEncoding::uuid});

namespace dcmtk_native::bindings {

namespace {

/// (text, ((path, message), ...) of the files that could not be read).
py::tuple dcmdump(const std::vector<runtime::Input>& inputs, const data::DcmdumpOptions& options,
                  const py::object& on_progress) {
    data::Progress progress;
    if (!on_progress.is_none()) {
        // The one call back into Python: between two files, with no lock of ours held.
        progress = [&on_progress](std::size_t done, std::size_t total, const std::string& path) {
            const py::gil_scoped_acquire gil;
            on_progress(done, total, path);
        };
    }
    data::DcmdumpResult result;
    std::string text;
    {
        const py::gil_scoped_release no_gil;
        result = data::dcmdump(inputs, options, progress);
        text = data::utf8_text(result);
    }
    py::list failures;
    for (const auto& failure : result.failures)
        failures.append(py::make_tuple(to_str(failure.path), to_str(failure.error.message)));
    return py::make_tuple(to_str(text), py::tuple(failures));
}

/// The document's bytes, in the character set that it declares.
py::bytes dcm2xml(const runtime::Input& input, const data::Dcm2xmlOptions& options) {
    std::string document;
    {
        const py::gil_scoped_release no_gil;
        document = data::dcm2xml(input, options);
    }
    return document;
}

/// A whole file at once, by a temporary name and a rename.
void write_file(const std::string& path, const py::bytes& content) {
    const std::string_view bytes(content);
    const py::gil_scoped_release no_gil;
    runtime::FileSink sink(path);
    sink.write(bytes);
    sink.commit();
}

/// The files that a path stands for: itself, or what lies in that directory.
std::vector<py::object> list_files(const runtime::Input& path, const std::string& pattern, bool recurse) {
    std::vector<runtime::Input> found;
    {
        const py::gil_scoped_release no_gil;
        found = data::list_files({path}, {true, pattern, recurse});
    }
    std::vector<py::object> names;
    names.reserve(found.size());
    for (const runtime::Input& file : found) {
        const std::string name = file.name();
        PyObject* text = PyUnicode_DecodeFSDefaultAndSize(name.data(), static_cast<Py_ssize_t>(name.size()));
        if (text == nullptr) throw py::error_already_set();
        names.push_back(py::reinterpret_steal<py::object>(text));
    }
    return names;
}

void bind_dcmdump_options(py::module_& module) {
    using data::DcmdumpOptions;
    OptionsBinder<DcmdumpOptions>(module, "DcmdumpOptions")
        .field("read", &DcmdumpOptions::read)
        .field("parse", &DcmdumpOptions::parse)
        .field("format", &DcmdumpOptions::format)
        .field("all_tags", &DcmdumpOptions::all_tags)
        .field("search_tags", &DcmdumpOptions::search_tags)
        .field("print_values", &DcmdumpOptions::print_values)
        .field("scan_directories", &DcmdumpOptions::scan_directories)
        .field("scan_pattern", &DcmdumpOptions::scan_pattern)
        .field("recurse", &DcmdumpOptions::recurse)
        .field("load_all", &DcmdumpOptions::load_all)
        .field("max_read_length", &DcmdumpOptions::max_read_length)
        .field("tree", &DcmdumpOptions::tree)
        .field("print_filename", &DcmdumpOptions::print_filename)
        .field("map_uid_names", &DcmdumpOptions::map_uid_names)
        .field("quote", &DcmdumpOptions::quote)
        .field("color", &DcmdumpOptions::color)
        .field("ignore_errors", &DcmdumpOptions::ignore_errors)
        .field("search_first", &DcmdumpOptions::search_first)
        .field("prepend_path", &DcmdumpOptions::prepend_path)
        .field("write_pixel", &DcmdumpOptions::write_pixel)
        .field("convert_charset", &DcmdumpOptions::convert_charset)
        .finish();
}

void bind_dcm2xml_options(py::module_& module) {
    using data::Dcm2xmlOptions;
    OptionsBinder<Dcm2xmlOptions>(module, "Dcm2xmlOptions")
        .field("read", &Dcm2xmlOptions::read)
        .field("xml_format", &Dcm2xmlOptions::xml_format)
        .field("use_namespace", &Dcm2xmlOptions::use_namespace)
        .field("charset", &Dcm2xmlOptions::charset)
        .field("charset_assume", &Dcm2xmlOptions::charset_assume)
        .field("charset_check_all", &Dcm2xmlOptions::charset_check_all)
        .field("write_binary_data", &Dcm2xmlOptions::write_binary_data)
        .field("binary_encoding", &Dcm2xmlOptions::binary_encoding)
        .field("dtd", &Dcm2xmlOptions::dtd)
        .field("dtd_file", &Dcm2xmlOptions::dtd_file)
        .field("element_names", &Dcm2xmlOptions::element_names)
        .field("load_all", &Dcm2xmlOptions::load_all)
        .field("max_read_length", &Dcm2xmlOptions::max_read_length)
        .finish();
}

}  // namespace

void bind_dump(py::module_& module) {
    def_tool(module, "dcmftest", &data::dcmftest, py::arg("input"));
    bind_dcmdump_options(module);
    module.def("dcmdump", &dcmdump, py::arg("inputs"), py::arg("options"), py::arg("on_progress").none(true));
    bind_dcm2xml_options(module);
    module.def("list_files", &list_files, py::arg("path"), py::arg("pattern"), py::arg("recurse"));
    module.def("write_file", &write_file, py::arg("path"), py::arg("content"));
    module.def("dcm2xml", &dcm2xml, py::arg("input"), py::arg("options"));
}

}  // namespace dcmtk_native::bindings
