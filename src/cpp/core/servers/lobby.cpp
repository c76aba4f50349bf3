#include "servers/lobby.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

constexpr std::uint64_t at_the_door = 0;  // guests are counted from 1
constexpr int most_events = 64;

/// Empty: the system has no room for one more.
[[nodiscard]] bool watch(int events, int descriptor, std::uint64_t id) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = id;
    return ::epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

bool has_spoken(const Guest& guest) {
    char byte = 0;
    return ::recv(guest.caller.socket.get(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) > 0;
}

Lobby::Lobby(network::Listener& door, std::size_t most)
    : events_(::epoll_create1(EPOLL_CLOEXEC)), door_(door), most_(most) {
    if (!events_.is_open() || !watch(events_.get(), door_.descriptor(), at_the_door))
        runtime::raise_system("cannot wait for callers", "epoll");
}

void Lobby::wait(runtime::Deadline deadline, runtime::CancelToken* stop) {
    has_caller_ = false;
    heard_.clear();
    if (!runtime::wait_for(events_.get(), POLLIN, deadline, stop)) return;
    std::array<epoll_event, most_events> found{};
    const int count = ::epoll_wait(events_.get(), found.data(), most_events, 0);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t id = found[static_cast<std::size_t>(i)].data.u64;
        if (id == at_the_door)
            has_caller_ = true;
        else
            heard_.push_back(id);
    }
}

Guest Lobby::take(std::map<std::uint64_t, Guest>::iterator at) {
    Guest guest = std::move(at->second);
    guests_.erase(at);
    size_.store(guests_.size(), std::memory_order_relaxed);
    static_cast<void>(::epoll_ctl(events_.get(), EPOLL_CTL_DEL, guest.caller.socket.get(), nullptr));
    return guest;
}

std::vector<Guest> Lobby::take_heard() {
    std::vector<Guest> taken;
    for (const std::uint64_t id : heard_) {
        const auto at = guests_.find(id);
        if (at != guests_.end()) taken.push_back(take(at));
    }
    heard_.clear();
    return taken;
}

std::optional<Guest> Lobby::admit(Guest guest) {
    if (!watch(events_.get(), guest.caller.socket.get(), guest.id)) return guest;
    const std::uint64_t id = guest.id;
    guests_.emplace(id, std::move(guest));
    size_.store(guests_.size(), std::memory_order_relaxed);
    if (guests_.size() <= most_) return std::nullopt;
    // What has come already may not have been looked at yet.
    auto silent = std::find_if(guests_.begin(), guests_.end(),
                               [](const auto& entry) { return !has_spoken(entry.second); });
    return take(silent == guests_.end() ? guests_.begin() : silent);
}

std::vector<Guest> Lobby::take_expired(runtime::Deadline now) {
    std::vector<Guest> taken;
    while (!guests_.empty() && guests_.begin()->second.until <= now) taken.push_back(take(guests_.begin()));
    return taken;
}

runtime::Deadline Lobby::next_expiry() const {
    return guests_.empty() ? runtime::no_deadline : guests_.begin()->second.until;
}

void Lobby::clear() {
    guests_.clear();
    size_.store(0, std::memory_order_relaxed);
}

}  // namespace dcmtk_native::servers
