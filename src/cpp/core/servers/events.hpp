// What has happened at a server, for whoever listens: a bounded queue between the workers and one
// reader. When it is full, the workers wait, and so do their peers.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dcmtk_native::servers {

enum class EventKind : std::uint8_t {
    association_received,
    association_acknowledged,
    presentation_contexts,
    refusing_association,
    echo_request,
    c_store_request,
    subdirectory_created,
    storing_file,
    stored_file,
    study_complete,
    association_release,
    association_aborted,
    error,
};
constexpr std::size_t event_kinds = 13;

/// Who an event is about. The titles come with the request, the subject with TLS.
struct AssociationFacts {
    std::uint64_t id = 0;
    std::string address;
    std::uint16_t port = 0;
    std::string calling_ae_title;
    std::string called_ae_title;
    std::string certificate_subject;
};

/// Which fields are set is the kind's business.
struct Event {
    EventKind kind;
    std::shared_ptr<const AssociationFacts> association;
    std::string sop_class;
    std::string sop_instance;
    std::string transfer_syntax;
    std::string text;               // a path, a folder, a reason, the text of a request, lines
    std::uint64_t number = 0;       // a size, a message ID, the longest PDU
    std::vector<std::string> files;  // of a study
};

class EventQueue {
  public:
    explicit EventQueue(std::size_t most) : most_(most) {}

    /// Events of other kinds are not kept. Bit n stands for the n-th kind.
    void want(std::uint32_t kinds) noexcept { wanted_.store(kinds, std::memory_order_relaxed); }
    [[nodiscard]] bool wants(EventKind kind) const noexcept {
        return (wanted_.load(std::memory_order_relaxed) >> static_cast<unsigned>(kind) & 1U) != 0;
    }
    /// Waits while the queue is full. Throws Error (aborted) when the call is.
    void push(Event event);
    /// Never waits: for the reader itself.
    void push_at_once(Event event);
    /// Up to `most` events; empty: there was none by then; nothing: it is closed, and empty.
    [[nodiscard]] std::optional<std::vector<Event>> take(std::size_t most, std::chrono::milliseconds time);
    /// Nobody waits for room from now on: the reader may be who ends the server.
    void let_all_in();
    /// No more events will come.
    void close();
    /// Of those that wait.
    [[nodiscard]] std::size_t size() const;

  private:
    void add(Event event);

    std::size_t most_;
    std::atomic<std::uint32_t> wanted_{~0U};
    mutable std::mutex mutex_;
    std::condition_variable has_room_;
    std::condition_variable has_events_;
    std::deque<Event> events_;
    bool is_bounded_ = true;
    bool is_closed_ = false;
};

}  // namespace dcmtk_native::servers
