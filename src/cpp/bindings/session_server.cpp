// The server whose requests Python answers: one call for each association, on its own thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "commands.hpp"
#include "network/answer.hpp"
#include "network/receiving.hpp"
#include "network/storing.hpp"
#include "network_choices.hpp"
#include "running_server.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "server_options.hpp"
#include "servers/placing.hpp"
#include "servers/server.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

using network::CommandField;
using runtime::ErrorKind;
using servers::EventKind;
using servers::Facts;
namespace tags = network::command_tags;
namespace statuses = network::statuses;

struct SessionServerOptions : ListeningOptions {
    /// Where Session.store_file puts objects.
    std::optional<std::string> folder;
    std::string extension;
    network::Identity identity;
    /// C-ECHO is answered without asking Python.
    bool answers_echo;
};

/// What the parts of a server share.
struct Common {
    std::unique_ptr<servers::Negotiation> negotiation;
    std::unique_ptr<servers::Store> store;
    std::shared_ptr<servers::EventQueue> events;
    std::shared_ptr<servers::Metrics> metrics;
    network::Identity identity = network::Identity::unchecked;
    bool answers_echo = true;

    void tell(EventKind kind, const Facts& peer, std::string text = {}, std::uint64_t number = 0) const {
        events->push({kind, peer, {}, {}, {}, std::move(text), number, {}});
    }
};

/// An association while it is served. One thread at a time uses it; after the end of the service
/// every call is an error.
class Session {
  public:
    Session(std::shared_ptr<const Common> common, Facts peer,
            std::unique_ptr<network::Association> association)
        : common_(std::move(common)), peer_(std::move(peer)), association_(std::move(association)) {}

    [[nodiscard]] const servers::AssociationFacts& peer() const noexcept { return *peer_; }
    /// Ends it: whoever waits on it does so no more.
    void close() {
        if (association_->is_open()) association_->abort();
    }
    /// Whether the server wants it to end: on the association's own thread.
    [[nodiscard]] static bool is_stopped() {
        runtime::CallScope* scope = runtime::CallScope::current();
        return scope == nullptr || !scope->may_continue_now();
    }
    /// From any thread.
    void abort() { association_->stop(); }

    /// The next request that Python has to answer; false: the peer has released the association.
    [[nodiscard]] bool receive() {
        is_cancelled_ = false;
        while (std::optional<network::Message> message = association_->receive_unless_released()) {
            if (answer_natively(*message)) continue;
            request_ = std::move(*message);
            has_unread_data_ = request_.command.has_data();
            return true;
        }
        return false;
    }
    [[nodiscard]] const network::Command& request() const noexcept { return request_.command; }
    [[nodiscard]] const network::Context& context() const {
        return association_->context_of(request_.context);
    }
    /// Whether the peer has said C-CANCEL meanwhile. Whatever else it says is too early.
    [[nodiscard]] bool is_cancelled() {
        if (is_cancelled_ || !association_->has_input()) return is_cancelled_;
        if (association_->receive().command.field() != CommandField::c_cancel_request)
            runtime::raise(ErrorKind::association,
                           association_->peer() + ": the peer sent a request before the last one was answered");
        return is_cancelled_ = true;
    }

    /// The data set of the request.
    [[nodiscard]] std::string read_data(std::uint64_t most) {
        has_unread_data_ = false;
        runtime::MemorySink sink;
        association_->receive_data(request_.context, sink, most);
        return sink.take();
    }
    /// The object of a C-STORE request, as a file or as the content of one. What comes with it: the
    /// status, if it could not be kept, and why.
    struct Stored {
        network::ReceivedObject object;
        std::uint16_t status = 0;
        std::string why;
    };
    [[nodiscard]] Stored store(bool in_memory) {
        Stored stored;
        has_unread_data_ = false;
        if (network::refuse_incomplete(*association_, request_)) {
            stored.status = statuses::cannot_understand;
            stored.why = "a C-STORE request without a data set, or without the names of its object";
            return stored;
        }
        const servers::Stopwatch watch;
        try {
            stored.object = in_memory || !common_->store
                                ? network::receive_object(*association_, request_, nullptr, common_->identity)
                                : common_->store->receive(*association_, request_, peer_, common_->identity);
            count(stored.object, watch);
        } catch (const runtime::Error& error) {
            ++common_->metrics->objects_failed;
            const std::optional<std::uint16_t> status = network::status_of(error);
            if (!status) throw;
            stored.status = *status;
            stored.why = error.message;
        }
        return stored;
    }

    /// A response to the request; what is left of its data set is read first.
    void answer(std::uint16_t status, const CommandElements& elements, const data::DraftBuilder* data) {
        if (std::exchange(has_unread_data_, false)) association_->skip_data(request_.context);
        network::Command response = network::response_to(request_.command, status);
        set_elements(response, elements);
        response.announce_data(data != nullptr);
        if (data == nullptr) return association_->send(request_.context, response);
        const std::string bytes = encode_data_set(*data, context().transfer_syntax, std::nullopt);
        const network::Payload payload = network::Payload::of(bytes);
        association_->send(request_.context, response, &payload);
    }

    /// Sends an object within a C-GET of the peer.
    [[nodiscard]] network::Response send(const network::StorageObject& object, std::uint16_t priority) {
        const network::Context* context =
            association_->find_context(object.sop_class(), object.transfer_syntax());
        if (context != nullptr && !context->is_scu)
            runtime::raise(ErrorKind::association, association_->peer() +
                                                       ": the peer did not propose to be SCP of " +
                                                       object.sop_class());
        const auto operation = network::begin_store(*association_, object, priority, std::nullopt);
        operation->set_cancel_handler([this] { is_cancelled_ = true; });
        return *operation->next();
    }
    /// The transfer syntaxes in which objects of the class can be sent within a C-GET.
    [[nodiscard]] std::vector<std::string> syntaxes_of(const std::string& sop_class) const {
        std::vector<std::string> syntaxes;
        for (const network::Context& one : association_->contexts())
            if (one.abstract_syntax == sop_class && one.is_scu) syntaxes.push_back(one.transfer_syntax);
        return syntaxes;
    }
    [[nodiscard]] const std::vector<network::Context>& contexts() const noexcept {
        return association_->contexts();
    }

  private:
    [[nodiscard]] bool answer_natively(const network::Message& message) {
        const CommandField field = message.command.field();
        if (field == CommandField::c_cancel_request) return true;  // what it would cancel has ended
        if (message.command.is_response())
            runtime::raise(ErrorKind::association, association_->peer() + ": the peer answered nothing that was asked");
        const bool is_allowed = common_->negotiation->may(*peer_, field);
        if (is_allowed && (field != CommandField::c_echo_request || !common_->answers_echo)) return false;
        if (message.command.has_data()) association_->skip_data(message.context);
        if (is_allowed) {
            ++common_->metrics->echoes;
            common_->tell(EventKind::echo_request, peer_, {}, message.command.number_or(tags::message_id, 0));
        }
        network::answer(*association_, message, is_allowed ? statuses::success : statuses::not_authorized);
        return true;
    }

    void count(const network::ReceivedObject& object, const servers::Stopwatch& watch) const {
        servers::Metrics& metrics = *common_->metrics;
        ++metrics.objects_stored;
        metrics.bytes_stored += object.data_set_length;
        metrics.bytes_of_objects.add(static_cast<double>(object.data_set_length));
        metrics.seconds_of_objects.add(watch.seconds());
    }

    std::shared_ptr<const Common> common_;
    Facts peer_;
    std::unique_ptr<network::Association> association_;
    network::Message request_;
    bool has_unread_data_ = false;
    bool is_cancelled_ = false;
};

/// What has been proposed, for Python to look at: implementation class UID and version name, the
/// longest PDU, contexts, user identity (type, whether an answer is wanted, both fields) or None.
[[nodiscard]] py::tuple proposal_tuple(const network::AssociateRequest& request) {
    py::list contexts;
    for (const network::ProposedContext& context : request.contexts) {
        py::list syntaxes;
        for (const std::string& syntax : context.transfer_syntaxes) syntaxes.append(to_str(syntax));
        contexts.append(py::make_tuple(to_str(context.abstract_syntax), py::tuple(syntaxes)));
    }
    py::object identity = py::none();
    if (request.has_identity)
        identity = py::make_tuple(static_cast<int>(request.identity.type),
                                  request.identity.positive_response,
                                  py::bytes(request.identity.primary), py::bytes(request.identity.secondary));
    return py::make_tuple(to_str(request.user.implementation_class_uid),
                          to_str(request.user.implementation_version_name), request.user.max_pdu,
                          py::tuple(contexts), identity);
}

/// Association ID, calling and called AE title, address, port, certificate subject.
[[nodiscard]] py::tuple peer_tuple(const servers::AssociationFacts& peer) {
    return py::make_tuple(peer.id, to_str(peer.calling_ae_title), to_str(peer.called_ae_title),
                          to_str(peer.address), peer.port, to_str(peer.certificate_subject));
}

/// Two functions of Python's, called on the workers' threads. An exception of theirs ends the
/// association; it is a defect: Python has caught what a handler or a peer may do.
struct Callbacks {
    /// peer_tuple, proposal_tuple: None to accept, bytes to accept with this answer to the user
    /// identity, or result, source and reason of a rejection.
    py::object decide;
    /// A Session: returns at the end of the association, None for a release, else why it ended.
    py::object serve;
};

class SessionService final : public servers::Service {
  public:
    SessionService(std::shared_ptr<const Common> common, Callbacks callbacks)
        : common_(std::move(common)), callbacks_(std::move(callbacks)) {}
    ~SessionService() override {
        const py::gil_scoped_acquire gil;
        callbacks_ = {};
    }

    [[nodiscard]] network::Decision decide(const Facts& peer,
                                           const network::AssociateRequest& request) override {
        common_->tell(EventKind::association_received, peer);
        network::Decision decision = common_->negotiation->decide(*peer, request);
        if (!decision.rejection) ask(*peer, request, decision);
        if (!decision.rejection)
            common_->tell(EventKind::association_acknowledged, peer, {}, servers::max_send_pdv(request));
        return decision;
    }
    void refused(const Facts& peer, const network::AssociateReject& reject) override {
        common_->tell(EventKind::refusing_association, peer, network::describe(reject));
    }
    void serve(const Facts& peer, std::unique_ptr<network::Association> association) override {
        const auto session = std::make_shared<Session>(common_, peer, std::move(association));
        std::string failure;
        call([&] {
            const py::object why = callbacks_.serve(session);
            if (!why.is_none()) failure = why.cast<std::string>();
        });
        session->close();
        if (!failure.empty()) runtime::raise(ErrorKind::association, failure);
        common_->tell(EventKind::association_release, peer);
    }
    void broke(const Facts& peer, const std::string& why) override {
        common_->tell(EventKind::association_aborted, peer, why);
    }
    void failed(const Facts&, const std::string&) override {}

  private:
    /// Under the GIL; what Python raises becomes an error of the core.
    template <typename Work> void call(Work&& work) {
        const py::gil_scoped_acquire gil;
        try {
            work();
        } catch (py::error_already_set& error) {
            runtime::raise(ErrorKind::internal, error.what());
        }
    }

    void ask(const servers::AssociationFacts& peer, const network::AssociateRequest& request,
             network::Decision& decision) {
        call([&] {
            const py::object verdict = callbacks_.decide(peer_tuple(peer), proposal_tuple(request));
            if (py::isinstance<py::bytes>(verdict)) {
                decision.identity_response = std::string(verdict.cast<py::bytes>());
            } else if (!verdict.is_none()) {
                const auto [result, source, reason] =
                    verdict.cast<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>>();
                decision.rejection = network::AssociateReject{result, source, reason};
            }
        });
    }

    std::shared_ptr<const Common> common_;
    Callbacks callbacks_;
};

class SessionServer final : public RunningServer {
  public:
    SessionServer(const SessionServerOptions& given, py::object decide, py::object serve)
        : RunningServer(given.max_events) {
        auto common = std::make_shared<Common>();
        common->negotiation = std::make_unique<servers::Negotiation>(terms(given));
        common->events = events();
        common->metrics = counts();
        common->identity = given.identity;
        common->answers_echo = given.answers_echo;
        if (given.folder) {
            servers::PlacingRules rules;
            rules.root = *given.folder;
            rules.naming.extension = given.extension;
            rules.keeps_replaced = true;
            common->store = std::make_unique<servers::Store>(std::move(rules), events());
        }
        listen(given, std::make_shared<SessionService>(std::move(common),
                                                       Callbacks{std::move(decide), std::move(serve)}));
    }

    /// Tells of a failure of Python's, as an event of kind error; `reference` comes with it.
    void report(const std::string& message, std::uint64_t reference) {
        static const auto nobody = std::make_shared<const servers::AssociationFacts>();
        events()->push({EventKind::error, nobody, {}, {}, {}, message, reference, {}});
    }
};

/// Command field, message ID, SOP class and instance (affected, or else requested), transfer syntax,
/// whether a data set follows, priority, move destination, event type, action type, tags of an
/// attribute list, originator of a C-STORE and the message ID of its C-MOVE, context ID, abstract
/// syntax.
[[nodiscard]] py::object next_request(Session& session) {
    bool has_come = false;
    {
        const py::gil_scoped_release released;
        has_come = session.receive();
    }
    if (!has_come) return py::none();
    const network::Command& command = session.request();
    const network::Context& context = session.context();
    const auto either = [&command](runtime::Tag affected, runtime::Tag requested) {
        const std::string text = command.text(affected);
        return to_str(text.empty() ? command.text(requested) : text);
    };
    return py::make_tuple(
        static_cast<std::uint16_t>(command.field()), command.number_or(tags::message_id, 0),
        either(tags::affected_sop_class, tags::requested_sop_class),
        either(tags::affected_sop_instance, tags::requested_sop_instance),
        to_str(context.transfer_syntax), command.has_data(),
        command.number_or(tags::priority, 0), to_str(command.text(tags::move_destination)),
        command.number_or(tags::event_type, 0), command.number_or(tags::action_type, 0),
        command.tags(tags::attribute_list), to_str(command.text(tags::move_originator)),
        command.number(tags::move_originator_message_id), context.id,
        to_str(context.abstract_syntax));
}

[[nodiscard]] py::object read_data(Session& session, std::uint64_t most) {
    std::string data;
    {
        const py::gil_scoped_release released;
        data = session.read_data(most);
    }
    return py::bytes(data);
}

[[nodiscard]] py::object path_or_none(const std::optional<std::string>& path) {
    if (!path) return py::none();
    return py::reinterpret_steal<py::object>(
        PyUnicode_DecodeFSDefaultAndSize(path->data(), static_cast<Py_ssize_t>(path->size())));
}

/// Status (0: kept), why it could not be kept, path, content, path of what has been replaced.
[[nodiscard]] py::tuple store(Session& session, bool in_memory) {
    Session::Stored stored;
    {
        const py::gil_scoped_release released;
        stored = session.store(in_memory);
    }
    py::object content = py::none();
    if (stored.object.content) content = py::bytes(*stored.object.content);
    return py::make_tuple(stored.status, to_str(stored.why), path_or_none(stored.object.path), content,
                          path_or_none(stored.object.replaced));
}

void answer(Session& session, std::uint16_t status, const CommandElements& elements,
            const OptionalDraft& data) {
    const data::DraftBuilder* draft = draft_or_none(data);
    const py::gil_scoped_release released;
    session.answer(status, elements, draft);
}

[[nodiscard]] py::tuple send(Session& session, const network::StorageObject& object, std::uint16_t priority) {
    std::optional<network::Response> response;
    {
        const py::gil_scoped_release released;
        response = session.send(object, priority);
    }
    return store_tuple(*response);
}

[[nodiscard]] std::vector<std::tuple<py::object, py::object, bool, bool>> contexts(const Session& session) {
    std::vector<std::tuple<py::object, py::object, bool, bool>> all;
    for (const network::Context& context : session.contexts())
        all.emplace_back(to_str(context.abstract_syntax), to_str(context.transfer_syntax), context.is_scu,
                         context.is_scp);
    return all;
}

}  // namespace

void bind_session_server(py::module_& servers) {
    listening_binder<SessionServerOptions>(servers, "SessionServerOptions")
        .field("folder", &SessionServerOptions::folder)
        .field("extension", &SessionServerOptions::extension)
        .field("identity", &SessionServerOptions::identity)
        .field("answers_echo", &SessionServerOptions::answers_echo)
        .finish();
    // Its functions release the GIL themselves: what comes back becomes objects under it.
    py::class_<Session, std::shared_ptr<Session>>(servers, "Session")
        .def_property_readonly("peer", [](const Session& self) { return peer_tuple(self.peer()); })
        .def_property_readonly("contexts", &contexts)
        .def("receive", &next_request)
        .def("is_cancelled", &Session::is_cancelled, py::call_guard<py::gil_scoped_release>())
        .def("read_data", &read_data, py::arg("most"))
        .def("store", &store, py::arg("in_memory"))
        .def("answer", &answer, py::arg("status"), py::arg("elements"), py::arg("data"))
        .def("send", &send, py::arg("object"), py::arg("priority"))
        .def("syntaxes_of", &Session::syntaxes_of, py::arg("sop_class"))
        .def("is_stopped", [](const Session&) { return Session::is_stopped(); })
        .def("abort", &Session::abort, py::call_guard<py::gil_scoped_release>());
    py::class_<SessionServer, RunningServer>(servers, "SessionServer")
        .def(py::init<const SessionServerOptions&, py::object, py::object>(), py::arg("options"),
             py::arg("decide"), py::arg("serve"))
        .def("report", &SessionServer::report, py::arg("message"), py::arg("reference"),
             py::call_guard<py::gil_scoped_release>());
}

}  // namespace dcmtk_native::bindings
