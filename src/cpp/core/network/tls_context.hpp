// What a side of TLS has to show and whom it trusts: DICOM's secure transport profiles (PS3.15
// annex B) on OpenSSL. Made once, used by any number of connections on any threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace dcmtk_native::network {

enum class TlsRole : std::uint8_t { client, server };

/// Of what DCMTK's DcmTLSCiphersuiteHandler knows by these names.
enum class TlsProfile : std::uint8_t { bcp195_nd, bcp195, bcp195_ex, aes, null };

enum class PeerAuth : std::uint8_t { require, verify, ignore };

/// Revocation lists that must be there and silent: none, of the peer's certificate, of its chain.
enum class CrlCheck : std::uint8_t { off, leaf, chain };

/// The content of a file, and its name for messages.
struct TlsFile {
    std::string name;
    std::string content;
};

struct TlsOptions {
    TlsRole role;
    /// Both or neither.
    std::optional<TlsFile> private_key;
    std::optional<TlsFile> certificate;  // others of its chain may follow it
    std::optional<std::string> password;
    bool is_der;  // all files; otherwise PEM
    std::vector<TlsFile> ca_files;
    std::vector<std::string> ca_dirs;  // with names that are hashes
    std::vector<TlsFile> crl_files;
    CrlCheck crl_check;
    TlsProfile profile;
    std::vector<std::string> ciphers;  // besides those of the profile
    std::optional<TlsFile> dh_params;  // of a server, PEM
    PeerAuth peer_auth;
    /// What a server's certificate must be for; empty: the host that was asked for.
    std::string server_name;
    bool verify_host;
};

class TlsContext {
  public:
    /// Throws Error (options) for what is malformed, does not fit together, or is not in the profile.
    explicit TlsContext(const TlsOptions& options);

    [[nodiscard]] ssl_ctx_st* get() const noexcept { return context_.get(); }
    [[nodiscard]] TlsRole role() const noexcept { return role_; }
    /// The name that the certificate of this host has to have.
    [[nodiscard]] std::string name_of(const std::string& host) const;
    [[nodiscard]] bool verifies_host() const noexcept { return verifies_host_; }
    [[nodiscard]] bool has_certificate() const noexcept { return has_certificate_; }

  private:
    std::shared_ptr<ssl_ctx_st> context_;
    TlsRole role_;
    std::string server_name_;
    bool verifies_host_;
    bool has_certificate_;
};

/// The suites that `TlsOptions::ciphers` may name, by the names of the standard, the best first.
[[nodiscard]] std::vector<std::string> known_ciphers();

}  // namespace dcmtk_native::network
