// Callers whose request is not all there yet. No thread waits for them, so a crowd of them costs next
// to nothing; when there are too many, the one that has been there for longest goes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "network/listener.hpp"
#include "runtime/wait.hpp"

namespace dcmtk_native::servers {

struct Guest {
    std::uint64_t id = 0;
    network::Caller caller;
    runtime::Deadline until = runtime::no_deadline;  // it has to have asked by then
};

class Lobby {
  public:
    /// Throws Error when the system has no descriptor left.
    Lobby(network::Listener& door, std::size_t most);

    /// Waits until somebody is at the door, a guest speaks, or it is time. Throws as wait_for does.
    void wait(runtime::Deadline deadline, runtime::CancelToken* stop);
    /// Of what has been waited for: somebody is at the door.
    [[nodiscard]] bool has_caller() const noexcept { return has_caller_; }
    /// The same: the guests that have asked for something, or hung up.
    [[nodiscard]] std::vector<Guest> take_heard();
    /// Who comes in, and who has to go for that.
    [[nodiscard]] std::optional<Guest> admit(Guest guest);
    [[nodiscard]] std::vector<Guest> take_expired(runtime::Deadline now);
    /// When the first of them is out of time.
    [[nodiscard]] runtime::Deadline next_expiry() const;
    /// From any thread.
    [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
    void clear();

  private:
    [[nodiscard]] Guest take(std::map<std::uint64_t, Guest>::iterator at);

    runtime::FileDescriptor events_;
    network::Listener& door_;
    std::size_t most_;
    bool has_caller_ = false;
    std::vector<std::uint64_t> heard_;
    std::map<std::uint64_t, Guest> guests_;  // by their numbers: the oldest first
    std::atomic<std::size_t> size_{0};
};

/// Whether there is something to be read from a guest, or has it only hung up.
[[nodiscard]] bool has_spoken(const Guest& guest);

}  // namespace dcmtk_native::servers
