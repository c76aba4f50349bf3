#include "runtime/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

using Clock = std::chrono::steady_clock;

// How often the call is asked whether it may go on while its own thread waits for the others.
constexpr std::chrono::milliseconds patience{5};
constexpr std::chrono::hours no_deadline{24 * 365};

/// The steps that are left, and the first thing that went wrong.
class Steps {
  public:
    Steps(std::size_t count, const std::function<void(std::size_t)>& step)
        : count_(count), step_(step) {}

    /// Does step after step until there is none, or one has failed. `after` each.
    template <typename After> void run(After&& after) noexcept {
        while (!failed_.load(std::memory_order_relaxed)) {
            const std::size_t i = next_.fetch_add(1, std::memory_order_relaxed);
            if (i >= count_) return;
            try {
                checkpoint_now();
                step_(i);
                done_.fetch_add(1, std::memory_order_relaxed);
                after();
            } catch (const Error& error) {
                if (error.kind == ErrorKind::aborted || error.kind == ErrorKind::timeout)
                    interrupt(std::current_exception());
                fail(i, std::current_exception());
            } catch (...) {
                fail(i, std::current_exception());
            }
        }
    }
    /// The call is to end: steps under way need not be finished.
    void interrupt(std::exception_ptr reason) noexcept {
        const std::lock_guard lock(mutex_);
        if (!reason_) reason_ = std::move(reason);
        interrupted_.store(true);
        failed_.store(true);
    }

    [[nodiscard]] bool is_interrupted() const {
        return interrupted_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t done() const { return done_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t count() const { return count_; }
    /// To be called when no thread works any more.
    void rethrow() const {
        if (reason_) std::rethrow_exception(reason_);
        if (error_) std::rethrow_exception(error_);
    }

  private:
    /// Steps begin in order, so all before the first that fails have begun, and get to their ends.
    void fail(std::size_t step, std::exception_ptr error) noexcept {
        const std::lock_guard lock(mutex_);
        if (error_ == nullptr || step < failed_step_) {
            error_ = std::move(error);
            failed_step_ = step;
        }
        failed_.store(true);
    }

    const std::size_t count_;
    const std::function<void(std::size_t)>& step_;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> done_{0};
    std::atomic<bool> failed_{false};
    std::atomic<bool> interrupted_{false};
    std::mutex mutex_;
    std::exception_ptr reason_;
    std::exception_ptr error_;
    std::size_t failed_step_ = 0;
};

/// Threads that work beside the one that called.
class Helpers {
  public:
    Helpers(Steps& steps, std::size_t wanted) : steps_(steps) {
        for (std::size_t i = 0; i < wanted; ++i) scopes_.push_back(make_scope());
        for (auto& scope : scopes_) {
            const std::lock_guard lock(mutex_);
            try {
                threads_.emplace_back([this, &own = *scope] { run(own); });
            } catch (const std::system_error&) {
                return;  // the system has no more threads: fewer will do
            }
            ++running_;
        }
    }
    Helpers(const Helpers&) = delete;
    Helpers& operator=(const Helpers&) = delete;

    /// Waits for them; sooner or later they end when the call may not go on.
    ~Helpers() {
        std::unique_lock lock(mutex_);
        while (!idle_.wait_for(lock, patience, [this] { return running_ == 0; })) {
            ask_call();
            if (steps_.is_interrupted()) token_->cancel();
        }
        lock.unlock();
        for (std::thread& thread : threads_) thread.join();
        hand_over_records();
    }

  private:
    /// A scope with what is left of the call's time, ended by our own token.
    [[nodiscard]] std::unique_ptr<CallScope> make_scope() const {
        const CallScope* const call = CallScope::current();
        if (call == nullptr)
            return std::make_unique<CallScope>(token_, no_deadline, log_level::off);
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call->deadline() -
                                                                                Clock::now());
        return std::make_unique<CallScope>(token_, left, call->level());
    }

    void ask_call() noexcept {
        CallScope* const call = CallScope::current();
        if (call == nullptr || steps_.is_interrupted() || call->may_continue_now()) return;
        try {
            call->stop();
        } catch (...) {
            steps_.interrupt(std::current_exception());
        }
    }

    void run(CallScope& own) noexcept {
        own.enter();
        steps_.run([] {});
        own.leave();
        const std::lock_guard lock(mutex_);
        --running_;
        idle_.notify_one();
    }

    void hand_over_records() {
        CallScope* const call = CallScope::current();
        if (call == nullptr) return;
        for (auto& scope : scopes_)
            for (LogRecord& record : scope->take_records())
                call->log(record.level, record.logger.c_str(), std::move(record.message));
    }

    Steps& steps_;
    std::shared_ptr<CancelToken> token_ = std::make_shared<CancelToken>();
    std::vector<std::unique_ptr<CallScope>> scopes_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t running_ = 0;
    std::vector<std::thread> threads_;
};

}  // namespace

void for_each_step(std::size_t count, unsigned threads,
                   const std::function<void(std::size_t)>& step, const StepProgress& progress) {
    Steps steps(count, step);
    auto told = static_cast<std::size_t>(-1);  // the last report would say it again
    const auto report = [&] {
        const std::size_t done = steps.done();
        if (progress && done != told) progress(done, steps.count());
        told = done;
    };
    {
        const Helpers helpers(steps, std::min<std::size_t>(std::max(threads, 1U), std::max<std::size_t>(count, 1)) - 1);
        steps.run(report);
    }
    steps.rethrow();
    report();
}

unsigned usable_processors() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return std::max(std::thread::hardware_concurrency(), 1U);
    return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

}  // namespace dcmtk_native::runtime
