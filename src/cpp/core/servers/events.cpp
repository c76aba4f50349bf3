#include "servers/events.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::servers {

namespace {

// How late who waits for room may see that its call is over.
constexpr auto glance = std::chrono::milliseconds(10);

}  // namespace

void EventQueue::push(Event event) {
    if (!wants(event.kind)) return;
    std::unique_lock<std::mutex> lock(mutex_);
    const auto has_room = [this] { return !is_bounded_ || events_.size() < most_; };
    while (!has_room_.wait_for(lock, glance, has_room)) {
        lock.unlock();
        runtime::checkpoint_now();
        lock.lock();
    }
    add(std::move(event));
}

void EventQueue::push_at_once(Event event) {
    if (!wants(event.kind)) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    add(std::move(event));
}

void EventQueue::add(Event event) {
    if (is_closed_) return;
    events_.push_back(std::move(event));
    has_events_.notify_one();
}

std::optional<std::vector<Event>> EventQueue::take(std::size_t most, std::chrono::milliseconds time) {
    std::unique_lock<std::mutex> lock(mutex_);
    has_events_.wait_for(lock, time, [this] { return !events_.empty() || is_closed_; });
    if (events_.empty() && is_closed_) return std::nullopt;
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, events_.size()));
    std::vector<Event> taken(std::make_move_iterator(events_.begin()),
                             std::make_move_iterator(events_.begin() + count));
    events_.erase(events_.begin(), events_.begin() + count);
    has_room_.notify_all();
    return taken;
}

void EventQueue::let_all_in() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_bounded_ = false;
    has_room_.notify_all();
}

void EventQueue::close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    has_events_.notify_all();
}

std::size_t EventQueue::size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return events_.size();
}

}  // namespace dcmtk_native::servers
