#include "network/transport.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <climits>
#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::CallScope;
using runtime::ErrorKind;

// Of a read that looks by itself: what the system takes at most to wake a thread, about.
constexpr auto longest_look = std::chrono::microseconds(100);
constexpr unsigned most_looks_in_vain = 8;
constexpr unsigned reads_of_a_rest = 56;

void switch_on(int socket, int option) noexcept {
    const int on = 1;
    // Where it is no TCP socket there is nothing to switch.
    static_cast<void>(::setsockopt(socket, IPPROTO_TCP, option, &on, sizeof on));
}

/// Drops what was written from the front of the parts.
void use_up(iovec*& parts, std::size_t& count, std::size_t written) {
    while (count != 0 && written >= parts->iov_len) {
        written -= parts->iov_len;
        ++parts;
        --count;
    }
    if (count == 0) return;
    parts->iov_base = static_cast<char*>(parts->iov_base) + written;
    parts->iov_len -= written;
}

class PlainTransport final : public Transport {
  public:
    PlainTransport(runtime::FileDescriptor socket, std::string peer)
        : Transport(std::move(socket), std::move(peer)) {}

  private:
    [[nodiscard]] Step read_step(void* out, std::size_t size) override {
        const ssize_t got = ::recv(descriptor(), out, size, 0);
        if (got >= 0) return {static_cast<std::size_t>(got), 0};
        if (errno == EAGAIN || errno == EINTR) return {0, POLLIN};
        raise_broken(errno);
    }

    [[nodiscard]] Step write_step(const iovec* parts, std::size_t count) override {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts);
        message.msg_iovlen = std::min<std::size_t>(count, IOV_MAX);
        const ssize_t sent = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
        if (sent >= 0) return {static_cast<std::size_t>(sent), 0};
        if (errno == EAGAIN || errno == EINTR) return {0, POLLOUT};
        raise_broken(errno);
    }
};

}  // namespace

Transport::Transport(runtime::FileDescriptor socket, std::string peer)
    : socket_(std::move(socket)), peer_(std::move(peer)) {
    const int flags = ::fcntl(socket_.get(), F_GETFL);
    static_cast<void>(::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK));
    switch_on(socket_.get(), TCP_NODELAY);
    switch_on(socket_.get(), TCP_QUICKACK);
}

void Transport::wait(short events, runtime::Deadline deadline) {
    if (longest_wait_)
        deadline = std::min(deadline, CallScope::Clock::now() + *longest_wait_);
    if (!runtime::wait_for(socket_.get(), events, deadline, &stop_)) raise_stopped();
}

void Transport::check_time(runtime::Deadline deadline) {
    runtime::checkpoint_now();
    if (stop_.cancelled() || CallScope::Clock::now() >= deadline) raise_stopped();
}

void Transport::raise_stopped() const {
    if (stop_.cancelled())
        runtime::raise(ErrorKind::association, peer_ + ": the association was aborted on this side");
    runtime::raise(ErrorKind::association, peer_ + ": no answer in time");
}

void Transport::raise_broken(int number, const char* hint) const {
    char text[256] = "";
    runtime::Error error(ErrorKind::association,
                         peer_ + ": connection lost: " + strerror_r(number, text, sizeof text) + hint);
    error.system_errno = number;
    throw error;
}

/// The system takes longer to put a thread to sleep and to wake it than a peer nearby to answer: so
/// a read goes on looking by itself for a moment. After a few times in vain it leaves that be.
Transport::Step Transport::look_again(void* out, std::size_t size) {
    if (reads_to_sleep_ != 0) {
        --reads_to_sleep_;
        return {0, POLLIN};
    }
    const auto end = CallScope::Clock::now() + longest_look;
    Step step{0, POLLIN};
    while (step.wait_for == POLLIN && CallScope::Clock::now() < end) {
        ::sched_yield();  // whoever has work comes first, the peer itself perhaps
        step = read_step(out, size);
    }
    looks_in_vain_ = step.wait_for == POLLIN ? looks_in_vain_ + 1 : 0;
    if (looks_in_vain_ == most_looks_in_vain) {
        looks_in_vain_ = 0;
        reads_to_sleep_ = reads_of_a_rest;
    }
    return step;
}

std::size_t Transport::read(void* out, std::size_t size, runtime::Deadline deadline) {
    for (;;) {
        check_time(deadline);
        Step step = read_step(out, size);
        if (step.wait_for == POLLIN) step = look_again(out, size);
        if (step.wait_for != 0) {
            // A peer with Nagle's algorithm on sends the second half of each message only after we
            // have acknowledged the first; the system delays that at will. Where there is an answer
            // to give, nothing has to be waited for: it carries the acknowledgement.
            switch_on(socket_.get(), TCP_QUICKACK);
            wait(step.wait_for, deadline);
            continue;
        }
        read_ += step.bytes;
        return step.bytes;
    }
}

void Transport::write(iovec* parts, std::size_t count, runtime::Deadline deadline) {
    while (count != 0) {
        check_time(deadline);
        const Step step = write_step(parts, count);
        if (step.wait_for != 0) {
            wait(step.wait_for, deadline);
            continue;
        }
        written_ += step.bytes;
        use_up(parts, count, step.bytes);
    }
}

void Transport::write(std::string_view bytes, runtime::Deadline deadline) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    write(&part, 1, deadline);
}

void Transport::write_if_possible(std::string_view bytes) noexcept {
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    try {
        static_cast<void>(write_step(&part, 1));
    } catch (const runtime::Error&) {
        // Whoever is gone needs no last word.
    }
}

std::size_t Transport::read_if_possible(void* out, std::size_t size) noexcept {
    try {
        return read_step(out, size).bytes;
    } catch (const runtime::Error&) {
        return 0;
    }
}

bool Transport::has_input() {
    pollfd polled{socket_.get(), POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0;
}

void Transport::finish() noexcept {
    static_cast<void>(::shutdown(socket_.get(), SHUT_WR));
    discard_input(socket_.get());
}

bool Transport::wait_for_input(runtime::Deadline deadline) {
    // What TLS sends for itself makes the socket ready, too, and is nothing to read.
    while (!has_input())
        if (!runtime::wait_for(socket_.get(), POLLIN, deadline, &stop_)) {
            if (stop_.cancelled()) raise_stopped();
            return false;
        }
    return true;
}

void Transport::close() noexcept { socket_.close(); }

void discard_input(int socket) noexcept {
    char unread[4096];
    // Bounded: a peer that never stops talking is not waited for.
    for (int i = 0; i < 64 && ::recv(socket, unread, sizeof unread, MSG_DONTWAIT) > 0; ++i) {
    }
}

std::unique_ptr<Transport> plain_transport(runtime::FileDescriptor socket, std::string peer) {
    return std::make_unique<PlainTransport>(std::move(socket), std::move(peer));
}

}  // namespace dcmtk_native::network
