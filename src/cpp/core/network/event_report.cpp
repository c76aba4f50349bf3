#include "network/event_report.hpp"

#include <utility>

#include "network/answer.hpp"
#include "network/operation.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace tags = command_tags;

namespace {

constexpr std::size_t max_events = 256;
constexpr std::size_t max_event_bytes = max_identifier_length;

[[nodiscard]] std::size_t size_of(const EventReport& report) { return report.data ? report.data->size() : 0; }

}  // namespace

void ReportQueue::add(EventReport report) {
    bytes_ += size_of(report);
    events_.push_back(std::move(report));
    while (events_.size() > max_events || (events_.size() > 1 && bytes_ > max_event_bytes))
        static_cast<void>(take());
}

std::optional<EventReport> ReportQueue::take() {
    if (events_.empty()) return std::nullopt;
    EventReport report = std::move(events_.front());
    events_.pop_front();
    bytes_ -= size_of(report);
    return report;
}

EventReport read_event(Association& association, const Message& request) {
    EventReport report;
    report.sop_class = request.command.text(tags::affected_sop_class);
    report.sop_instance = request.command.text(tags::affected_sop_instance);
    report.event_type = request.command.number_or(tags::event_type, 0);
    report.transfer_syntax = association.context_of(request.context).transfer_syntax;
    if (request.command.has_data()) {
        runtime::MemorySink sink;
        association.receive_data(request.context, sink, max_identifier_length);
        report.data = sink.take();
    }
    return report;
}

std::optional<EventReport> take_event(Association& association, runtime::Deadline deadline) {
    if (!association.wait_for_input(deadline)) return std::nullopt;
    const std::optional<Message> request = association.receive_unless_released();
    if (!request) return std::nullopt;
    if (request->command.field() != CommandField::n_event_report_request) {
        association.abort();
        runtime::raise(runtime::ErrorKind::association,
                       association.peer() + ": the peer asked for something else than to take a report");
    }
    EventReport report = read_event(association, *request);
    answer(association, *request, statuses::success);
    return report;
}

}  // namespace dcmtk_native::network
