#include "scan/scan.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/call_scope.hpp"
#include "scan/reader.hpp"

namespace dcmtk_native::scan {

namespace {

using runtime::CallScope;
using runtime::Error;
using runtime::ErrorKind;
using Clock = std::chrono::steady_clock;

// Files that a thread takes at a time: enough that threads do not meet, few enough that they end
// together.
constexpr std::size_t block_size = 8;
// How often a call is asked whether it may go on while its own thread waits for the others.
constexpr std::chrono::milliseconds patience{5};

bool ends_the_call(const Error& error) {
    return error.kind == ErrorKind::aborted || error.kind == ErrorKind::timeout;
}

class Work {
  public:
    Work(const Paths& paths, std::size_t count, const Request& request, Clock::time_point until)
        : paths_(paths), count_(count), request_(request), until_(until),
          blocks_((count + block_size - 1) / block_size) {}

    /// Reads block after block until there is none, or no time, or the call is to end.
    void run() {
        while (!stopped_.load(std::memory_order_relaxed)) {
            const std::size_t block = next_.fetch_add(1, std::memory_order_relaxed);
            if (block >= blocks_.size() || (block > 0 && Clock::now() >= until_)) return;
            blocks_[block].emplace(request_);
            read_block(block, *blocks_[block]);
        }
    }

    void stop() { stopped_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_stopped() const { return stopped_.load(std::memory_order_relaxed); }

    /// The rows up to the first file that was not looked at.
    [[nodiscard]] Table collect() {
        Table all(request_);
        for (std::size_t block = 0; block < blocks_.size() && blocks_[block]; ++block) {
            all.append(*blocks_[block]);
            blocks_[block].reset();
            if (all.count != end_of(block)) break;
        }
        all.stopped = is_stopped() && all.count != count_;
        return all;
    }

    [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }

  private:
    [[nodiscard]] std::size_t end_of(std::size_t block) const {
        return std::min((block + 1) * block_size, count_);
    }

    void read_block(std::size_t block, Table& table) {
        for (std::size_t i = block * block_size; i < end_of(block); ++i) {
            if (is_stopped() || !read_file(std::string(paths_[i]), table)) return;
            ++table.count;
        }
    }

    /// False: the call is to end, and the file was not read.
    bool read_file(const std::string& path, Table& table) {
        try {
            runtime::checkpoint_now();
            read_row(runtime::Input{path}, request_, table);
        } catch (Error& error) {
            if (ends_the_call(error)) {
                stop();
                return false;
            }
            table.failures.push_back({path, {}, std::move(error)});
        } catch (const std::exception& error) {
            // libdcmdata has its own: std::out_of_range for a value that it did not expect.
            table.failures.push_back(
                {path, {}, Error(ErrorKind::operation, path + ": " + error.what())});
        }
        return true;
    }

    const Paths& paths_;
    const std::size_t count_;
    const Request& request_;
    const Clock::time_point until_;
    std::vector<std::optional<Table>> blocks_;
    std::atomic<bool> stopped_{false};
    // On a cache line of its own: each block changes it, each file reads what is before it.
    alignas(64) std::atomic<std::size_t> next_{0};
};

/// Threads that work beside the one that called, each in a call scope of its own.
class Helpers {
  public:
    Helpers(Work& work, std::size_t count) : work_(work), running_(count) {
        CallScope* const call = CallScope::current();
        for (std::size_t i = 0; i < count; ++i) {
            const auto left = call == nullptr ? std::chrono::hours(24 * 365)
                                              : std::chrono::duration_cast<std::chrono::milliseconds>(
                                                    call->deadline() - Clock::now());
            scopes_.push_back(std::make_unique<CallScope>(
                token_, left, call == nullptr ? runtime::log_level::off : call->level()));
        }
        for (auto& scope : scopes_) {
            try {
                threads_.emplace_back([this, &own = *scope] { run(own); });
            } catch (const std::system_error&) {
                break;  // the system has no more threads: fewer will do
            }
        }
        const std::lock_guard lock(mutex_);
        running_ -= scopes_.size() - threads_.size();
    }
    Helpers(const Helpers&) = delete;
    Helpers& operator=(const Helpers&) = delete;

    /// Ends when they have ended; sooner or later they do when the call may not go on.
    ~Helpers() {
        if (work_.is_stopped()) token_->cancel();
        std::unique_lock lock(mutex_);
        while (!done_.wait_for(lock, patience, [this] { return running_ == 0; })) {
            CallScope* const call = CallScope::current();
            if (call != nullptr && !call->may_continue_now()) work_.stop();
            if (work_.is_stopped()) token_->cancel();
        }
        lock.unlock();
        for (std::thread& thread : threads_) thread.join();
        hand_over_records();
    }

  private:
    void run(CallScope& own) noexcept {
        own.enter();
        try {
            work_.run();
        } catch (const std::exception&) {
            work_.stop();  // out of memory: what is there is there
        }
        own.leave();
        const std::lock_guard lock(mutex_);
        --running_;
        done_.notify_one();
    }

    void hand_over_records() {
        CallScope* const call = CallScope::current();
        if (call == nullptr) return;
        for (auto& scope : scopes_)
            for (runtime::LogRecord& record : scope->take_records())
                call->log(record.level, record.logger.c_str(), std::move(record.message));
    }

    Work& work_;
    std::shared_ptr<runtime::CancelToken> token_ = std::make_shared<runtime::CancelToken>();
    std::vector<std::unique_ptr<CallScope>> scopes_;
    std::mutex mutex_;
    std::condition_variable done_;
    std::size_t running_;
    std::vector<std::thread> threads_;
};

}  // namespace

Table scan_files(const Paths& paths, std::size_t most, const Request& request, unsigned threads,
                 std::chrono::milliseconds budget) {
    Work work(paths, std::min(most, paths.size()), request, Clock::now() + budget);
    const std::size_t useful = std::min<std::size_t>(threads, work.blocks());
    {
        std::optional<Helpers> helpers;
        if (useful > 1) helpers.emplace(work, useful - 1);
        work.run();
    }
    return work.collect();
}

}  // namespace dcmtk_native::scan
