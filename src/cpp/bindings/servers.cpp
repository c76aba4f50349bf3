// A server for what a client has asked others to send: objects, or reports on them.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "event_tuple.hpp"
#include "network_choices.hpp"
#include "server_options.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/wait.hpp"
#include "servers/storage.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

struct ReceiverOptions {
    std::string address;
    std::uint16_t port;
    std::optional<std::string> folder;
    network::Identity identity;
    std::vector<std::string> transfer_syntaxes;
    /// Those of storage commitment, and no objects.
    bool takes_reports;
    std::uint32_t max_pdu;
    std::optional<std::int64_t> acse_timeout_ms;
    std::optional<std::int64_t> dimse_timeout_ms;
    std::shared_ptr<network::TlsContext> tls;
};

constexpr const char* verification = "1.2.840.10008.1.1";
constexpr const char* storage_commitment = "1.2.840.10008.1.20.1";

/// SOP class, SOP instance, transfer syntax, path.
using StoredTuple = std::tuple<std::string, std::string, std::string, std::string>;

/// What comes is kept until it is asked for.
class Receiver {
  public:
    explicit Receiver(const ReceiverOptions& given) {
        servers::ServerOptions options{};
        options.listen.address = given.address;
        options.listen.port = given.port;
        options.accept = {given.max_pdu, network::max_pdu,
                          {std::nullopt, milliseconds(given.acse_timeout_ms), std::nullopt,
                           milliseconds(given.dimse_timeout_ms)}};
        options.max_associations = max_associations;
        options.max_half_open = max_half_open;
        options.tls = given.tls;
        servers::StorageOptions storage;
        if (given.folder) {
            storage.placing.emplace();
            storage.placing->root = *given.folder;
        }
        storage.identity = given.identity;
        servers::OfferedContexts& contexts = storage.terms.contexts;
        contexts.general->transfer_syntaxes = given.transfer_syntaxes;
        storage.on_stored = [this](const network::ReceivedObject& object) { keep(object); };
        if (given.takes_reports) {
            // Who reports is SCP of storage commitment, whether it says so or not.
            contexts.general.reset();
            contexts.by_class = {{verification, {}},
                                 {storage_commitment, {{}, network::OfferedRoles{true, true}}}};
            storage.on_event = [this](const network::EventReport& report) { keep(report); };
        }
        const auto metrics = std::make_shared<servers::Metrics>();
        server_ = std::make_unique<servers::Server>(
            std::move(options),
            std::make_shared<servers::StorageService>(std::move(storage), nullptr, metrics), metrics);
    }

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] std::size_t associations() const { return server_->associations(); }
    void stop(std::int64_t drain_ms) { server_->stop(std::chrono::milliseconds(drain_ms)); }

    [[nodiscard]] std::vector<StoredTuple> take_stored() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return std::exchange(stored_, {});
    }

    /// The next report, if one comes in so many milliseconds; None: as long as the call may wait.
    [[nodiscard]] py::object take_event(std::optional<std::int64_t> wait_ms) {
        const runtime::Deadline deadline =
            wait_ms ? Clock::now() + std::chrono::milliseconds(*wait_ms) : runtime::no_deadline;
        std::optional<network::EventReport> report;
        {
            const py::gil_scoped_release released;
            // The checkpoint may need the GIL: never under the lock.
            while (!(report = wait_for_event(std::min(deadline, Clock::now() + longest_wait))) &&
                   Clock::now() < deadline)
                runtime::checkpoint_now();
        }
        return report ? event_tuple(*report) : py::none();
    }

  private:
    using Clock = runtime::CallScope::Clock;

    static constexpr std::size_t max_associations = 64;
    static constexpr std::size_t max_half_open = 64;
    static constexpr auto longest_wait = std::chrono::milliseconds(10);

    [[nodiscard]] std::optional<network::EventReport> wait_for_event(runtime::Deadline deadline) {
        std::unique_lock<std::mutex> lock(mutex_);
        has_event_.wait_until(lock, deadline, [this] { return !events_.is_empty(); });
        return events_.take();
    }

    void keep(const network::ReceivedObject& object) {
        const std::lock_guard<std::mutex> lock(mutex_);
        stored_.emplace_back(object.sop_class, object.sop_instance, object.transfer_syntax,
                             object.path.value_or(""));
    }
    void keep(const network::EventReport& report) {
        const std::lock_guard<std::mutex> lock(mutex_);
        events_.add(report);
        has_event_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable has_event_;
    std::vector<StoredTuple> stored_;
    network::ReportQueue events_;
    std::unique_ptr<servers::Server> server_;  // the last: its threads use what is above
};

}  // namespace

void bind_servers(py::module_& servers) {
    OptionsBinder<ReceiverOptions>(servers, "ReceiverOptions")
        .field("address", &ReceiverOptions::address)
        .field("port", &ReceiverOptions::port)
        .field("folder", &ReceiverOptions::folder)
        .field("identity", &ReceiverOptions::identity)
        .field("transfer_syntaxes", &ReceiverOptions::transfer_syntaxes)
        .field("takes_reports", &ReceiverOptions::takes_reports)
        .field("max_pdu", &ReceiverOptions::max_pdu)
        .field("acse_timeout_ms", &ReceiverOptions::acse_timeout_ms)
        .field("dimse_timeout_ms", &ReceiverOptions::dimse_timeout_ms)
        .field("tls", &ReceiverOptions::tls)
        .finish();
    py::class_<Receiver>(servers, "Receiver")
        .def(py::init<const ReceiverOptions&>(), py::arg("options"))
        .def_property_readonly("port", &Receiver::port)
        .def_property_readonly("associations", &Receiver::associations)
        .def("take_stored", &Receiver::take_stored)
        .def("take_event", &Receiver::take_event, py::arg("wait_ms").none(true))
        .def("stop", &Receiver::stop, py::arg("drain_ms"), py::call_guard<py::gil_scoped_release>());
}

}  // namespace dcmtk_native::bindings
