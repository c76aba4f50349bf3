// TLS on a connected socket.
#pragma once

#include <memory>
#include <string>

#include "network/tls_context.hpp"
#include "network/transport.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::network {

/// In the role of the context; takes the socket over. A client asks for `host` and holds the
/// certificate against it. Its `open` throws Error (association) that tells what was wrong:
/// certificate, name, ciphers, a peer that does not speak TLS.
[[nodiscard]] std::unique_ptr<Transport> tls_transport(runtime::FileDescriptor socket, std::string peer,
                                                       std::shared_ptr<const TlsContext> context,
                                                       const std::string& host);

}  // namespace dcmtk_native::network
