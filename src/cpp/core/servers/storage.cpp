#include "servers/storage.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "network/answer.hpp"
#include "network/contexts.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

using network::AssociateReject;
using network::CommandField;
namespace statuses = network::statuses;
namespace tags = network::command_tags;

constexpr std::string_view verification = "1.2.840.10008.1.1";
constexpr std::string_view storage_commitment = "1.2.840.10008.1.20.1";
constexpr std::string_view application_context = "1.2.840.10008.3.1.1.1";
constexpr std::uint32_t headers_of_pdv = 12;

/// PS3.8 section 9.3.4.
constexpr AssociateReject no_reason{1, 1, 1};
constexpr AssociateReject unknown_context_name{1, 1, 2};
constexpr AssociateReject unknown_caller{1, 1, 3};

/// What DCMTK calls so: the longest PDU that the peer takes, less the headers of PDU and PDV.
[[nodiscard]] std::uint64_t max_send_pdv(const network::AssociateRequest& request) {
    const std::uint32_t taken = request.user.max_pdu == 0 ? network::max_pdu : request.user.max_pdu;
    return std::max(std::min(taken, network::max_pdu), network::min_pdu) - headers_of_pdv;
}

[[nodiscard]] std::string request_text(const network::Command& command) {
    const char* modality =
        dcmSOPClassUIDToModality(command.text(tags::affected_sop_class).c_str(), "OT");
    return "Received C-STORE Request (MsgID " +
           std::to_string(command.number_or(tags::message_id, 0)) + ", " + modality + ")";
}

}  // namespace

StorageService::StorageService(StorageOptions options, std::shared_ptr<EventQueue> events,
                               std::shared_ptr<Metrics> metrics)
    : options_(std::move(options)),
      admission_(std::move(options_.peers)),
      events_(std::move(events)),
      metrics_(std::move(metrics)) {
    if (options_.placing) store_ = std::make_unique<Store>(std::move(*options_.placing), events_);
}

void StorageService::tell(Event event) {
    if (events_) events_->push(std::move(event));
}

std::optional<AssociateReject> StorageService::objection(const Facts& peer,
                                                         const network::AssociateRequest& request) const {
    if (options_.refuses_all) return no_reason;
    if (request.application_context != application_context) return unknown_context_name;
    if (options_.requires_implementation_uid && request.user.implementation_class_uid.empty())
        return no_reason;
    if (!admission_.rights_of(*peer)) return unknown_caller;
    return std::nullopt;
}

const std::vector<std::string>* StorageService::syntaxes_of(std::string_view sop_class) const {
    const OfferedContexts& offered = options_.contexts;
    if (!offered.by_class.empty()) {
        const auto found = offered.by_class.find(sop_class);
        return found == offered.by_class.end() ? nullptr : &found->second;
    }
    const bool is_served = offered.is_promiscuous || sop_class == verification ||
                           network::is_storage_class(sop_class) ||
                           (options_.on_event && sop_class == storage_commitment);
    return is_served ? &offered.transfer_syntaxes : nullptr;
}

network::Decision StorageService::decide(const Facts& peer, const network::AssociateRequest& request) {
    tell({EventKind::association_received, peer, {}, {}, {}, {}, 0, {}});
    network::Decision decision;
    if (const auto reject = objection(peer, request)) {
        decision.rejection = *reject;
        return decision;
    }
    decision = network::accept_by(
        [this](std::string_view sop_class) { return syntaxes_of(sop_class); }, request);
    decision.responding_ae_title = options_.responding_ae_title;
    tell({EventKind::association_acknowledged, peer, {}, {}, {}, {}, max_send_pdv(request), {}});
    return decision;
}

void StorageService::refused(const Facts& peer, const AssociateReject& reject) {
    tell({EventKind::refusing_association, peer, {}, {}, {}, network::describe(reject), 0, {}});
}

void StorageService::serve(const Facts& peer, std::unique_ptr<network::Association> association) {
    while (const std::optional<network::Message> message = association->receive_unless_released())
        perform(peer, *association, *message);
    if (store_) store_->leave(peer->id);
    tell({EventKind::association_release, peer, {}, {}, {}, {}, 0, {}});
}

void StorageService::broke(const Facts& peer, const std::string& why) {
    if (store_) store_->leave(peer->id);
    tell({EventKind::association_aborted, peer, {}, {}, {}, why, 0, {}});
}

void StorageService::failed(const Facts& peer, const std::string& why) {
    runtime::log(runtime::log_level::warn, "servers", peer->address + ": " + why);
}

void StorageService::perform(const Facts& peer, network::Association& association,
                             const network::Message& message) {
    std::uint16_t status = statuses::unrecognized_operation;
    const CommandField field = message.command.field();
    if (field == CommandField::c_cancel_request) return;  // what it would cancel has ended
    if (!may(admission_.rights_of(*peer).value_or(0), field)) {
        if (message.command.has_data()) association.skip_data(message.context);
        return network::answer(association, message, statuses::not_authorized);
    }
    switch (field) {
    case CommandField::c_echo_request:
        ++metrics_->echoes;
        tell({EventKind::echo_request, peer, {}, {}, {}, {}, message.command.number_or(tags::message_id, 0), {}});
        status = statuses::success;
        break;
    case CommandField::c_store_request: status = take_object(peer, association, message); break;
    case CommandField::n_event_report_request: status = take_event(association, message); break;
    default:
        if (message.command.has_data()) association.skip_data(message.context);
    }
    network::answer(association, message, status);
}

void StorageService::tell_request(const Facts& peer, network::Association& association,
                                  const network::Message& message) {
    if (!events_ || !events_->wants(EventKind::c_store_request)) return;
    const network::Command& command = message.command;
    tell({EventKind::c_store_request, peer, command.text(tags::affected_sop_class),
          command.text(tags::affected_sop_instance),
          association.context_of(message.context).transfer_syntax, request_text(command),
          command.number_or(tags::message_id, 0), {}});
}

std::uint16_t StorageService::take_object(const Facts& peer, network::Association& association,
                                          const network::Message& message) {
    tell_request(peer, association, message);
    if (network::refuse_incomplete(association, message)) return statuses::cannot_understand;
    if (!store_) {
        association.skip_data(message.context);
        return statuses::success;
    }
    const Stopwatch watch;
    try {
        const network::ReceivedObject object =
            store_->receive(association, message, peer, options_.identity);
        ++metrics_->objects_stored;
        metrics_->bytes_stored += object.data_set_length;
        metrics_->bytes_of_objects.add(static_cast<double>(object.data_set_length));
        metrics_->seconds_of_objects.add(watch.seconds());
        if (options_.on_stored) options_.on_stored(object);
        return statuses::success;
    } catch (const runtime::Error& error) {
        ++metrics_->objects_failed;
        const std::optional<std::uint16_t> status = network::status_of(error);
        if (!status) throw;
        runtime::log(runtime::log_level::error, "servers", error.message);
        tell({EventKind::error, peer, {}, {}, {}, error.message, 0, {}});
        return *status;
    }
}

std::uint16_t StorageService::take_event(network::Association& association,
                                         const network::Message& message) {
    const network::EventReport report = network::read_event(association, message);
    if (!options_.on_event) return statuses::unrecognized_operation;
    options_.on_event(report);
    return statuses::success;
}

}  // namespace dcmtk_native::servers
