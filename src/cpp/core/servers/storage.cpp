#include "servers/storage.hpp"

#include <string_view>

#include "network/answer.hpp"
#include "network/contexts.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

using network::CommandField;
namespace statuses = network::statuses;
namespace tags = network::command_tags;

constexpr std::string_view verification = "1.2.840.10008.1.1";
constexpr std::string_view storage_commitment = "1.2.840.10008.1.20.1";
constexpr std::uint64_t max_event_length = 64ULL << 20;

}  // namespace

network::Decision StorageService::decide(const Origin&, const network::AssociateRequest& request) {
    const bool takes_events = static_cast<bool>(options_.on_event);
    return network::accept_by({[takes_events](std::string_view sop_class) {
                                   return sop_class == verification ||
                                          (takes_events && sop_class == storage_commitment) ||
                                          network::is_storage_class(sop_class);
                               },
                               options_.transfer_syntaxes},
                              request);
}

void StorageService::serve(const Origin&, network::Association& association) {
    while (const std::optional<network::Message> message = association.receive_unless_released())
        perform(association, *message);
}

void StorageService::failed(const Origin& origin, const std::string& why) {
    runtime::log(runtime::log_level::warn, "servers", origin.address + ": " + why);
}

void StorageService::perform(network::Association& association, const network::Message& message) {
    std::uint16_t status = statuses::unrecognized_operation;
    switch (message.command.field()) {
    case CommandField::c_cancel_request: return;  // what it would cancel has ended
    case CommandField::c_echo_request: status = statuses::success; break;
    case CommandField::c_store_request: status = store(association, message); break;
    case CommandField::n_event_report_request: status = take_event(association, message); break;
    default:
        if (message.command.has_data()) association.skip_data(message.context);
    }
    network::answer(association, message, status);
}

std::uint16_t StorageService::store(network::Association& association, const network::Message& message) {
    if (network::refuse_incomplete(association, message)) return statuses::cannot_understand;
    if (!options_.folder) {
        association.skip_data(message.context);
        return statuses::success;
    }
    try {
        const network::ReceivedObject object =
            network::receive_object(association, message, options_.folder, options_.identity);
        if (options_.on_stored) options_.on_stored(object);
        return statuses::success;
    } catch (const runtime::Error& error) {
        const std::optional<std::uint16_t> status = network::status_of(error);
        if (!status) throw;
        runtime::log(runtime::log_level::error, "servers", error.message);
        return *status;
    }
}

std::uint16_t StorageService::take_event(network::Association& association,
                                         const network::Message& message) {
    EventReport report;
    report.sop_class = message.command.text(tags::affected_sop_class);
    report.sop_instance = message.command.text(tags::affected_sop_instance);
    report.event_type = message.command.number_or(tags::event_type, 0);
    report.transfer_syntax = association.context_of(message.context).transfer_syntax;
    if (message.command.has_data()) {
        runtime::MemorySink sink;
        association.receive_data(message.context, sink, max_event_length);
        report.data = sink.take();
    }
    if (!options_.on_event) return statuses::unrecognized_operation;
    options_.on_event(report);
    return statuses::success;
}

}  // namespace dcmtk_native::servers
