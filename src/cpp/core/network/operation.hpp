// One DIMSE operation on an association: a request, the responses one by one, and what the peer
// sends in between (C-STORE within C-GET).
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "network/association.hpp"
#include "network/event_report.hpp"

namespace dcmtk_native::network {

struct Response {
    Command command;
    std::optional<std::string> data;  // the bytes of the data set, in the context's transfer syntax
    std::uint8_t context = 0;

    [[nodiscard]] bool is_pending() const {
        return category_of(command.status()) == StatusCategory::pending;
    }
};

/// Takes a C-STORE that the peer sends within C-GET, its data set too; what comes out is the status.
using StoreHandler = std::function<std::uint16_t(Association&, const Message&)>;

using EventHandler = std::function<void(EventReport)>;

class Operation {
  public:
    /// Sends the request, with a new message ID.
    Operation(Association& association, std::uint8_t context, Command request,
              const Payload* data = nullptr, const ByteProgress& progress = {});

    /// The next response; nothing behind the final one.
    [[nodiscard]] std::optional<Response> next();
    /// C-CANCEL: the peer may stop, and ends with a final response all the same (PS3.7 section 9.3.2.3).
    void cancel();
    [[nodiscard]] bool is_finished() const noexcept { return is_finished_; }
    /// A pending response to C-GET or C-MOVE has no data set (PS3.7 sections 9.3.3.2 and 9.3.4.2).
    /// Where a peer says that one follows, it is not waited for. Else it is read.
    void ignore_pending_data() noexcept { is_pending_data_ignored_ = true; }
    /// For C-GET.
    void set_store_handler(StoreHandler handler) { on_store_ = std::move(handler); }
    /// Peers report when they please (PS3.7 section 10.1.1), also before they answer; what they report is
    /// answered by success. Without a handler a report is no answer, and ends the association.
    void set_event_handler(EventHandler handler) { on_event_ = std::move(handler); }

    /// For a store within a C-GET of the peer, which may want no more of it (PS3.7 section 9.3.2.3): told of
    /// its C-CANCEL.
    void set_cancel_handler(std::function<void()> handler) { on_cancel_ = std::move(handler); }

  private:
    [[nodiscard]] bool is_sub_operation(const Message& message) const;
    void perform(const Message& message);

    Association& association_;
    std::uint8_t context_;
    Command request_;
    StoreHandler on_store_;
    EventHandler on_event_;
    std::function<void()> on_cancel_;
    bool is_pending_data_ignored_ = false;
    std::atomic<bool> is_finished_{false};
};

/// Identifiers and other data sets in memory are no longer than this.
constexpr std::uint64_t max_identifier_length = 64ULL << 20;

}  // namespace dcmtk_native::network
