#include "servers/lobby.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "network/pdu.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

constexpr std::uint64_t at_the_door = 0;  // guests are counted from 1
constexpr int most_events = 64;

// A request of which this much has come is looked at, however long it says that it is.
constexpr std::uint64_t enough = 4 * 1024;
constexpr std::size_t tls_header_length = 5;
constexpr unsigned char tls_handshake = 22;

/// How much there has to be of a first message that begins so: all of an A-ASSOCIATE-RQ (PS3.8
/// section 9.3.2) or of the record with which TLS begins (RFC 8446 section 5.1), anything of others.
[[nodiscard]] std::uint64_t length_of(const unsigned char* head, std::size_t known) {
    if (head[0] == static_cast<unsigned char>(network::PduType::associate_request)) {
        if (known < network::pdu_header_length) return network::pdu_header_length;
        std::uint64_t length = 0;
        for (std::size_t i = 2; i < network::pdu_header_length; ++i) length = length << 8U | head[i];
        return network::pdu_header_length + length;
    }
    if (head[0] != tls_handshake) return 1;
    if (known < tls_header_length) return tls_header_length;
    return tls_header_length + (static_cast<std::uint64_t>(head[3]) << 8U | head[4]);
}

[[nodiscard]] bool has_hung_up(int socket) {
    pollfd polled{socket, POLLRDHUP, 0};
    return ::poll(&polled, 1, 0) > 0;
}

/// Whether a guest has said all that it has to say to be let in.
[[nodiscard]] bool has_asked(int socket) {
    std::array<unsigned char, network::pdu_header_length> head{};
    const ssize_t known = ::recv(socket, head.data(), head.size(), MSG_PEEK | MSG_DONTWAIT);
    int there = 0;
    if (known <= 0 || ::ioctl(socket, FIONREAD, &there) != 0) return false;
    return static_cast<std::uint64_t>(there) >=
           std::min(length_of(head.data(), static_cast<std::size_t>(known)), enough);
}

[[nodiscard]] bool is_to_be_heard(const Guest& guest) {
    const int socket = guest.caller.socket.get();
    return has_asked(socket) || has_hung_up(socket);
}

/// False: the system has no room for one more.
[[nodiscard]] bool watch(int events, int descriptor, std::uint64_t id, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
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
    if (!events_.is_open() || !watch(events_.get(), door_.descriptor(), at_the_door, EPOLLIN))
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
        if (at != guests_.end() && is_to_be_heard(at->second)) taken.push_back(take(at));
    }
    heard_.clear();
    return taken;
}

std::optional<Guest> Lobby::admit(Guest guest) {
    // Told once for all that has come: a request that is not complete yet is no reason to wake up.
    if (!watch(events_.get(), guest.caller.socket.get(), guest.id, EPOLLIN | EPOLLRDHUP | EPOLLET))
        return guest;
    const std::uint64_t id = guest.id;
    guests_.emplace(id, std::move(guest));
    size_.store(guests_.size(), std::memory_order_relaxed);
    if (guests_.size() <= most_) return std::nullopt;
    // What has come already may not have been looked at yet.
    auto silent = std::find_if(guests_.begin(), guests_.end(),
                               [](const auto& entry) { return !is_to_be_heard(entry.second); });
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
