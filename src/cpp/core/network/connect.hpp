// From a host's name to a connected socket, abortably.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/files.hpp"
#include "runtime/wait.hpp"

namespace dcmtk_native::network {

struct Endpoint {
    std::string host;  // a name, or an IPv4 or IPv6 address
    std::uint16_t port = 0;

    /// "host:port", "[address]:port" for IPv6.
    [[nodiscard]] std::string text() const;
};

/// A TCP connection; the addresses of a name are tried one after the other. Throws Error:
/// association (unknown, refused, unreachable, not within `deadline`), aborted, timed out.
[[nodiscard]] runtime::FileDescriptor connect_to(const Endpoint& endpoint, runtime::Deadline deadline);

}  // namespace dcmtk_native::network
