#include "network/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;
using runtime::FileDescriptor;

// The system has its own limit; who finds the queue full tries again no sooner than after a second.
constexpr int backlog = 4096;
constexpr auto pause_without_descriptors = std::chrono::milliseconds(10);

[[noreturn]] void raise_cannot_listen(const ListenOptions& options, const std::string& why) {
    const std::string where = options.address.empty() ? "" : " of " + options.address;
    runtime::raise(ErrorKind::association,
                   "Cannot listen on port " + std::to_string(options.port) + where + ": " + why);
}

[[nodiscard]] std::string text_of(int number) {
    char text[256] = "";
    return strerror_r(number, text, sizeof text);
}

void switch_option(int socket, int level, int option, int value) {
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

/// Empty: could not, errno says why.
[[nodiscard]] FileDescriptor bound(int family, const sockaddr* address, socklen_t length, bool reuse_port) {
    FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.is_open()) return socket;
    switch_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (reuse_port) switch_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (family == AF_INET6) switch_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(socket.get(), address, length) != 0 || ::listen(socket.get(), backlog) != 0) {
        const int number = errno;
        socket.close();
        errno = number;
    }
    return socket;
}

[[nodiscard]] FileDescriptor on_every_address(const ListenOptions& options) {
    sockaddr_in6 both{};
    both.sin6_family = AF_INET6;
    both.sin6_port = htons(options.port);
    FileDescriptor socket =
        bound(AF_INET6, reinterpret_cast<const sockaddr*>(&both), sizeof both, options.reuse_port);
    if (socket.is_open() || errno == EADDRINUSE || errno == EACCES) return socket;
    // A system without IPv6.
    sockaddr_in only{};
    only.sin_family = AF_INET;
    only.sin_port = htons(options.port);
    return bound(AF_INET, reinterpret_cast<const sockaddr*>(&only), sizeof only, options.reuse_port);
}

[[nodiscard]] FileDescriptor on_address(const ListenOptions& options) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error =
        ::getaddrinfo(options.address.c_str(), std::to_string(options.port).c_str(), &hints, &found);
    if (error != 0) raise_cannot_listen(options, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    return bound(found->ai_family, found->ai_addr, found->ai_addrlen, options.reuse_port);
}

[[nodiscard]] bool is_listening(int socket) {
    int says = 0;
    socklen_t length = sizeof says;
    return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &says, &length) == 0 && says != 0;
}

[[nodiscard]] std::uint16_t port_of(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

/// Without the prefix that IPv4 has on a socket for both.
[[nodiscard]] std::string address_text(const sockaddr_storage& address, socklen_t length) {
    char host[NI_MAXHOST] = "";
    if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, nullptr, 0,
                      NI_NUMERICHOST) != 0)
        return "unknown";
    constexpr std::string_view mapped = "::ffff:";
    const std::string_view text(host);
    return std::string(text.substr(0, mapped.size()) == mapped ? text.substr(mapped.size()) : text);
}

}  // namespace

Listener::Listener(const ListenOptions& options) {
    if (options.inherited) {
        socket_ = FileDescriptor(::fcntl(*options.inherited, F_DUPFD_CLOEXEC, 0));
        if (socket_.is_open())
            static_cast<void>(::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) | O_NONBLOCK));
    } else {
        socket_ = options.address.empty() ? on_every_address(options) : on_address(options);
    }
    if (!socket_.is_open()) raise_cannot_listen(options, text_of(errno));
    if (!is_listening(socket_.get())) raise_cannot_listen(options, "the socket that was given does not listen");
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &length) == 0) port_ = port_of(own);
}

std::optional<Caller> Listener::accept() {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    FileDescriptor socket(::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length,
                                    SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.is_open()) {
        // The caller keeps waiting when there is no descriptor for it: do not ask again at once.
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            std::this_thread::sleep_for(pause_without_descriptors);
        return std::nullopt;
    }
    return Caller{std::move(socket), address_text(address, length), port_of(address)};
}

}  // namespace dcmtk_native::network
