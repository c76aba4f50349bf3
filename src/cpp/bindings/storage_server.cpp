// The servers that store: Dcmrecv and StoreSCP.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "data/data.hpp"
#include "network_choices.hpp"
#include "runtime/error.hpp"
#include "server_options.hpp"
#include "servers/storage.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::servers::FileNames,
                     {"default", dcmtk_native::servers::FileNames::sop_instance},
                     {"unique", dcmtk_native::servers::FileNames::unique},
                     {"short-unique", dcmtk_native::servers::FileNames::short_unique},
                     {"system-time", dcmtk_native::servers::FileNames::system_time},
                     {"time-counter", dcmtk_native::servers::FileNames::time_counter});
DCMTK_NATIVE_CHOICES(dcmtk_native::servers::Folders,
                     {"none", dcmtk_native::servers::Folders::none},
                     {"series-date", dcmtk_native::servers::Folders::series_date},
                     {"study-time", dcmtk_native::servers::Folders::study_time},
                     {"study-uid", dcmtk_native::servers::Folders::study_uid},
                     {"patient-name", dcmtk_native::servers::Folders::patient_name});

namespace dcmtk_native::bindings {

namespace {

using servers::EventKind;

struct StorageServerOptions : ListeningOptions {
    std::optional<std::string> folder;
    servers::FileNames file_names;
    servers::Folders folders;
    std::string folder_prefix;
    std::string extension;
    bool follows_studies;
    std::optional<std::int64_t> study_timeout_ms;
    bool renames_at_end;
    std::optional<data::DcmconvOptions> rewriting;
    network::Identity identity;
    std::vector<std::string> transfer_syntaxes;
    bool is_promiscuous;
    /// Instead of the two above: SOP classes, each with its transfer syntaxes.
    std::vector<std::tuple<std::string, std::vector<std::string>>> contexts;
    std::optional<std::string> responding_ae_title;
    bool refuses_all;
    bool requires_implementation_uid;
    std::size_t max_events;
};

constexpr std::array<const char*, servers::event_kinds> kind_names{
    "association_received", "association_acknowledged", "refusing_association", "echo_request",
    "c_store_request",      "subdirectory_created",     "storing_file",         "stored_file",
    "study_complete",       "association_release",      "association_aborted",  "error"};

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
    case EventKind::error: details["message"] = to_str(event.text); break;
    case EventKind::association_received:
    case EventKind::association_release: break;
    }
    return details;
}

/// Kind, association ID, calling and called AE title, address, details.
[[nodiscard]] py::tuple event_tuple(const servers::Event& event) {
    const servers::AssociationFacts& peer = *event.association;
    return py::make_tuple(kind_names[static_cast<std::size_t>(event.kind)], peer.id,
                          to_str(peer.calling_ae_title), to_str(peer.called_ae_title),
                          to_str(peer.address), details_of(event));
}

[[nodiscard]] servers::PlacingRules placing_rules(const StorageServerOptions& given) {
    servers::PlacingRules rules;
    rules.root = *given.folder;
    rules.naming = {given.file_names, given.folders, given.folder_prefix, given.extension};
    rules.follows_studies = given.follows_studies;
    rules.study_timeout = milliseconds(given.study_timeout_ms);
    rules.renames_at_end = given.renames_at_end;
    if (given.rewriting) {
        rules.rewrite = [options = *given.rewriting](const std::string& path) {
            static_cast<void>(data::dcmconv({path}, {path}, options));
        };
    }
    return rules;
}

[[nodiscard]] servers::StorageOptions storage_options(const StorageServerOptions& given) {
    servers::StorageOptions options;
    if (given.folder) options.placing = placing_rules(given);
    options.identity = given.identity;
    options.contexts.transfer_syntaxes = given.transfer_syntaxes;
    options.contexts.is_promiscuous = given.is_promiscuous;
    for (const auto& [sop_class, syntaxes] : given.contexts) options.contexts.by_class[sop_class] = syntaxes;
    options.peers = peer_rules(given.peers);
    options.responding_ae_title = given.responding_ae_title;
    options.refuses_all = given.refuses_all;
    options.requires_implementation_uid = given.requires_implementation_uid;
    return options;
}

class StorageServer {
  public:
    explicit StorageServer(const StorageServerOptions& given)
        : events_(std::make_shared<servers::EventQueue>(given.max_events)),
          service_(std::make_shared<servers::StorageService>(storage_options(given), events_, metrics_)) {
        const py::gil_scoped_release released;
        server_ = std::make_unique<servers::Server>(server_options(given), service_, metrics_);
    }
    ~StorageServer() {
        const py::gil_scoped_release released;
        server_.reset();
    }
    StorageServer(const StorageServer&) = delete;
    StorageServer& operator=(const StorageServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] py::dict metrics() const { return metrics_dict(*metrics_, *server_); }
    void set_tls(std::shared_ptr<network::TlsContext> tls) { server_->set_tls(std::move(tls)); }

    /// Events of other kinds are not told.
    void want(const std::vector<std::string>& kinds) {
        std::uint32_t bits = 0;
        for (const std::string& kind : kinds) {
            const auto found = std::find(kind_names.begin(), kind_names.end(), std::string_view(kind));
            if (found == kind_names.end()) throw py::value_error("no kind of event: " + kind);
            bits |= 1U << static_cast<unsigned>(found - kind_names.begin());
        }
        events_->want(bits);
    }

    /// The events that wait, or the next ones; none: there was none in this time; None: there will
    /// be no more.
    [[nodiscard]] py::object next_events(std::size_t most, std::int64_t timeout_ms) {
        std::optional<std::vector<servers::Event>> events;
        {
            const py::gil_scoped_release released;
            events = wait_for_events(most, std::chrono::milliseconds(timeout_ms));
        }
        if (!events) return py::none();
        py::list tuples;
        for (const servers::Event& event : *events) tuples.append(event_tuple(event));
        return tuples;
    }

    void stop(std::int64_t drain_ms) {
        events_->let_all_in();
        server_->stop(std::chrono::milliseconds(drain_ms));
        events_->close();
    }
    void abort() {
        events_->let_all_in();
        server_->abort();
    }

  private:
    /// How late the end of a study is seen.
    static constexpr auto glance = std::chrono::milliseconds(50);

    [[nodiscard]] std::optional<std::vector<servers::Event>> wait_for_events(
        std::size_t most, std::chrono::milliseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        for (;;) {
            if (servers::Store* store = service_->store()) store->end_expired_studies();
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            auto events = events_->take(most, std::clamp(left, std::chrono::milliseconds(0), glance));
            if (!events || !events->empty() || left <= glance) return events;
        }
    }

    std::shared_ptr<servers::Metrics> metrics_ = std::make_shared<servers::Metrics>();
    std::shared_ptr<servers::EventQueue> events_;
    std::shared_ptr<servers::StorageService> service_;
    std::unique_ptr<servers::Server> server_;
};

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

void bind_storage_server(py::module_& servers) {
    listening_binder<StorageServerOptions>(servers, "StorageServerOptions")
        .field("folder", &StorageServerOptions::folder)
        .field("file_names", &StorageServerOptions::file_names)
        .field("folders", &StorageServerOptions::folders)
        .field("folder_prefix", &StorageServerOptions::folder_prefix)
        .field("extension", &StorageServerOptions::extension)
        .field("follows_studies", &StorageServerOptions::follows_studies)
        .field("study_timeout_ms", &StorageServerOptions::study_timeout_ms)
        .field("renames_at_end", &StorageServerOptions::renames_at_end)
        .field("rewriting", &StorageServerOptions::rewriting)
        .field("identity", &StorageServerOptions::identity)
        .field("transfer_syntaxes", &StorageServerOptions::transfer_syntaxes)
        .field("is_promiscuous", &StorageServerOptions::is_promiscuous)
        .field("contexts", &StorageServerOptions::contexts)
        .field("responding_ae_title", &StorageServerOptions::responding_ae_title)
        .field("refuses_all", &StorageServerOptions::refuses_all)
        .field("requires_implementation_uid", &StorageServerOptions::requires_implementation_uid)
        .field("max_events", &StorageServerOptions::max_events)
        .finish();
    py::class_<StorageServer>(servers, "StorageServer")
        .def(py::init<const StorageServerOptions&>(), py::arg("options"))
        .def_property_readonly("port", &StorageServer::port)
        .def("metrics", &StorageServer::metrics)
        .def("set_tls", &StorageServer::set_tls, py::arg("tls"))
        .def("want", &StorageServer::want, py::arg("kinds"))
        .def("next_events", &StorageServer::next_events, py::arg("most"), py::arg("timeout_ms"))
        .def("stop", &StorageServer::stop, py::arg("drain_ms"), py::call_guard<py::gil_scoped_release>())
        .def("abort", &StorageServer::abort, py::call_guard<py::gil_scoped_release>());
}

}  // namespace dcmtk_native::bindings
