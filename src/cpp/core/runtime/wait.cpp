#include "runtime/wait.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

// How long at most until signals are looked at again (Ctrl-C), and tokens without a descriptor.
constexpr auto longest_sleep = std::chrono::milliseconds(50);
// The descriptor, `stop`, and the tokens of the scopes around each other, rarely more than two.
constexpr std::size_t max_watched = 8;

/// What a poll looks at: the descriptor first.
class Watch {
  public:
    Watch(int descriptor, short events, CancelToken* stop) {
        add(descriptor, events);
        if (stop != nullptr) add(stop->wake_descriptor(), POLLIN);
        for (const CallScope* scope = CallScope::current(); scope != nullptr; scope = scope->outer())
            if (scope->token()) add(scope->token()->wake_descriptor(), POLLIN);
    }

    /// Sleeps; true if the descriptor is ready.
    [[nodiscard]] bool sleep(std::chrono::nanoseconds time) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
        const std::timespec timeout{seconds.count(), (time - seconds).count()};
        const int found = ::ppoll(polled_.data(), count_, &timeout, nullptr);
        if (found < 0 && errno != EINTR) raise_system("waiting", "a connection");
        return found > 0 && polled_[0].revents != 0;
    }

  private:
    void add(int descriptor, short events) {
        if (descriptor >= 0 && count_ < max_watched) polled_[count_++] = {descriptor, events, 0};
    }

    std::array<pollfd, max_watched> polled_{};
    nfds_t count_ = 0;
};

}  // namespace

bool wait_for(int descriptor, short events, Deadline deadline, CancelToken* stop) {
    Watch watch(descriptor, events, stop);
    for (;;) {
        checkpoint_now();
        if (stop != nullptr && stop->cancelled()) return false;
        const auto now = CallScope::Clock::now();
        if (now >= deadline) return false;
        auto until = std::min(deadline, now + longest_sleep);
        for (const CallScope* scope = CallScope::current(); scope != nullptr; scope = scope->outer())
            until = std::min(until, scope->deadline());
        if (watch.sleep(std::max(until - now, CallScope::Clock::duration::zero()))) return true;
    }
}

}  // namespace dcmtk_native::runtime
