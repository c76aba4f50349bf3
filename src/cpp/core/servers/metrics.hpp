// What a server has done since it started. Counted by its workers, read by anyone.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dcmtk_native::servers {

using Counter = std::atomic<std::uint64_t>;

/// How many values were at most each bound, or beyond all (the last count); and their sum.
template <std::size_t Bounds> class Histogram {
  public:
    explicit Histogram(const std::array<double, Bounds>& bounds) : bounds_(bounds) {}

    void add(double value) noexcept {
        std::size_t at = 0;
        while (at < Bounds && value > bounds_[at]) ++at;
        counts_[at].fetch_add(1, std::memory_order_relaxed);
        double sum = sum_.load(std::memory_order_relaxed);
        while (!sum_.compare_exchange_weak(sum, sum + value, std::memory_order_relaxed)) {
        }
    }
    [[nodiscard]] const std::array<double, Bounds>& bounds() const noexcept { return bounds_; }
    [[nodiscard]] std::uint64_t count(std::size_t at) const noexcept {
        return counts_[at].load(std::memory_order_relaxed);
    }
    [[nodiscard]] double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

  private:
    std::array<double, Bounds> bounds_;
    std::array<Counter, Bounds + 1> counts_{};
    std::atomic<double> sum_{0};
};

using SecondsHistogram = Histogram<10>;
using BytesHistogram = Histogram<8>;

struct Metrics {
    Counter connections{0};
    Counter connections_dropped{0};  // to make room, or without a request
    Counter associations_accepted{0};
    Counter associations_rejected{0};
    Counter associations_released{0};
    Counter associations_aborted{0};
    Counter echoes{0};
    Counter objects_stored{0};
    Counter objects_failed{0};
    Counter bytes_stored{0};  // of data sets
    SecondsHistogram seconds_of_objects{{0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1, 10, 60}};
    BytesHistogram bytes_of_objects{{1e4, 1e5, 5e5, 1e6, 1e7, 1e8, 1e9, 1e10}};
    SecondsHistogram seconds_of_associations{{0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 1800, 7200}};
};

/// Since it was made.
class Stopwatch {
  public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

  private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace dcmtk_native::servers
