// One call on one thread: who may cancel it, when it must end, and where its log records go.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dcmtk_native::runtime {

/// Shared with whoever may cancel the call; safe from every thread.
class CancelToken {
  public:
    CancelToken() = default;
    CancelToken(const CancelToken&) = delete;
    CancelToken& operator=(const CancelToken&) = delete;
    ~CancelToken();

    void cancel() noexcept;
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
    /// Readable from `cancel` on: for a call that waits in the system (see runtime/wait). Made when
    /// first asked for; -1 if the system has no descriptor left.
    [[nodiscard]] int wake_descriptor() noexcept;

  private:
    std::atomic<bool> cancelled_{false};
    std::atomic<int> wake_{-1};
};

/// DCMTK's levels (oflog): 0 trace, 10000 debug, ... 50000 fatal.
struct LogRecord {
    int level;
    std::string logger;
    std::string message;
};

namespace log_level {
constexpr int trace = 0;
constexpr int debug = 10000;
constexpr int info = 20000;
constexpr int warn = 30000;
constexpr int error = 40000;
constexpr int fatal = 50000;
constexpr int off = 60000;
}  // namespace log_level

class CallScope {
  public:
    using Clock = std::chrono::steady_clock;
    /// Asked now and then whether the process got a signal that must end the call (Ctrl-C).
    using InterruptPoll = std::function<bool()>;

    CallScope(std::shared_ptr<CancelToken> token, std::chrono::milliseconds timeout, int level,
              InterruptPoll interrupted = {});
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;
    ~CallScope();

    /// Makes this scope the thread's own; `leave` gives the thread back to the scope around it.
    void enter() noexcept;
    void leave() noexcept;
    [[nodiscard]] static CallScope* current() noexcept;

    /// True while the call may go on; cheap enough for every element (the clock is read now and then).
    [[nodiscard]] bool may_continue() noexcept;
    /// The same, but looks at the clock and for signals at once: for slow steps (a file, a frame, a buffer).
    [[nodiscard]] bool may_continue_now() noexcept;
    /// Throws the reason why the call may not go on: aborted or timed out.
    [[noreturn]] void stop() const;

    /// Keeps a record of at least `level()`; the oldest stay, a flood is counted, not kept.
    void log(int level, const char* logger, std::string message);
    [[nodiscard]] int level() const noexcept { return level_; }
    [[nodiscard]] bool has_records() const noexcept { return !records_.empty(); }
    [[nodiscard]] std::vector<LogRecord> take_records();

    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return timeout_; }
    [[nodiscard]] Clock::time_point deadline() const noexcept { return deadline_; }
    [[nodiscard]] const std::shared_ptr<CancelToken>& token() const noexcept { return token_; }
    [[nodiscard]] const CallScope* outer() const noexcept { return outer_; }

  private:
    enum class State : std::uint8_t { running, aborted, timed_out };

    std::shared_ptr<CancelToken> token_;
    std::chrono::milliseconds timeout_;
    Clock::time_point deadline_;
    Clock::time_point next_signal_poll_;
    InterruptPoll interrupted_;
    std::vector<LogRecord> records_;
    std::size_t dropped_ = 0;
    CallScope* outer_ = nullptr;
    int level_;
    unsigned countdown_ = 0;
    State state_ = State::running;
};

/// Ends the current call (by an Error) when it was aborted or is past its deadline; a no-op outside a call.
inline void checkpoint() {
    CallScope* scope = CallScope::current();
    if (scope != nullptr && !scope->may_continue()) scope->stop();
}
/// The thorough form, for slow steps.
inline void checkpoint_now() {
    CallScope* scope = CallScope::current();
    if (scope != nullptr && !scope->may_continue_now()) scope->stop();
}

/// A record of our own for the current call; `room` names the logger: dcmtk_native.<room>.
void log(int level, const char* room, std::string message);

}  // namespace dcmtk_native::runtime
