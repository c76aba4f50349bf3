// The servers that store: Dcmrecv and StoreSCP.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings.hpp"
#include "data/data.hpp"
#include "network_choices.hpp"
#include "running_server.hpp"
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

class StorageServer final : public RunningServer {
  public:
    explicit StorageServer(const StorageServerOptions& given)
        : RunningServer(given.max_events),
          service_(std::make_shared<servers::StorageService>(storage_options(given), events(), counts())) {
        listen(given, service_);
    }

  private:
    /// How late the end of a study is seen.
    static constexpr auto glance = std::chrono::milliseconds(50);

    [[nodiscard]] std::optional<std::vector<servers::Event>> take_events(
        std::size_t most, std::chrono::milliseconds time) override {
        const auto end = std::chrono::steady_clock::now() + time;
        for (;;) {
            if (servers::Store* store = service_->store()) store->end_expired_studies();
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            auto taken = events()->take(most, std::clamp(left, std::chrono::milliseconds(0), glance));
            if (!taken || !taken->empty() || left <= glance) return taken;
        }
    }

    std::shared_ptr<servers::StorageService> service_;
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
        .finish();
    py::class_<StorageServer, RunningServer>(servers, "StorageServer")
        .def(py::init<const StorageServerOptions&>(), py::arg("options"));
}

}  // namespace dcmtk_native::bindings
