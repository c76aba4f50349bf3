// A storage server for what a client has asked others to send.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "network_choices.hpp"
#include "runtime/call_scope.hpp"
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
    std::uint32_t max_pdu;
    std::optional<std::int64_t> acse_timeout_ms;
    std::optional<std::int64_t> dimse_timeout_ms;
};

/// SOP class, SOP instance, transfer syntax, path.
using StoredTuple = std::tuple<std::string, std::string, std::string, std::string>;

[[nodiscard]] std::optional<std::chrono::milliseconds> milliseconds(std::optional<std::int64_t> count) {
    if (!count) return std::nullopt;
    return std::chrono::milliseconds(*count);
}

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
        servers::StorageOptions storage;
        storage.folder = given.folder;
        storage.identity = given.identity;
        storage.transfer_syntaxes = given.transfer_syntaxes;
        storage.on_stored = [this](const network::ReceivedObject& object) { keep(object); };
        storage.on_event = [this](const servers::EventReport& report) { keep(report); };
        server_ = std::make_unique<servers::Server>(
            std::move(options), std::make_shared<servers::StorageService>(std::move(storage)));
    }

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] std::size_t associations() const { return server_->associations(); }
    void stop(std::int64_t drain_ms) { server_->stop(std::chrono::milliseconds(drain_ms)); }

    [[nodiscard]] std::vector<StoredTuple> take_stored() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return std::exchange(stored_, {});
    }

    /// SOP class, SOP instance, event type, data set, its transfer syntax; as long as the call may
    /// wait for one.
    [[nodiscard]] py::object next_event() {
        std::optional<servers::EventReport> report;
        {
            const py::gil_scoped_release released;
            // The checkpoint may need the GIL: never under the lock.
            while (!(report = wait_for_event(longest_wait))) runtime::checkpoint_now();
        }
        py::object data = py::none();
        if (report->data) data = py::bytes(*report->data);
        return py::make_tuple(to_str(report->sop_class), to_str(report->sop_instance), report->event_type,
                              data, to_str(report->transfer_syntax));
    }

  private:
    static constexpr std::size_t max_associations = 64;
    static constexpr std::size_t max_half_open = 64;
    static constexpr std::size_t max_events = 1024;
    static constexpr auto longest_wait = std::chrono::milliseconds(10);

    [[nodiscard]] std::optional<servers::EventReport> wait_for_event(std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        has_event_.wait_for(lock, time, [this] { return !events_.empty(); });
        if (events_.empty()) return std::nullopt;
        servers::EventReport report = std::move(events_.front());
        events_.pop_front();
        return report;
    }

    void keep(const network::ReceivedObject& object) {
        const std::lock_guard<std::mutex> lock(mutex_);
        stored_.emplace_back(object.sop_class, object.sop_instance, object.transfer_syntax,
                             object.path.value_or(""));
    }
    void keep(const servers::EventReport& report) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (events_.size() == max_events) events_.pop_front();
        events_.push_back(report);
        has_event_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable has_event_;
    std::vector<StoredTuple> stored_;
    std::deque<servers::EventReport> events_;
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
        .field("max_pdu", &ReceiverOptions::max_pdu)
        .field("acse_timeout_ms", &ReceiverOptions::acse_timeout_ms)
        .field("dimse_timeout_ms", &ReceiverOptions::dimse_timeout_ms)
        .finish();
    py::class_<Receiver>(servers, "Receiver")
        .def(py::init<const ReceiverOptions&>(), py::arg("options"))
        .def_property_readonly("port", &Receiver::port)
        .def_property_readonly("associations", &Receiver::associations)
        .def("take_stored", &Receiver::take_stored)
        .def("next_event", &Receiver::next_event)
        .def("stop", &Receiver::stop, py::arg("drain_ms"), py::call_guard<py::gil_scoped_release>());
}

}  // namespace dcmtk_native::bindings
