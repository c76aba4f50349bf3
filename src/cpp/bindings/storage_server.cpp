// The servers that store: Dcmrecv and StoreSCP.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "data/data.hpp"
#include "network_choices.hpp"
#include "runtime/error.hpp"
#include "server_options.hpp"
#include "server_reports.hpp"
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
    std::size_t max_events;
};

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
    options.terms = terms(given);
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
    void want(const std::vector<std::string>& kinds) { events_->want(kind_bits(kinds)); }

    /// The events that wait, or the next ones; none: there was none in this time; None: there will
    /// be no more.
    [[nodiscard]] py::object next_events(std::size_t most, std::int64_t timeout_ms) {
        std::optional<std::vector<servers::Event>> events;
        {
            const py::gil_scoped_release released;
            events = wait_for_events(most, std::chrono::milliseconds(timeout_ms));
        }
        return event_tuples(events);
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

}  // namespace

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
