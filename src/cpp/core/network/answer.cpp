#include "network/answer.hpp"

namespace dcmtk_native::network {

namespace tags = command_tags;

namespace {

/// Normalised services name what is requested, and their responses what is affected.
[[nodiscard]] std::string either(const Command& request, runtime::Tag affected, runtime::Tag requested) {
    std::string text = request.text(affected);
    return text.empty() ? request.text(requested) : text;
}

}  // namespace

Command response_to(const Command& request, std::uint16_t status) {
    Command response(static_cast<CommandField>(static_cast<unsigned>(request.field()) | response_bit));
    const std::string sop_class = either(request, tags::affected_sop_class, tags::requested_sop_class);
    const std::string instance =
        either(request, tags::affected_sop_instance, tags::requested_sop_instance);
    if (!sop_class.empty()) response.set_text(tags::affected_sop_class, sop_class);
    if (!instance.empty()) response.set_text(tags::affected_sop_instance, instance);
    response.set_number(tags::responded_message_id, request.number_or(tags::message_id, 0))
        .set_number(tags::status, status)
        .announce_data(false);
    return response;
}

void answer(Association& association, const Message& request, std::uint16_t status) {
    association.send(request.context, response_to(request.command, status));
}

}  // namespace dcmtk_native::network
