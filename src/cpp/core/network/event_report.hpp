// What a peer reports of its own accord: N-EVENT-REPORT (PS3.7 section 10.1.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "network/association.hpp"

namespace dcmtk_native::network {

struct EventReport {
    std::string sop_class;
    std::string sop_instance;
    std::uint16_t event_type = 0;
    std::optional<std::string> data;
    std::string transfer_syntax;
};

/// Reports that nobody has looked at yet. Beyond its bounds the oldest make way.
class ReportQueue {
  public:
    void add(EventReport report);
    /// The oldest, if there is one.
    [[nodiscard]] std::optional<EventReport> take();
    [[nodiscard]] bool is_empty() const noexcept { return events_.empty(); }

  private:
    std::deque<EventReport> events_;
    std::size_t bytes_ = 0;
};

/// What a request says, its data set included; the answer is left to the caller.
[[nodiscard]] EventReport read_event(Association& association, const Message& request);
/// Reads the next report and answers that it was taken; nothing: none has come until the deadline,
/// or the peer has released the association. Another request of the peer is an Error (association).
[[nodiscard]] std::optional<EventReport> take_event(Association& association, runtime::Deadline deadline);

}  // namespace dcmtk_native::network
