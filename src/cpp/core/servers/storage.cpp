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

constexpr std::string_view verification = "1.2.840.10008.1.1";
constexpr std::string_view storage_commitment = "1.2.840.10008.1.20.1";

}  // namespace

network::Decision StorageService::decide(const Origin&, const network::AssociateRequest& request) {
    return network::accept_by({[this](std::string_view sop_class) { return serves(sop_class); },
                               options_.transfer_syntaxes},
                              request);
}

bool StorageService::serves(std::string_view sop_class) const {
    if (sop_class == storage_commitment) return static_cast<bool>(options_.on_event);
    return sop_class == verification || (options_.takes_objects && network::is_storage_class(sop_class));
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
    const network::EventReport report = network::read_event(association, message);
    if (!options_.on_event) return statuses::unrecognized_operation;
    options_.on_event(report);
    return statuses::success;
}

}  // namespace dcmtk_native::servers
