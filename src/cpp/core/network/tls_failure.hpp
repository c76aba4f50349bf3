// What went wrong with TLS, in words that tell what to do about it.
#pragma once

#include <string>

namespace dcmtk_native::network {

struct TlsCircumstances {
    long verification;   // OpenSSL's result
    std::string name;    // what the peer's certificate had to be for
    std::string shown;   // whose certificate it has shown, if that was refused
    bool is_asked;       // the peer has asked for a certificate, and there is none
};

/// Of OpenSSL's error queue, which is emptied.
[[nodiscard]] std::string describe_tls_failure(const TlsCircumstances& circumstances);

}  // namespace dcmtk_native::network
