#include "servers/storage.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <utility>

#include "network/answer.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "servers/negotiated.hpp"

namespace dcmtk_native::servers {

namespace {

using network::CommandField;
namespace statuses = network::statuses;
namespace tags = network::command_tags;

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
      negotiation_(std::move(options_.terms)),
      events_(std::move(events)),
      metrics_(std::move(metrics)) {
    if (options_.placing) store_ = std::make_unique<Store>(std::move(*options_.placing), events_);
}

void StorageService::tell(Event event) {
    if (events_) events_->push(std::move(event));
}

template <typename MakeText>
void StorageService::tell_contexts(const Facts& peer, MakeText&& make_text) {
    if (events_ && events_->wants(EventKind::presentation_contexts))
        tell({EventKind::presentation_contexts, peer, {}, {}, {}, make_text(), 0, {}});
}

network::Decision StorageService::decide(const Facts& peer, const network::AssociateRequest& request) {
    tell({EventKind::association_received, peer, {}, {}, {}, {}, 0, {}});
    tell_contexts(peer, [&request] { return proposal_text(request); });
    network::Decision decision = negotiation_.decide(*peer, request);
    if (decision.rejection) return decision;
    tell({EventKind::association_acknowledged, peer, {}, {}, {}, {}, max_send_pdv(request), {}});
    tell_contexts(peer, [&] { return answer_text(request, decision); });
    return decision;
}

void StorageService::refused(const Facts& peer, const network::AssociateReject& reject) {
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
    if (!negotiation_.may(*peer, field)) {
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
