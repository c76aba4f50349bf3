#include "runtime/call_scope.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

thread_local CallScope* current_scope = nullptr;

// Reading the clock costs about 25 ns, looking at an element about 10: once in 256 is free and
// still several times a millisecond.
constexpr unsigned steps_between_clock_reads = 256;
constexpr auto time_between_signal_polls = std::chrono::milliseconds(50);
// A hostile file can cause a warning for every element.
constexpr std::size_t max_records = 1000;

}  // namespace

CancelToken::~CancelToken() {
    const int wake = wake_.load();
    if (wake >= 0) ::close(wake);
}

void CancelToken::cancel() noexcept {
    cancelled_.store(true);
    const int wake = wake_.load();
    // It cannot fail before 2^64 of them.
    if (wake >= 0) static_cast<void>(::eventfd_write(wake, 1));
}

int CancelToken::wake_descriptor() noexcept {
    if (const int known = wake_.load(); known >= 0) return known;
    const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int known = -1;
    if (made >= 0 && !wake_.compare_exchange_strong(known, made)) {
        ::close(made);
        return known;
    }
    // A cancel that came before it was there did not wake it.
    if (made >= 0 && cancelled_.load()) static_cast<void>(::eventfd_write(made, 1));
    return made;
}

CallScope::CallScope(std::shared_ptr<CancelToken> token, std::chrono::milliseconds timeout, int level,
                     InterruptPoll interrupted)
    : token_(std::move(token)),
      timeout_(timeout),
      deadline_(Clock::now() + timeout),
      next_signal_poll_(Clock::now() + time_between_signal_polls),
      interrupted_(std::move(interrupted)),
      level_(level) {}

CallScope::~CallScope() {
    if (current_scope == this) leave();
}

void CallScope::enter() noexcept {
    outer_ = current_scope;
    current_scope = this;
}

void CallScope::leave() noexcept { current_scope = outer_; }

CallScope* CallScope::current() noexcept { return current_scope; }

bool CallScope::may_continue() noexcept {
    if (state_ != State::running) return false;
    if (token_ && token_->cancelled()) {
        state_ = State::aborted;
        return false;
    }
    if (countdown_ != 0) {
        --countdown_;
        return true;
    }
    return may_continue_now();
}

bool CallScope::may_continue_now() noexcept {
    if (state_ != State::running) return false;
    countdown_ = steps_between_clock_reads;
    const auto now = Clock::now();
    if (token_ && token_->cancelled()) {
        state_ = State::aborted;
    } else if (now >= deadline_) {
        state_ = State::timed_out;
    } else if (interrupted_ && now >= next_signal_poll_) {
        next_signal_poll_ = now + time_between_signal_polls;
        if (interrupted_()) state_ = State::aborted;
    }
    return state_ == State::running && (outer_ == nullptr || outer_->may_continue_now());
}

void CallScope::stop() const {
    if (state_ == State::running && outer_ != nullptr) outer_->stop();
    if (state_ == State::timed_out)
        raise(ErrorKind::timeout, "timed out after " + std::to_string(timeout_.count()) + "ms");
    raise(ErrorKind::aborted, "aborted");
}

void CallScope::log(int level, const char* logger, std::string message) {
    if (level < level_) return;
    if (records_.size() >= max_records) {
        ++dropped_;
        return;
    }
    records_.push_back({level, logger, std::move(message)});
}

std::vector<LogRecord> CallScope::take_records() {
    if (dropped_ != 0)
        records_.push_back({log_level::warn, "dcmtk_native",
                            std::to_string(dropped_) + " further records of this call were dropped"});
    dropped_ = 0;
    return std::exchange(records_, {});
}

void log(int level, const char* room, std::string message) {
    if (CallScope* scope = CallScope::current())
        scope->log(level, (std::string("dcmtk_native.") + room).c_str(), std::move(message));
}

}  // namespace dcmtk_native::runtime
