// The bytes of one connection: abortable from another thread, timed to the millisecond, counted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/uio.h>

#include "runtime/call_scope.hpp"
#include "runtime/files.hpp"
#include "runtime/wait.hpp"

namespace dcmtk_native::network {

class Transport {
  public:
    virtual ~Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    /// What has to be done before the first byte: the handshake of TLS. Throws as `read` does.
    virtual void open(runtime::Deadline) {}
    /// Bytes that have come, at least one; 0: the peer has closed. Throws Error: association (the
    /// connection is broken, `deadline` has passed), aborted or timed out (the call).
    [[nodiscard]] std::size_t read(void* out, std::size_t size, runtime::Deadline deadline);
    /// All of the parts. They are used up: their lengths change.
    void write(iovec* parts, std::size_t count, runtime::Deadline deadline);
    void write(std::string_view bytes, runtime::Deadline deadline);
    /// What can be had of them at once: for a last word to the peer, which must never wait.
    void write_if_possible(std::string_view bytes) noexcept;
    /// What has come, without waiting for more; 0: nothing, or the connection is gone.
    [[nodiscard]] std::size_t read_if_possible(void* out, std::size_t size) noexcept;
    /// True if there is something to read, or the connection has ended.
    [[nodiscard]] virtual bool has_input();
    /// Until there is, or the deadline has passed, which is no error.
    [[nodiscard]] bool wait_for_input(runtime::Deadline deadline);

    /// No single wait for the socket takes longer; without it the deadlines alone decide.
    void set_longest_wait(std::chrono::milliseconds time) noexcept { longest_wait_ = time; }
    /// Makes waits of whatever thread end with an Error. From any thread.
    void stop() noexcept { stop_.cancel(); }
    [[nodiscard]] bool is_stopped() const noexcept { return stop_.cancelled(); }
    /// Tells the peer that nothing more comes; what it has sent meanwhile is discarded.
    void finish() noexcept;
    virtual void close() noexcept;
    [[nodiscard]] virtual bool is_secure() const noexcept { return false; }
    /// Of the peer's certificate, once the handshake is done: RFC 2253 ("CN=ct1,O=Hospital"); empty:
    /// it has shown none.
    [[nodiscard]] virtual std::string certificate_subject() const { return {}; }

    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return read_; }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return written_; }
    [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
    /// "host:port" of the other side: for messages.
    [[nodiscard]] const std::string& peer() const noexcept { return peer_; }

  protected:
    /// What a step came to: a number of bytes, or what to wait for (poll's events) before the next.
    struct Step {
        std::size_t bytes = 0;
        short wait_for = 0;
    };

    Transport(runtime::FileDescriptor socket, std::string peer);

    /// Never block. Throw Error (association) when the connection is broken; read: 0 bytes at its end.
    [[nodiscard]] virtual Step read_step(void* out, std::size_t size) = 0;
    [[nodiscard]] virtual Step write_step(const iovec* parts, std::size_t count) = 0;

    /// Until the socket is ready; throws at the deadline.
    void wait(short events, runtime::Deadline deadline);
    /// With the text of this errno, and what may be behind it.
    [[noreturn]] void raise_broken(int number, const char* hint = "") const;

  private:
    /// Throws when time is up, or somebody has stopped it: a connection that is always ready is
    /// never waited for.
    void check_time(runtime::Deadline deadline);
    [[noreturn]] void raise_stopped() const;
    /// A step that had nothing to read, once more. One that still has not says so.
    [[nodiscard]] Step look_again(void* out, std::size_t size);

    runtime::FileDescriptor socket_;
    std::string peer_;
    runtime::CancelToken stop_;
    std::optional<std::chrono::milliseconds> longest_wait_;
    unsigned looks_in_vain_ = 0;   // one after the other
    unsigned reads_to_sleep_ = 0;  // that do not look
    // Asked from other threads, too.
    std::atomic<std::uint64_t> read_{0};
    std::atomic<std::uint64_t> written_{0};
};

/// Throws away what has come without being read: the system resets a connection that is closed with
/// some of it left, and the peer may lose our last word.
void discard_input(int socket) noexcept;

/// A connected socket as it is; takes it over, sets it up (non-blocking, no delays).
[[nodiscard]] std::unique_ptr<Transport> plain_transport(runtime::FileDescriptor socket,
                                                         std::string peer);

}  // namespace dcmtk_native::network
