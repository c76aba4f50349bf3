// Associations, operations on them, objects to send.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "bindings.hpp"
#include "commands.hpp"
#include "event_tuple.hpp"
#include "network/event_report.hpp"
#include "network/object.hpp"
#include "network/operation.hpp"
#include "network/receiving.hpp"
#include "network/storing.hpp"
#include "network_choices.hpp"
#include "server_options.hpp"
#include "runtime/error.hpp"
#include "runtime/logging.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

using runtime::ErrorKind;

/// What Python says of an association to be made, in plain values.
struct RequestOptions {
    std::string host;
    std::uint16_t port;
    std::string called_ae_title;
    std::string calling_ae_title;
    std::vector<std::tuple<std::string, std::vector<std::string>>> contexts;
    std::vector<std::tuple<std::string, bool, bool>> roles;
    std::vector<std::tuple<std::string, py::bytes>> extended;
    std::optional<std::tuple<std::uint8_t, bool, py::bytes, py::bytes>> identity;
    std::uint32_t max_pdu;
    std::uint32_t max_send_pdu;
    std::optional<std::int64_t> connection_timeout_ms;
    std::optional<std::int64_t> acse_timeout_ms;
    std::optional<std::int64_t> socket_timeout_ms;
    std::optional<std::int64_t> dimse_timeout_ms;
    std::shared_ptr<network::TlsContext> tls;
};

[[nodiscard]] network::AssociationOptions association_options(const RequestOptions& given) {
    network::AssociationOptions options;
    options.endpoint = {given.host, given.port};
    options.called_ae_title = given.called_ae_title;
    options.calling_ae_title = given.calling_ae_title;
    if (given.contexts.size() > network::max_contexts)
        runtime::raise(ErrorKind::options, "an association has at most 128 presentation contexts");
    unsigned id = 1;
    for (const auto& [abstract, transfer] : given.contexts) {
        options.contexts.push_back({static_cast<std::uint8_t>(id), abstract, transfer});
        id += 2;
    }
    for (const auto& [sop_class, scu, scp] : given.roles) options.roles.push_back({sop_class, scu, scp});
    for (const auto& [sop_class, bytes] : given.extended) options.extended.push_back({sop_class, bytes});
    if (given.identity) {
        const auto& [type, response, primary, secondary] = *given.identity;
        options.identity = network::UserIdentity{static_cast<network::IdentityType>(type), response,
                                                 primary, secondary};
    }
    options.own_max_pdu = given.max_pdu;
    options.max_send_pdu = given.max_send_pdu;
    options.timeouts = {milliseconds(given.connection_timeout_ms), milliseconds(given.acse_timeout_ms),
                        milliseconds(given.socket_timeout_ms), milliseconds(given.dimse_timeout_ms)};
    options.tls = given.tls;
    return options;
}

// How late a call is that waits for another to leave.
constexpr auto longest_wait_for_turn = std::chrono::milliseconds(2);

/// An association, and the rule that one thread at a time uses it.
class Line {
  public:
    explicit Line(std::unique_ptr<network::Association> association)
        : association_(std::move(association)) {}

    /// Without the GIL: it may wait.
    template <typename Work> auto use(Work&& work) -> decltype(work(std::declval<network::Association&>())) {
        std::unique_lock<std::timed_mutex> lock(busy_, std::try_to_lock);
        while (!lock.owns_lock() && leaving_ != 0) {
            runtime::checkpoint_now();
            static_cast<void>(lock.try_lock_for(longest_wait_for_turn));
        }
        // Who has left has let go of the lock before: it may be free since it was tried.
        if (!lock.owns_lock() && !lock.try_lock())
            runtime::raise(ErrorKind::operation, "the association is in use by another call");
        return work(*association_);
    }
    /// Whoever stops taking responses does so behind the back of the caller, who may have gone on to
    /// the next request (a loop of asyncio is left by a task of its own): each waits for the other.
    void begin_leaving() noexcept { ++leaving_; }
    void end_leaving() noexcept { --leaving_; }
    [[nodiscard]] network::Association& association() noexcept { return *association_; }

    /// Keeps what the peer reports while it owes a response; only where `use` is.
    void keep_events_of(network::Operation& operation) {
        operation.set_event_handler(
            [this](network::EventReport report) { events_.add(std::move(report)); });
    }
    /// What was kept, or else what comes until the deadline.
    [[nodiscard]] std::optional<network::EventReport> take_event(runtime::Deadline deadline) {
        return use([&](network::Association& association) {
            std::optional<network::EventReport> kept = events_.take();
            return kept ? kept : network::take_event(association, deadline);
        });
    }

  private:
    std::timed_mutex busy_;
    std::atomic<int> leaving_{0};
    network::ReportQueue events_;
    std::unique_ptr<network::Association> association_;
};

using LinePointer = std::shared_ptr<Line>;

/// Of a received object: SOP class, SOP instance, transfer syntax, path, content. What the peer
/// has written need not be UTF-8.
using ReceivedTuple =
    std::tuple<py::object, py::object, std::string, std::optional<std::string>, std::optional<py::bytes>>;

/// An operation, and the objects that come with it.
class BoundOperation {
  public:
    BoundOperation(LinePointer line, std::unique_ptr<network::Operation> operation)
        : line_(std::move(line)), operation_(std::move(operation)) {}

    /// Status, its description, error comment, numbers of sub-operations, affected SOP instance, the
    /// data set, its transfer syntax.
    [[nodiscard]] py::object next() {
        std::optional<network::Response> response;
        {
            const py::gil_scoped_release released;
            response = line_->use([this](network::Association&) { return operation_->next(); });
        }
        if (!response) return py::none();
        const network::Command& command = response->command;
        const std::string& syntax = line_->association().context_of(response->context).transfer_syntax;
        py::object data = py::none();
        if (response->data) data = py::bytes(*response->data);
        namespace tags = network::command_tags;
        const auto counts =
            py::make_tuple(command.number(tags::remaining), command.number(tags::completed),
                           command.number(tags::failed), command.number(tags::warnings));
        return py::make_tuple(
            command.status(), to_str(network::describe_status(command.status(), command.field())),
            to_str(command.text(tags::error_comment)), counts,
            to_str(command.text(tags::affected_sop_instance)), data, to_str(syntax));
    }

    void begin_leaving() noexcept { line_->begin_leaving(); }
    void end_leaving() noexcept { line_->end_leaving(); }
    void cancel() {
        line_->use([this](network::Association&) { operation_->cancel(); });
    }
    [[nodiscard]] bool is_finished() const { return operation_->is_finished(); }
    /// Ends the association.
    void abort() {
        line_->use([](network::Association& association) { association.abort(); });
    }

    void ignore_pending_data() { operation_->ignore_pending_data(); }

    /// What the peer stores within the operation goes into the folder, into memory, or nowhere.
    void receive_into(std::optional<std::string> folder, bool is_ignored, network::Identity identity) {
        if (folder) placement_ = std::make_unique<network::InFolder>(std::move(*folder));
        operation_->set_store_handler([this, is_ignored, identity](
                                          network::Association& association,
                                          const network::Message& message) -> std::uint16_t {
            if (is_ignored) {
                if (message.command.has_data()) association.skip_data(message.context);
                return 0;
            }
            try {
                received_.push_back(
                    network::receive_object(association, message, placement_.get(), identity));
            } catch (const runtime::Error& error) {
                const std::optional<std::uint16_t> status = network::status_of(error);
                if (!status) throw;
                runtime::log(runtime::log_level::error, "network", error.message);
                return *status;
            }
            return 0;
        });
    }
    /// Since it was asked last.
    [[nodiscard]] std::vector<ReceivedTuple> take_received() {
        const auto received = [this] {
            const py::gil_scoped_release released;
            return line_->use([this](network::Association&) { return std::exchange(received_, {}); });
        }();
        std::vector<ReceivedTuple> taken;
        for (const network::ReceivedObject& object : received) {
            std::optional<py::bytes> content;
            if (object.content) content = py::bytes(*object.content);
            taken.emplace_back(to_str(object.sop_class), to_str(object.sop_instance), object.transfer_syntax,
                               object.path, content);
        }
        return taken;
    }

  private:
    LinePointer line_;
    std::unique_ptr<network::Operation> operation_;
    std::unique_ptr<network::Placement> placement_;
    std::vector<network::ReceivedObject> received_;
};

LinePointer request(const RequestOptions& given) {
    network::AssociationOptions options = association_options(given);
    const py::gil_scoped_release released;
    return std::make_shared<Line>(network::Association::request(std::move(options)));
}

std::unique_ptr<BoundOperation> begin(const LinePointer& line, const std::string& sop_class,
                                      std::uint16_t field, const CommandElements& elements,
                                      const OptionalDraft& given,
                                      const std::optional<data::WriteOptions>& encoding) {
    const data::DraftBuilder* data = draft_or_none(given);
    const py::gil_scoped_release released;
    auto operation = line->use([&](network::Association& association) {
        const network::Context& context = association.require_context(sop_class);
        std::string bytes;
        if (data != nullptr) bytes = encode_data_set(*data, context.transfer_syntax, encoding);
        const network::Payload payload = network::Payload::of(bytes);
        network::Command command(static_cast<network::CommandField>(field));
        set_elements(command, elements);
        auto begun = std::make_unique<network::Operation>(association, context.id, std::move(command),
                                                          data == nullptr ? nullptr : &payload);
        line->keep_events_of(*begun);
        return begun;
    });
    return std::make_unique<BoundOperation>(line, std::move(operation));
}

/// See store_tuple.
py::tuple store(const LinePointer& line, const network::StorageObject& object, std::uint16_t priority,
                const std::optional<std::tuple<std::string, std::uint16_t>>& originator,
                const py::object& on_progress) {
    network::ByteProgress progress;
    if (!on_progress.is_none()) {
        progress = [&on_progress](std::uint64_t sent, std::uint64_t total) {
            const py::gil_scoped_acquire gil;
            on_progress(sent, total);
        };
    }
    std::optional<network::MoveOriginator> mover;
    if (originator) mover = {std::get<0>(*originator), std::get<1>(*originator)};
    std::optional<network::Response> response;
    {
        const py::gil_scoped_release released;
        response = line->use([&](network::Association& association) {
            const auto operation = network::begin_store(association, object, priority, mover, progress);
            line->keep_events_of(*operation);
            return operation->next();
        });
    }
    return store_tuple(*response);
}

/// The next report of the peer, if one comes in so many milliseconds.
py::object take_event(const LinePointer& line, std::int64_t wait_ms) {
    std::optional<network::EventReport> report;
    {
        const py::gil_scoped_release released;
        const auto deadline = runtime::CallScope::Clock::now() + std::chrono::milliseconds(wait_ms);
        report = line->take_event(deadline);
    }
    return report ? event_tuple(*report) : py::none();
}

std::vector<std::tuple<std::string, std::string, bool, bool>> contexts(const LinePointer& line) {
    std::vector<std::tuple<std::string, std::string, bool, bool>> all;
    for (const network::Context& context : line->association().contexts())
        all.emplace_back(context.abstract_syntax, context.transfer_syntax, context.is_scu, context.is_scp);
    return all;
}

}  // namespace

void bind_network(py::module_& network) {
    OptionsBinder<RequestOptions>(network, "RequestOptions")
        .field("host", &RequestOptions::host)
        .field("port", &RequestOptions::port)
        .field("called_ae_title", &RequestOptions::called_ae_title)
        .field("calling_ae_title", &RequestOptions::calling_ae_title)
        .field("contexts", &RequestOptions::contexts)
        .field("roles", &RequestOptions::roles)
        .field("extended", &RequestOptions::extended)
        .field("identity", &RequestOptions::identity)
        .field("max_pdu", &RequestOptions::max_pdu)
        .field("max_send_pdu", &RequestOptions::max_send_pdu)
        .field("connection_timeout_ms", &RequestOptions::connection_timeout_ms)
        .field("acse_timeout_ms", &RequestOptions::acse_timeout_ms)
        .field("socket_timeout_ms", &RequestOptions::socket_timeout_ms)
        .field("dimse_timeout_ms", &RequestOptions::dimse_timeout_ms)
        .field("tls", &RequestOptions::tls)
        .finish();

    py::class_<network::StorageObject>(network, "StorageObject")
        .def_static("open", &network::StorageObject::open, py::arg("input"), py::arg("options"),
                    py::call_guard<py::gil_scoped_release>())
        .def_property_readonly("sop_class", &network::StorageObject::sop_class)
        .def_property_readonly("sop_instance", &network::StorageObject::sop_instance)
        .def_property_readonly("transfer_syntax", &network::StorageObject::transfer_syntax)
        .def_property_readonly("length", [](const network::StorageObject& self) { return self.payload().size; })
        .def("in_syntax",
             [](const network::StorageObject& self, const std::string& transfer_syntax, bool enable_new_vr,
                int compression_level) {
                 return self.in_syntax(transfer_syntax, {enable_new_vr, compression_level});
             },
             py::arg("transfer_syntax"), py::kw_only(), py::arg("enable_new_vr"),
             py::arg("compression_level"), py::call_guard<py::gil_scoped_release>());

    // Its functions release the GIL themselves: what comes back becomes objects under it.
    py::class_<BoundOperation>(network, "Operation")
        .def("next", &BoundOperation::next)
        .def("cancel", &BoundOperation::cancel, py::call_guard<py::gil_scoped_release>())
        .def("abort", &BoundOperation::abort, py::call_guard<py::gil_scoped_release>())
        .def("begin_leaving", &BoundOperation::begin_leaving)
        .def("end_leaving", &BoundOperation::end_leaving)
        .def_property_readonly("is_finished", &BoundOperation::is_finished)
        .def("ignore_pending_data", &BoundOperation::ignore_pending_data)
        .def("receive_into", &BoundOperation::receive_into, py::arg("folder").none(true),
             py::arg("is_ignored"), py::arg("identity"))
        .def("take_received", &BoundOperation::take_received);

    py::class_<Line, LinePointer>(network, "Association")
        .def_static("request", &request, py::arg("options"))
        .def("begin", &begin, py::arg("sop_class"), py::arg("field"), py::arg("elements"),
             py::arg("data"), py::arg("encoding") = std::nullopt)
        .def("store", &store, py::arg("object"), py::arg("priority"), py::arg("originator").none(true),
             py::arg("on_progress").none(true))
        .def("release",
             [](const LinePointer& self) {
                 self->use([](network::Association& association) { association.release(); });
             },
             py::call_guard<py::gil_scoped_release>())
        .def("abort",
             [](const LinePointer& self) {
                 // Whoever uses it now ends with an error, and aborts it there.
                 self->association().stop();
                 try {
                     self->use([](network::Association& association) { association.abort(); });
                 } catch (const runtime::Error&) {
                     return;
                 }
             },
             py::call_guard<py::gil_scoped_release>())
        .def("take_event", &take_event, py::arg("wait_ms"))
        .def_property_readonly("contexts", &contexts)
        .def_property_readonly("is_open",
                               [](const LinePointer& self) { return self->association().is_open(); })
        .def_property_readonly("why_closed",
                               [](const LinePointer& self) { return to_str(self->association().why_closed()); })
        .def_property_readonly("bytes_sent",
                               [](const LinePointer& self) { return self->association().bytes_sent(); })
        .def_property_readonly("bytes_received",
                               [](const LinePointer& self) { return self->association().bytes_received(); });
}

}  // namespace dcmtk_native::bindings
