// dcmconv and dcmodify.
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "data/data.hpp"
#include "runtime/uid.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(
    dcmtk_native::data::Modification::Kind,
    {"modify", dcmtk_native::data::Modification::Kind::modify},
    {"insert", dcmtk_native::data::Modification::Kind::insert},
    {"modify-from-file", dcmtk_native::data::Modification::Kind::modify_from_file},
    {"insert-from-file", dcmtk_native::data::Modification::Kind::insert_from_file},
    {"modify-all", dcmtk_native::data::Modification::Kind::modify_all},
    {"erase", dcmtk_native::data::Modification::Kind::erase},
    {"erase-all", dcmtk_native::data::Modification::Kind::erase_all},
    {"erase-private", dcmtk_native::data::Modification::Kind::erase_private},
    {"new-study-uid", dcmtk_native::data::Modification::Kind::new_study_uid},
    {"new-series-uid", dcmtk_native::data::Modification::Kind::new_series_uid},
    {"new-instance-uid", dcmtk_native::data::Modification::Kind::new_instance_uid});

namespace dcmtk_native::bindings {

namespace {

using Job = std::tuple<data::Modification::Kind, std::string, py::bytes>;
using ModifyResult = std::tuple<std::uint64_t, std::optional<py::str>, std::optional<py::bytes>>;

struct DcmodifyOptions : data::DcmodifyOptions {
    std::vector<Job> jobs;  // kind, tag path, value: text in UTF-8, or a path as the system has it
};

std::optional<py::bytes> to_bytes(const std::optional<std::string>& bytes) {
    if (!bytes) return std::nullopt;
    return py::bytes(*bytes);
}

std::optional<py::str> to_path(const std::optional<std::string>& path) {
    if (!path) return std::nullopt;
    return py::reinterpret_steal<py::str>(
        PyUnicode_DecodeFSDefaultAndSize(path->data(), static_cast<Py_ssize_t>(path->size())));
}

std::optional<py::bytes> dcmconv(const runtime::Input& input, const runtime::Output& output,
                                 const data::DcmconvOptions& options) {
    std::optional<std::string> bytes;
    {
        const py::gil_scoped_release released;
        bytes = data::dcmconv(input, output, options);
    }
    return to_bytes(bytes);
}

/// How many elements were modified, the backup's path, the content if the output is no path.
ModifyResult dcmodify(const runtime::Input& input, const runtime::Output& output,
                      const DcmodifyOptions& options) {
    data::DcmodifyOptions native = options;
    for (const auto& [kind, path, value] : options.jobs)
        native.modifications.push_back({kind, path, std::string(value)});
    data::DcmodifyResult result{};
    {
        const py::gil_scoped_release released;
        result = data::dcmodify(input, output, native);
    }
    return {result.modified, to_path(result.backup_path), to_bytes(result.data)};
}

}  // namespace

void bind_edit(py::module_& data) {
    OptionsBinder<data::DcmconvOptions>(data, "DcmconvOptions")
        .field("read", &data::DcmconvOptions::read)
        .field("parse", &data::DcmconvOptions::parse)
        .field("charset", &data::DcmconvOptions::charset)
        .field("remove_invalid_groups", &data::DcmconvOptions::remove_invalid_groups)
        .field("write", &data::DcmconvOptions::write)
        .field("threads", &data::DcmconvOptions::threads)
        .finish();
    // Both release the GIL themselves: their bytes become objects under it.
    data.def("dcmconv", &dcmconv, py::arg("input"), py::arg("output"), py::arg("options"));

    OptionsBinder<DcmodifyOptions>(data, "DcmodifyOptions")
        .field<data::ReadOptions>("read", &DcmodifyOptions::read)
        .field<data::ParseOptions>("parse", &DcmodifyOptions::parse)
        .field<std::vector<Job>>("jobs", &DcmodifyOptions::jobs)
        .field<bool>("create_file", &DcmodifyOptions::create_file)
        .field<bool>("check_reservations", &DcmodifyOptions::check_reservations)
        .field<bool>("update_meta_uids", &DcmodifyOptions::update_meta_uids)
        .field<bool>("ignore_errors", &DcmodifyOptions::ignore_errors)
        .field<bool>("ignore_missing_tags", &DcmodifyOptions::ignore_missing_tags)
        .field<bool>("ignore_un_values", &DcmodifyOptions::ignore_un_values)
        .field<bool>("backup", &DcmodifyOptions::backup)
        .field<data::WriteOptions>("write", &DcmodifyOptions::write)
        .finish();
    data.def("dcmodify", &dcmodify, py::arg("input"), py::arg("output"), py::arg("options"));

    data.def(
        "new_uid",
        [](const std::optional<std::string>& root) { return runtime::new_uid(root.value_or("")); },
        py::arg("root") = py::none());
}

}  // namespace dcmtk_native::bindings
