#include "network/association.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "data/meta_header.hpp"
#include "network/tls.hpp"
#include "runtime/error.hpp"
#include "runtime/printable.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::CallScope;
using runtime::Deadline;
using runtime::ErrorKind;

// Far beyond any command of PS3.7; libdcmtk's parser overflows its stack on long ones.
constexpr std::size_t max_command_length = 16 * 1024;

[[nodiscard]] Deadline deadline_in(const std::optional<std::chrono::milliseconds>& time) {
    return time ? CallScope::Clock::now() + *time : runtime::no_deadline;
}

[[nodiscard]] AssociateRequest request_of(const AssociationOptions& options) {
    AssociateRequest request;
    request.called_ae_title = options.called_ae_title;
    request.calling_ae_title = options.calling_ae_title;
    request.contexts = options.contexts;
    request.user.max_pdu = options.own_max_pdu;
    request.user.implementation_class_uid = data::implementation_class_uid;
    request.user.implementation_version_name = data::implementation_version_name;
    request.user.roles = options.roles;
    request.user.extended = options.extended;
    request.has_identity = options.identity.has_value();
    if (options.identity) request.identity = *options.identity;
    return request;
}

[[nodiscard]] std::unique_ptr<Transport> connected(const AssociationOptions& options) {
    runtime::FileDescriptor socket =
        connect_to(options.endpoint, deadline_in(options.timeouts.connection));
    std::string peer = options.endpoint.text();
    if (!options.tls) return plain_transport(std::move(socket), std::move(peer));
    return tls_transport(std::move(socket), std::move(peer), options.tls, options.endpoint.host);
}

[[noreturn]] void raise_rejection(const std::string& peer, const AssociateReject& reject) {
    runtime::Error error(ErrorKind::association, peer + ": Association rejected: " + describe(reject));
    error.rejection = {reject.result, reject.source, reject.reason};
    throw error;
}

/// The last part of what went wrong: without what every message begins with.
[[nodiscard]] std::string reason_of(const runtime::Error& error) {
    switch (error.kind) {
    case ErrorKind::timeout: return "a call on it timed out";
    case ErrorKind::aborted: return "a call on it was aborted";
    default: return error.message;
    }
}

/// A context on the side that accepts it: SCP where the requestor is SCU, which it is by default.
[[nodiscard]] Context accepted_context(const ProposedContext& proposal,
                                       const AnsweredContext& answer,
                                       const std::vector<RoleSelection>& granted) {
    const auto role =
        std::find_if(granted.begin(), granted.end(), [&proposal](const RoleSelection& one) {
            return one.sop_class == proposal.abstract_syntax;
        });
    const bool is_default = role == granted.end();
    return {answer.id, proposal.abstract_syntax, answer.transfer_syntax, !is_default && role->scp,
            is_default || role->scu};
}

}  // namespace

Association::Association(AssociationOptions options, std::unique_ptr<UpperLayer> layer)
    : options_(std::move(options)),
      layer_(std::move(layer)),
      peer_ae_title_(options_.called_ae_title) {}

Association::~Association() { abort(); }

void ClosingReason::say(std::string why) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_said()) return;
    text_ = std::move(why);
    is_said_.store(true, std::memory_order_release);
}

std::string ClosingReason::text() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return text_;
}

template <typename Work> auto Association::guarded(Work&& work) -> decltype(work()) {
    check_open();
    try {
        return work();
    } catch (const runtime::Error& error) {
        why_closed_.say(reason_of(error));
        layer_->abort_and_close({});
        throw;
    } catch (...) {
        why_closed_.say("a call on it failed");
        layer_->abort_and_close({});
        throw;
    }
}

std::unique_ptr<Association> Association::request(AssociationOptions options) {
    auto transport = connected(options);
    if (options.timeouts.socket) transport->set_longest_wait(*options.timeouts.socket);
    auto layer = std::make_unique<UpperLayer>(std::move(transport), options.own_max_pdu);
    std::unique_ptr<Association> made(new Association(std::move(options), std::move(layer)));
    made->guarded([&made] { made->negotiate(); });
    return made;
}

void Association::negotiate() {
    const Deadline deadline = deadline_in(options_.timeouts.acse);
    layer_->transport().open(deadline);
    layer_->send(encode(request_of(options_)), deadline);
    const UpperLayer::Pdu answer = layer_->read_pdu(deadline);
    switch (answer.type) {
    case PduType::associate_accept:
        accept_ = decode_accept(answer.body);
        check_identity();
        return take_accept();
    case PduType::associate_reject: raise_rejection(peer(), decode_reject(answer.body));
    case PduType::abort: refuse(describe(decode_abort(answer.body)));
    default: refuse("the peer answered the association request by something else");
    }
}

/// A peer that knows nothing of identities accepts whoever asks (PS3.7 annex D.3.3.7.2): who wants to
/// be known has to look.
void Association::check_identity() const {
    if (options_.identity && options_.identity->positive_response && !accept_.has_identity_response)
        refuse("the peer does not confirm the user identity, as it was asked to");
}

void Association::take_accept() {
    const std::uint32_t taken = accept_.user.max_pdu == 0 ? max_pdu : accept_.user.max_pdu;
    layer_->set_peer_max_pdu(std::min(taken, options_.max_send_pdu));
    std::array<bool, 256> is_answered{};
    for (const AnsweredContext& answer : accept_.contexts) {
        if (std::exchange(is_answered[answer.id], true)) refuse("the peer answered a context twice");
        if (answer.result == ContextResult::accepted) contexts_.push_back(agreed_on(answer));
    }
}

Context Association::agreed_on(const AnsweredContext& answer) const {
    const auto proposal =
        std::find_if(options_.contexts.begin(), options_.contexts.end(),
                     [&answer](const ProposedContext& context) { return context.id == answer.id; });
    if (proposal == options_.contexts.end()) refuse("the peer accepted a context that was not proposed");
    const auto& syntaxes = proposal->transfer_syntaxes;
    if (std::find(syntaxes.begin(), syntaxes.end(), answer.transfer_syntax) == syntaxes.end())
        refuse("the peer chose a transfer syntax that was not proposed: " +
               runtime::printable(answer.transfer_syntax));
    Context context{answer.id, proposal->abstract_syntax, answer.transfer_syntax, true, false};
    take_role(context);
    return context;
}

/// What was proposed, as far as it was granted; where nothing was, the default stays (PS3.7 annex
/// D.3.3.4).
void Association::take_role(Context& context) const {
    const auto of_context = [&context](const RoleSelection& role) {
        return role.sop_class == context.abstract_syntax;
    };
    const auto& proposed = options_.roles;
    const auto& granted = accept_.user.roles;
    const auto ours = std::find_if(proposed.begin(), proposed.end(), of_context);
    const auto theirs = std::find_if(granted.begin(), granted.end(), of_context);
    if (ours == proposed.end() || theirs == granted.end()) return;
    context.is_scu = ours->scu && theirs->scu;
    context.is_scp = ours->scp && theirs->scp;
}

std::unique_ptr<Association> Association::receive(std::unique_ptr<Transport> transport,
                                                  const AcceptOptions& accept, const Decide& decide) {
    AssociationOptions options{};
    options.own_max_pdu = accept.own_max_pdu;
    options.max_send_pdu = accept.max_send_pdu;
    options.timeouts = accept.timeouts;
    auto layer = std::make_unique<UpperLayer>(std::move(transport), accept.own_max_pdu);
    if (accept.timeouts.socket) layer->set_longest_pause(*accept.timeouts.socket);
    std::unique_ptr<Association> made(new Association(std::move(options), std::move(layer)));
    const bool is_accepted =
        made->guarded([&made, &decide] { return made->answer_request(decide); });
    return is_accepted ? std::move(made) : nullptr;
}

bool Association::answer_request(const Decide& decide) {
    const Deadline deadline = deadline_in(options_.timeouts.acse);
    layer_->transport().open(deadline);
    const UpperLayer::Pdu pdu = layer_->read_pdu(deadline);
    if (pdu.type != PduType::associate_request)
        refuse("the peer did not ask for an association");
    const AssociateRequest request = decode_request(pdu.body);
    peer_ae_title_ = request.calling_ae_title;
    const Decision decision = decide(request);
    if (decision.rejection) {
        layer_->send(encode(*decision.rejection), deadline);
        why_closed_.say("it was rejected");
        layer_->finish_and_close();
        return false;
    }
    agree(request, decision);
    layer_->send(encode(accept_), deadline);
    return true;
}

/// What both sides may do from now on.
void Association::agree(const AssociateRequest& request, const Decision& decision) {
    accept_.called_ae_title = decision.responding_ae_title.value_or(request.called_ae_title);
    accept_.calling_ae_title = request.calling_ae_title;
    accept_.contexts = decision.contexts;
    accept_.user.max_pdu = options_.own_max_pdu;
    accept_.user.implementation_class_uid = data::implementation_class_uid;
    accept_.user.implementation_version_name = data::implementation_version_name;
    accept_.user.roles = decision.roles;
    accept_.user.extended = decision.extended;
    accept_.has_identity_response = decision.identity_response.has_value();
    if (decision.identity_response) accept_.identity_response = *decision.identity_response;
    const std::uint32_t taken = request.user.max_pdu == 0 ? max_pdu : request.user.max_pdu;
    layer_->set_peer_max_pdu(std::min(taken, options_.max_send_pdu));
    for (const AnsweredContext& answer : decision.contexts) {
        if (answer.result != ContextResult::accepted) continue;
        for (const ProposedContext& proposal : request.contexts)
            if (proposal.id == answer.id)
                contexts_.push_back(accepted_context(proposal, answer, decision.roles));
    }
}

void Association::check_open() const {
    if (!is_open()) refuse("the association has ended: " + why_closed());
}

void Association::refuse(const std::string& what) const {
    runtime::raise(ErrorKind::association, peer() + ": " + what);
}

const Context* Association::find_context(std::string_view abstract_syntax,
                                         std::string_view transfer_syntax) const {
    for (const Context& context : contexts_)
        if (context.abstract_syntax == abstract_syntax &&
            (transfer_syntax.empty() || context.transfer_syntax == transfer_syntax))
            return &context;
    return nullptr;
}

const Context& Association::require_context(std::string_view abstract_syntax) const {
    if (const Context* context = find_context(abstract_syntax)) return *context;
    std::string why = "it was not proposed";
    for (const ProposedContext& proposal : options_.contexts) {
        if (proposal.abstract_syntax != abstract_syntax) continue;
        why = "the peer did not answer the proposal";
        for (const AnsweredContext& answer : accept_.contexts)
            if (answer.id == proposal.id) why = describe(answer.result);
    }
    refuse("no acceptable presentation context for " + std::string(abstract_syntax) + ": " + why);
}

const Context& Association::context_of(std::uint8_t id) const {
    for (const Context& context : contexts_)
        if (context.id == id) return context;
    refuse("the peer uses a presentation context that was not accepted");
}

std::uint16_t Association::next_message_id() noexcept {
    if (++message_id_ == 0) message_id_ = 1;
    return message_id_;
}

Deadline Association::dimse_deadline() const { return deadline_in(options_.timeouts.dimse); }

void Association::send(std::uint8_t context, const Command& command, const Payload* data,
                       const ByteProgress& progress) {
    guarded([&] {
        layer_->send_message(context, command.encode(), data, dimse_deadline(), progress);
    });
}

void Association::end_by_release(Deadline deadline) {
    layer_->send(encode_release(PduType::release_response), deadline);
    why_closed_.say("the peer released the association");
    layer_->finish_and_close();
}

Pdv Association::next_pdv(std::uint8_t context, bool is_command, Deadline deadline) {
    Pdv pdv;
    if (layer_->read_pdv(pdv, deadline) != Ending::none)
        refuse("the peer released the association within a message");
    if (pdv.is_command != is_command)
        refuse(is_command ? "the peer sent data where a command was due"
                          : "the peer sent a command within a data set");
    if (pdv.context != context) refuse("the peer changed the context within a message");
    return pdv;
}

std::optional<Message> Association::read_message() {
    const Deadline deadline = dimse_deadline();
    Pdv pdv;
    switch (layer_->read_pdv(pdv, deadline)) {
    case Ending::none: break;
    case Ending::release_request: end_by_release(deadline); return std::nullopt;
    case Ending::release_response: refuse("the peer released the association unasked");
    }
    if (!pdv.is_command) refuse("the peer sent data where a command was due");
    Message message;
    message.context = pdv.context;
    static_cast<void>(context_of(message.context));
    std::string bytes(pdv.bytes);
    while (!pdv.is_last) {
        pdv = next_pdv(message.context, true, deadline);
        bytes += pdv.bytes;
        if (bytes.size() > max_command_length) refuse("the peer sent a command of more than 16 KiB");
    }
    message.command = Command::decode(bytes);
    return message;
}

bool Association::wait_for_input(Deadline deadline) {
    return guarded([&] { return layer_->has_input() || layer_->transport().wait_for_input(deadline); });
}

std::optional<Message> Association::receive_unless_released() {
    return guarded([this] { return read_message(); });
}

Message Association::receive() {
    return guarded([this] {
        std::optional<Message> message = read_message();
        if (!message) refuse("the peer released the association");
        return std::move(*message);
    });
}

std::uint64_t Association::receive_data(std::uint8_t context, runtime::Sink& sink, std::uint64_t most) {
    return guarded([&] {
        std::uint64_t size = 0;
        for (bool is_last = false; !is_last;) {
            const Pdv pdv = next_pdv(context, false, dimse_deadline());
            size += pdv.bytes.size();
            if (size > most) runtime::raise_limit(peer(), "bytes of a data set", size, most);
            sink.write(pdv.bytes);
            is_last = pdv.is_last;
        }
        return size;
    });
}

void Association::skip_data(std::uint8_t context) {
    guarded([&] {
        while (!next_pdv(context, false, dimse_deadline()).is_last) {
        }
    });
}

void Association::check_response(const Message& message, const Command& request,
                                 std::uint8_t context) {
    guarded([&] {
        const auto wanted = static_cast<std::uint16_t>(request.field()) | response_bit;
        if (static_cast<int>(message.command.field()) != wanted)
            refuse("the peer answered by another command than was due");
        if (message.command.number(command_tags::responded_message_id) !=
            request.number(command_tags::message_id))
            refuse("the peer answered another request than was sent");
        if (message.context != context) refuse("the peer answered in another context");
        if (!message.command.number(command_tags::status)) refuse("the peer's response has no status");
    });
}

void Association::release() {
    if (!is_open()) return;
    const Deadline deadline = deadline_in(options_.timeouts.acse);
    guarded([&] {
        layer_->send(encode_release(PduType::release_request), deadline);
        for (;;) {
            Pdv ignored;
            const Ending ending = layer_->read_pdv(ignored, deadline);
            if (ending == Ending::release_response) return;
            // Both asked at the same time (PS3.8 section 7.2.2): the other side gets its answer too.
            if (ending == Ending::release_request)
                layer_->send(encode_release(PduType::release_response), deadline);
        }
    });
    why_closed_.say("it was released");
    layer_->transport().close();
}

void Association::abort() noexcept {
    if (!is_open()) return;
    why_closed_.say("it was aborted on this side");
    layer_->abort_and_close({});
}

void Association::stop() noexcept { layer_->transport().stop(); }

}  // namespace dcmtk_native::network
