#include "network/connect.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::CallScope;
using runtime::Deadline;
using runtime::ErrorKind;

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    int family = AF_UNSPEC;
};

[[nodiscard]] std::vector<Address> to_addresses(const addrinfo* found) {
    std::vector<Address> addresses;
    for (; found != nullptr; found = found->ai_next) {
        Address address;
        address.length = std::min<socklen_t>(found->ai_addrlen, sizeof address.storage);
        std::memcpy(&address.storage, found->ai_addr, address.length);
        address.family = found->ai_family;
        addresses.push_back(address);
    }
    return addresses;
}

/// What the resolver says, and its error number.
[[nodiscard]] std::pair<std::vector<Address>, int> ask_resolver(const Endpoint& endpoint, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error =
        ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
    if (error != 0) return {{}, error};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    return {to_addresses(found), 0};
}

/// A question to the resolver, which nobody can interrupt: it is asked on a thread that is left
/// alone when the call cannot wait any longer.
class Question {
  public:
    [[nodiscard]] static std::vector<Address> ask(const Endpoint& endpoint, Deadline deadline) {
        const auto question = std::make_shared<Question>();
        std::thread([question, endpoint] { question->answer(ask_resolver(endpoint, 0)); }).detach();
        if (!runtime::wait_for(question->answered_.wake_descriptor(), POLLIN, deadline))
            runtime::raise(ErrorKind::association,
                           endpoint.text() + ": the name was not resolved in time");
        const std::lock_guard<std::mutex> lock(question->mutex_);
        if (question->error_ != 0)
            runtime::raise(ErrorKind::association,
                           endpoint.text() + ": " + ::gai_strerror(question->error_));
        return std::move(question->addresses_);
    }

  private:
    void answer(std::pair<std::vector<Address>, int> found) {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::tie(addresses_, error_) = std::move(found);
        answered_.cancel();
    }

    std::mutex mutex_;
    std::vector<Address> addresses_;
    int error_ = 0;
    runtime::CancelToken answered_;
};

[[nodiscard]] std::vector<Address> resolve(const Endpoint& endpoint, Deadline deadline) {
    // An address needs no resolver, and so no thread.
    auto [addresses, error] = ask_resolver(endpoint, AI_NUMERICHOST);
    return error == 0 ? std::move(addresses) : Question::ask(endpoint, deadline);
}

/// Connects, or says by its errno why not.
[[nodiscard]] int try_address(const Address& address, Deadline deadline, runtime::FileDescriptor& out) {
    out = runtime::FileDescriptor(
        ::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!out.is_open()) return errno;
    if (::connect(out.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0)
        return 0;
    if (errno != EINPROGRESS) return errno;
    if (!runtime::wait_for(out.get(), POLLOUT, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(out.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// Each address gets its share of the time that is left, so that a dead one leaves some to the rest.
[[nodiscard]] Deadline share_of(Deadline deadline, std::size_t addresses_left) {
    const CallScope* scope = CallScope::current();
    if (scope != nullptr) deadline = std::min(deadline, scope->deadline());
    if (addresses_left < 2 || deadline == runtime::no_deadline) return deadline;
    const auto now = CallScope::Clock::now();
    return now + (deadline - now) / static_cast<int>(addresses_left);
}

}  // namespace

std::string Endpoint::text() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

runtime::FileDescriptor connect_to(const Endpoint& endpoint, Deadline deadline) {
    const std::vector<Address> addresses = resolve(endpoint, deadline);
    int error = EADDRNOTAVAIL;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        runtime::FileDescriptor socket;
        error = try_address(addresses[i], share_of(deadline, addresses.size() - i), socket);
        if (error == 0) return socket;
    }
    char text[256] = "";
    runtime::raise(ErrorKind::association,
                   endpoint.text() + ": cannot connect: " + strerror_r(error, text, sizeof text));
}

}  // namespace dcmtk_native::network
