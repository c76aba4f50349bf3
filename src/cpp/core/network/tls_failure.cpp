#include "network/tls_failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace dcmtk_native::network {

namespace {

[[nodiscard]] std::string describe_verification(const TlsCircumstances& circumstances) {
    const std::string text = X509_verify_cert_error_string(circumstances.verification);
    const std::string whose = circumstances.shown.empty() ? "" : " (" + circumstances.shown + ")";
    switch (circumstances.verification) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "host name mismatch: the peer's certificate" + whose + " is not for " + circumstances.name;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "the peer's certificate" + whose + " is of an unknown CA: " + text;
    default: return "the peer's certificate" + whose + " is not accepted: " + text;
    }
}

/// Of an alert that the peer has sent (RFC 8446 section 6).
[[nodiscard]] std::string describe_alert(int alert, const TlsCircumstances& circumstances) {
    switch (alert) {
    case SSL_AD_HANDSHAKE_FAILURE:
        // Before TLS 1.3 there is no alert that tells the two apart.
        if (circumstances.is_asked) return "the peer wants a certificate of this side";
        return "no common cipher: the peer refused the handshake";
    case SSL_AD_INSUFFICIENT_SECURITY: return "no common cipher: the peer wants stronger ones";
    case SSL_AD_PROTOCOL_VERSION: return "no common TLS version";
    case SSL_AD_CERTIFICATE_REQUIRED: return "the peer wants a certificate of this side";
    case SSL_AD_UNRECOGNIZED_NAME: return "the peer does not know the name " + circumstances.name;
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
        if (circumstances.is_asked) return "the peer wants a certificate of this side";
        return std::string("the peer does not accept the certificate of this side: ") +
               SSL_alert_desc_string_long(alert);
    default: return std::string("the peer refused TLS: ") + SSL_alert_desc_string_long(alert);
    }
}

}  // namespace

std::string describe_tls_failure(const TlsCircumstances& circumstances) {
    const unsigned long error = ERR_get_error();
    ERR_clear_error();
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET)
        return describe_alert(reason - SSL_AD_REASON_OFFSET, circumstances);
    switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return describe_verification(circumstances);
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION: return "no common TLS version";
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_UNKNOWN_CIPHER_RETURNED: return "no common cipher";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return "the peer has no certificate";
    default: break;
    }
    const char* text = ERR_reason_error_string(error);
    return std::string("TLS failed: ") + (text == nullptr ? "no reason given" : text);
}

}  // namespace dcmtk_native::network
