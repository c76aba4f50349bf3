#include "network/operation.hpp"

#include <utility>

#include "network/answer.hpp"
#include "network/receiving.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace tags = command_tags;

Operation::Operation(Association& association, std::uint8_t context, Command request,
                     const Payload* data, const ByteProgress& progress)
    : association_(association), context_(context), request_(std::move(request)) {
    request_.set_number(tags::message_id, association_.next_message_id());
    request_.announce_data(data != nullptr);
    association_.send(context_, request_, data, progress);
}

bool Operation::is_sub_operation(const Message& message) const {
    switch (message.command.field()) {
    case CommandField::c_store_request: return static_cast<bool>(on_store_);
    case CommandField::n_event_report_request: return static_cast<bool>(on_event_);
    case CommandField::c_cancel_request: return static_cast<bool>(on_cancel_);
    default: return false;
    }
}

void Operation::perform(const Message& message) {
    if (message.command.field() == CommandField::c_cancel_request) return on_cancel_();
    if (message.command.field() == CommandField::n_event_report_request) {
        on_event_(read_event(association_, message));
        return answer(association_, message, statuses::success);
    }
    const bool is_refused = refuse_incomplete(association_, message);
    answer(association_, message,
           is_refused ? statuses::cannot_understand : on_store_(association_, message));
}

std::optional<Response> Operation::next() {
    if (is_finished_) return std::nullopt;
    Message message = association_.receive();
    while (is_sub_operation(message)) {
        perform(message);
        message = association_.receive();
    }
    association_.check_response(message, request_, context_);
    Response response{std::move(message.command), std::nullopt, message.context};
    const bool is_ignored = is_pending_data_ignored_ && response.is_pending();
    if (response.command.has_data() && !is_ignored) {
        runtime::MemorySink sink;
        association_.receive_data(message.context, sink, max_identifier_length);
        response.data = sink.take();
    }
    is_finished_ = !response.is_pending();
    return response;
}

void Operation::cancel() {
    if (is_finished_) return;
    Command command(CommandField::c_cancel_request);
    command.set_number(tags::responded_message_id, request_.number_or(tags::message_id, 0))
        .announce_data(false);
    association_.send(context_, command);
}

}  // namespace dcmtk_native::network
