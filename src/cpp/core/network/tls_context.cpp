#include "network/tls_context.hpp"

#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>

#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;

using BioPointer = std::unique_ptr<BIO, decltype(&::BIO_free)>;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;
using CertificatePointer = std::unique_ptr<X509, decltype(&::X509_free)>;
using CrlPointer = std::unique_ptr<X509_CRL, decltype(&::X509_CRL_free)>;

constexpr const char* weakest_dh = "Diffie-Hellman parameters of less than 2048 bits";

struct Profile {
    const char* ciphers;  // OpenSSL's names
    int lowest;
    int highest;
    // OpenSSL's: 2 refuses keys of less than 112 bits' strength and SHA-1; TLS 1.1 and what does not
    // encrypt need 0.
    int security_level;
};

// The suites and versions that DCMTK 3.6.7 has for them; 3DES only where the library still has it.
[[nodiscard]] Profile profile_of(TlsProfile profile) {
    constexpr const char* forward_secret =
        "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:"
        "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384";
    switch (profile) {
    case TlsProfile::bcp195_nd: return {forward_secret, TLS1_2_VERSION, TLS1_3_VERSION, 2};
    case TlsProfile::bcp195:
        return {"ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:"
                "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384:AES128-SHA:DES-CBC3-SHA",
                TLS1_VERSION, TLS1_3_VERSION, 0};
    case TlsProfile::bcp195_ex:
        return {"ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:"
                "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384:"
                "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
                TLS1_2_VERSION, TLS1_2_VERSION, 2};
    case TlsProfile::aes: return {"AES128-SHA:DES-CBC3-SHA", TLS1_VERSION, TLS1_2_VERSION, 0};
    case TlsProfile::null: break;
    }
    return {"NULL-SHA", TLS1_VERSION, TLS1_2_VERSION, 0};
}

[[noreturn]] void refuse(const std::string& what) { runtime::raise(ErrorKind::options, "tls: " + what); }

/// With what OpenSSL says about it.
[[noreturn]] void refuse_for_reason(const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    refuse(reason == nullptr ? what : what + ": " + reason);
}

[[nodiscard]] BioPointer reader_of(const TlsFile& file) {
    BioPointer bio(BIO_new_mem_buf(file.content.data(), static_cast<int>(file.content.size())), &BIO_free);
    if (!bio) throw std::bad_alloc();
    return bio;
}

/// Answers OpenSSL's question for a password; without this answer it would ask on the terminal.
class Password {
  public:
    explicit Password(const std::optional<std::string>& password) : password_(password) {}

    [[nodiscard]] bool was_needed() const noexcept { return was_needed_; }
    [[nodiscard]] static int answer(char* out, int size, int, void* self) {
        auto* asked = static_cast<Password*>(self);
        asked->was_needed_ = true;
        if (!asked->password_ || asked->password_->size() > static_cast<std::size_t>(size)) return -1;
        std::memcpy(out, asked->password_->data(), asked->password_->size());
        return static_cast<int>(asked->password_->size());
    }

  private:
    const std::optional<std::string>& password_;
    bool was_needed_ = false;
};

[[nodiscard]] int no_password(char*, int, int, void*) { return -1; }

[[nodiscard]] KeyPointer read_key(const TlsFile& file, const TlsOptions& options) {
    Password password(options.password);
    KeyPointer key(nullptr, &EVP_PKEY_free);
    if (options.is_der) {
        key.reset(d2i_PrivateKey_bio(reader_of(file).get(), nullptr));
        if (!key)
            key.reset(d2i_PKCS8PrivateKey_bio(reader_of(file).get(), nullptr, &Password::answer, &password));
    } else {
        key.reset(PEM_read_bio_PrivateKey(reader_of(file).get(), nullptr, &Password::answer, &password));
    }
    if (!key && password.was_needed()) {
        ERR_clear_error();
        refuse("private key " + file.name +
               (options.password ? ": the password is wrong" : ": it is encrypted, a password is needed"));
    }
    if (!key) refuse_for_reason("private key " + file.name + " cannot be read");
    ERR_clear_error();
    return key;
}

/// Each object of a file with `take`; at least one.
template <typename Read, typename Take>
void read_all(const TlsFile& file, const char* what, bool is_der, Read&& read, Take&& take) {
    const BioPointer bio = reader_of(file);
    std::size_t count = 0;
    while (auto one = read(bio.get())) {
        take(one.get());
        ++count;
        if (is_der) break;
    }
    // The end of a PEM file is an error, too: there is no further object.
    const unsigned long error = ERR_peek_last_error();
    const bool is_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (count == 0 || (!is_der && error != 0 && !is_end))
        refuse_for_reason(std::string(what) + " " + file.name + " cannot be read");
    ERR_clear_error();
}

template <typename Take>
void read_certificates(const TlsFile& file, const char* what, bool is_der, Take&& take) {
    const auto read = [is_der](BIO* bio) {
        return CertificatePointer(
            is_der ? d2i_X509_bio(bio, nullptr) : PEM_read_bio_X509(bio, nullptr, &no_password, nullptr),
            &X509_free);
    };
    read_all(file, what, is_der, read, take);
}

void show_certificate(SSL_CTX* context, const TlsOptions& options) {
    bool is_first = true;
    read_certificates(*options.certificate, "certificate", options.is_der, [&](X509* certificate) {
        const bool was_first = std::exchange(is_first, false);
        const bool is_taken = was_first ? SSL_CTX_use_certificate(context, certificate) == 1
                                        : SSL_CTX_add1_chain_cert(context, certificate) == 1;
        if (!is_taken) refuse_for_reason("certificate " + options.certificate->name + " cannot be used");
    });
    const KeyPointer key = read_key(*options.private_key, options);
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        ERR_clear_error();
        refuse("private key " + options.private_key->name + " does not belong to certificate " +
               options.certificate->name);
    }
}

void trust_directories(X509_STORE* store, const TlsOptions& options) {
    if (options.ca_dirs.empty()) return;
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    const int type = options.is_der ? X509_FILETYPE_ASN1 : X509_FILETYPE_PEM;
    for (const std::string& folder : options.ca_dirs)
        if (lookup == nullptr || X509_LOOKUP_add_dir(lookup, folder.c_str(), type) != 1)
            refuse_for_reason("folder of certificates " + folder + " cannot be used");
}

void trust(SSL_CTX* context, const TlsOptions& options) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    for (const TlsFile& file : options.ca_files)
        read_certificates(file, "CA certificate", options.is_der, [&](X509* certificate) {
            if (X509_STORE_add_cert(store, certificate) != 1)
                refuse_for_reason("CA certificate " + file.name + " cannot be used");
            // Told to clients: which certificates are of use here.
            if (options.role == TlsRole::server) SSL_CTX_add_client_CA(context, certificate);
        });
    trust_directories(store, options);
    if (!options.ca_files.empty() || !options.ca_dirs.empty() || options.peer_auth == PeerAuth::ignore)
        return;
    // A client falls back to whom the system trusts. A server must not: anybody can buy a certificate.
    if (options.role == TlsRole::server)
        refuse("a server that looks at certificates needs those of the CAs that it trusts");
    if (SSL_CTX_set_default_verify_paths(context) != 1) refuse_for_reason("the system's CA certificates");
    ERR_clear_error();
}

void check_revocation(SSL_CTX* context, const TlsOptions& options) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    const auto read = [&options](BIO* bio) {
        return CrlPointer(options.is_der ? d2i_X509_CRL_bio(bio, nullptr)
                                         : PEM_read_bio_X509_CRL(bio, nullptr, &no_password, nullptr),
                          &X509_CRL_free);
    };
    for (const TlsFile& file : options.crl_files)
        read_all(file, "revocation list", options.is_der, read, [&](X509_CRL* crl) {
            if (X509_STORE_add_crl(store, crl) != 1)
                refuse_for_reason("revocation list " + file.name + " cannot be used");
        });
    // A certificate that is given is trusted, whether or not its own issuer is (PS3.15 leaves it open).
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (options.crl_check != CrlCheck::off) flags |= X509_V_FLAG_CRL_CHECK;
    if (options.crl_check == CrlCheck::chain) flags |= X509_V_FLAG_CRL_CHECK_ALL;
    X509_STORE_set_flags(store, flags);
}

[[nodiscard]] int verify_mode(const TlsOptions& options) {
    switch (options.peer_auth) {
    case PeerAuth::require: return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    case PeerAuth::verify: return SSL_VERIFY_PEER;
    case PeerAuth::ignore: break;
    }
    return SSL_VERIFY_NONE;
}

/// OpenSSL's name of a suite that the standard names, if the profile may have it.
[[nodiscard]] std::string added_cipher(SSL_CTX* context, const std::string& name, TlsProfile profile) {
    if (profile == TlsProfile::bcp195_ex) refuse("profile bcp195-ex takes no further ciphers: " + name);
    const char* known = OPENSSL_cipher_name(name.c_str());
    const std::string found = std::strcmp(known, "(NONE)") == 0 ? name : known;
    if (SSL_CTX_set_cipher_list(context, found.c_str()) != 1) {
        ERR_clear_error();
        refuse("unknown cipher " + name);
    }
    STACK_OF(SSL_CIPHER)* all = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(all, i);
        if (found != SSL_CIPHER_get_name(cipher)) continue;
        if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null)
            refuse("cipher " + name + " does not authenticate the peer");
        if (SSL_CIPHER_get_cipher_nid(cipher) == NID_undef && profile != TlsProfile::null)
            refuse("cipher " + name + " does not encrypt: only profile null may have it");
        return found;
    }
    // Words of OpenSSL's that stand for several ("ALL") are not in its list.
    refuse("unknown cipher " + name);
}

void set_ciphers(SSL_CTX* context, const TlsOptions& options) {
    const Profile profile = profile_of(options.profile);
    SSL_CTX_set_security_level(context, profile.security_level);
    std::string ciphers = profile.ciphers;
    for (const std::string& name : options.ciphers)
        ciphers += ":" + added_cipher(context, name, options.profile);
    const bool is_set = SSL_CTX_set_cipher_list(context, ciphers.c_str()) == 1 &&
                        SSL_CTX_set_min_proto_version(context, profile.lowest) == 1 &&
                        SSL_CTX_set_max_proto_version(context, profile.highest) == 1 &&
                        // SHA-256 or better, as BCP 195 wants clients to ask for it.
                        SSL_CTX_set1_sigalgs_list(
                            context, "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:ECDSA+SHA256:"
                                     "ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA+SHA256:RSA+SHA384:RSA+SHA512") == 1;
    if (!is_set) refuse_for_reason("the profile is not in this build of OpenSSL");
}

void set_dh_params(SSL_CTX* context, const TlsOptions& options) {
    if (!options.dh_params) {
        SSL_CTX_set_dh_auto(context, 1);
        return;
    }
    const std::string& name = options.dh_params->name;
    KeyPointer params(PEM_read_bio_Parameters(reader_of(*options.dh_params).get(), nullptr), &EVP_PKEY_free);
    if (!params || EVP_PKEY_is_a(params.get(), "DH") != 1)
        refuse_for_reason("Diffie-Hellman parameters " + name + " cannot be read");
    if (EVP_PKEY_get_bits(params.get()) < 2048) refuse(name + ": " + weakest_dh);
    if (SSL_CTX_set0_tmp_dh_pkey(context, params.get()) != 1)
        refuse_for_reason("Diffie-Hellman parameters " + name + " cannot be used");
    static_cast<void>(params.release());
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options)
    : context_(SSL_CTX_new(options.role == TlsRole::client ? TLS_client_method() : TLS_server_method()),
               &SSL_CTX_free),
      role_(options.role),
      server_name_(options.server_name),
      verifies_host_(options.verify_host && options.role == TlsRole::client &&
                     options.peer_auth != PeerAuth::ignore),
      has_certificate_(options.certificate.has_value()) {
    if (!context_) throw std::bad_alloc();
    SSL_CTX* context = context_.get();
    ERR_clear_error();
    // Messages have their own lengths: what a close without a word cuts off is noticed.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_passwd_cb(context, &no_password);
    SSL_CTX_set_verify(context, verify_mode(options), nullptr);
    set_ciphers(context, options);
    if (options.certificate && options.private_key) show_certificate(context, options);
    if (options.role == TlsRole::server) {
        if (!options.certificate) refuse("a server needs a private key and a certificate");
        set_dh_params(context, options);
    }
    trust(context, options);
    check_revocation(context, options);
}

std::vector<std::string> known_ciphers() {
    const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(SSL_CTX_new(TLS_method()),
                                                                      &SSL_CTX_free);
    // All that encrypt and all that do not; those of TLS 1.3 are always there, and nobody names them.
    if (!context || SSL_CTX_set_ciphersuites(context.get(), "") != 1 ||
        SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:!aNULL:@STRENGTH") != 1)
        throw std::bad_alloc();
    STACK_OF(SSL_CIPHER)* all = SSL_CTX_get_ciphers(context.get());
    std::vector<std::string> names;
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i)
        names.emplace_back(SSL_CIPHER_standard_name(sk_SSL_CIPHER_value(all, i)));
    return names;
}

std::string TlsContext::name_of(const std::string& host) const {
    std::string name = server_name_.empty() ? host : server_name_;
    // Neither the interface of a link-local address nor the dot of the root is in a certificate.
    name.erase(std::min(name.find('%'), name.size()));
    if (!name.empty() && name.back() == '.') name.pop_back();
    return name;
}

}  // namespace dcmtk_native::network
