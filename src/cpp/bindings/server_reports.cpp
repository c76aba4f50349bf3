#include "server_reports.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace dcmtk_native::bindings {

namespace {

using servers::EventKind;

constexpr std::array<const char*, servers::event_kinds> kind_names{
    "association_received",  "association_acknowledged",
    "presentation_contexts", "refusing_association",
    "echo_request",          "c_store_request",
    "subdirectory_created",  "storing_file",
    "stored_file",           "study_complete",
    "association_release",   "association_aborted",
    "error"};

/// What peers have said need not be UTF-8, and paths are what the system says.
[[nodiscard]] py::object path_str(const std::string& path) {
    return py::reinterpret_steal<py::object>(
        PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size())));
}

[[nodiscard]] py::dict object_details(const servers::Event& event) {
    py::dict details;
    details["sop_class_uid"] = to_str(event.sop_class);
    details["sop_instance_uid"] = to_str(event.sop_instance);
    details["transfer_syntax_uid"] = to_str(event.transfer_syntax);
    return details;
}

[[nodiscard]] py::dict study_details(const servers::Event& event) {
    py::dict details;
    py::list files;
    for (const std::string& file : event.files) files.append(path_str(file));
    details["study_instance_uid"] = to_str(event.sop_instance);
    details["directory"] = path_str(event.text);
    details["files"] = files;
    return details;
}

[[nodiscard]] py::dict details_of(const servers::Event& event) {
    py::dict details;
    switch (event.kind) {
    case EventKind::association_acknowledged: details["max_send_pdv"] = event.number; break;
    case EventKind::presentation_contexts: details["text"] = to_str(event.text); break;
    case EventKind::refusing_association:
    case EventKind::association_aborted: details["reason"] = to_str(event.text); break;
    case EventKind::echo_request: details["message_id"] = event.number; break;
    case EventKind::c_store_request:
        details = object_details(event);
        details["message_id"] = event.number;
        details["raw"] = to_str(event.text);
        break;
    case EventKind::subdirectory_created: details["directory"] = path_str(event.text); break;
    case EventKind::storing_file:
        details = object_details(event);
        details["filename"] = path_str(event.text);
        break;
    case EventKind::stored_file:
        details = object_details(event);
        details["filename"] = path_str(event.text);
        details["size"] = event.number;
        break;
    case EventKind::study_complete: return study_details(event);
    case EventKind::error:
        details["message"] = to_str(event.text);
        details["reference"] = event.number;
        break;
    case EventKind::association_received:
    case EventKind::association_release: break;
    }
    return details;
}

[[nodiscard]] py::tuple event_tuple(const servers::Event& event) {
    const servers::AssociationFacts& peer = *event.association;
    return py::make_tuple(kind_names[static_cast<std::size_t>(event.kind)], peer.id,
                          to_str(peer.calling_ae_title), to_str(peer.called_ae_title),
                          to_str(peer.address), details_of(event));
}

template <std::size_t Bounds>
[[nodiscard]] py::dict histogram_dict(const servers::Histogram<Bounds>& histogram) {
    py::list counts;
    for (std::size_t at = 0; at <= Bounds; ++at) counts.append(histogram.count(at));
    py::dict made;
    made["bounds"] = py::tuple(py::cast(histogram.bounds()));
    made["counts"] = py::tuple(counts);
    made["sum"] = histogram.sum();
    return made;
}

}  // namespace

std::uint32_t kind_bits(const std::vector<std::string>& kinds) {
    std::uint32_t bits = 0;
    for (const std::string& kind : kinds) {
        const auto found = std::find(kind_names.begin(), kind_names.end(), std::string_view(kind));
        if (found == kind_names.end()) throw py::value_error("no kind of event: " + kind);
        bits |= 1U << static_cast<unsigned>(found - kind_names.begin());
    }
    return bits;
}

py::object event_tuples(const std::optional<std::vector<servers::Event>>& events) {
    if (!events) return py::none();
    py::list tuples;
    for (const servers::Event& event : *events) tuples.append(event_tuple(event));
    return tuples;
}

py::dict metrics_dict(const servers::Metrics& metrics, const servers::Server& server) {
    py::dict all;
    all["connections"] = metrics.connections.load();
    all["connections_dropped"] = metrics.connections_dropped.load();
    all["connections_half_open"] = server.half_open();
    all["associations_accepted"] = metrics.associations_accepted.load();
    all["associations_rejected"] = metrics.associations_rejected.load();
    all["associations_released"] = metrics.associations_released.load();
    all["associations_aborted"] = metrics.associations_aborted.load();
    all["associations_open"] = server.associations();
    all["echoes"] = metrics.echoes.load();
    all["objects_stored"] = metrics.objects_stored.load();
    all["objects_failed"] = metrics.objects_failed.load();
    all["bytes_stored"] = metrics.bytes_stored.load();
    all["seconds_of_objects"] = histogram_dict(metrics.seconds_of_objects);
    all["bytes_of_objects"] = histogram_dict(metrics.bytes_of_objects);
    all["seconds_of_associations"] = histogram_dict(metrics.seconds_of_associations);
    return all;
}

}  // namespace dcmtk_native::bindings
