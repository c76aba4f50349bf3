// A listening socket: IPv4, IPv6 or both, a port of the system's choice, one inherited from another
// process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/files.hpp"

namespace dcmtk_native::network {

struct ListenOptions {
    std::string address;  // empty: every one
    std::uint16_t port = 0;
    bool reuse_port = false;  // several processes on one port
    std::optional<int> inherited;  // a socket that listens already; the rest is of no meaning then
};

/// Who has connected.
struct Caller {
    runtime::FileDescriptor socket;
    std::string address;
    std::uint16_t port = 0;
};

class Listener {
  public:
    /// Throws Error: association ("Cannot listen on port ...").
    explicit Listener(const ListenOptions& options);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Readable when there is a caller.
    [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
    /// The next caller; nothing, if there is none or it is gone again.
    [[nodiscard]] std::optional<Caller> accept();
    void close() noexcept { socket_.close(); }

  private:
    runtime::FileDescriptor socket_;
    std::uint16_t port_ = 0;
};

}  // namespace dcmtk_native::network
