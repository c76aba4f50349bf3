#include "network/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "network/tls_failure.hpp"
#include "network/tls_socket.hpp"
#include "network/wrong_peer.hpp"
#include "runtime/error.hpp"
#include "runtime/printable.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::Deadline;
using runtime::ErrorKind;

constexpr std::size_t record_length = SSL3_RT_MAX_PLAIN_LENGTH;

/// Whether a record of TLS may begin like this (RFC 8446 section 5.1).
[[nodiscard]] bool is_tls(std::string_view beginning) {
    constexpr unsigned char first_type = 0x14;
    constexpr unsigned char last_type = 0x17;
    if (beginning.empty()) return true;
    const auto type = static_cast<unsigned char>(beginning[0]);
    return type >= first_type && type <= last_type && (beginning.size() < 2 || beginning[1] == 3);
}

class TlsTransport final : public Transport {
  public:
    TlsTransport(runtime::FileDescriptor socket, std::string peer,
                 std::shared_ptr<const TlsContext> context, const std::string& host)
        : Transport(std::move(socket), std::move(peer)),
          context_(std::move(context)),
          name_(context_->name_of(host)),
          socket_(descriptor()),
          ssl_(SSL_new(context_->get()), &SSL_free) {
        if (!ssl_) throw std::bad_alloc();
        auto bio = socket_.bio();
        // One reference for both directions.
        SSL_set_bio(ssl_.get(), bio.get(), bio.get());
        static_cast<void>(bio.release());
        SSL_set_app_data(ssl_.get(), this);
        SSL_set_cert_cb(ssl_.get(), &TlsTransport::asked_for_certificate, this);
        SSL_set_verify(ssl_.get(), SSL_get_verify_mode(ssl_.get()), &TlsTransport::verified);
        if (context_->role() == TlsRole::server) {
            SSL_set_accept_state(ssl_.get());
        } else {
            SSL_set_connect_state(ssl_.get());
            expect_name();
        }
    }

    void open(Deadline deadline) override {
        for (;;) {
            ERR_clear_error();
            const int done = SSL_do_handshake(ssl_.get());
            if (done == 1) return;
            const short events = events_after(done);
            if (events == 0) raise_failure("TLS handshake: ");
            wait(events, deadline);
        }
    }

    [[nodiscard]] bool has_input() override {
        if (!is_usable_) return true;
        ERR_clear_error();
        char byte = 0;
        std::size_t got = 0;
        const int done = SSL_peek_ex(ssl_.get(), &byte, 1, &got);
        // Records without data may come, too; whatever else is the connection's end.
        return done == 1 || events_after(done) == 0;
    }

    [[nodiscard]] bool is_secure() const noexcept override { return true; }

    [[nodiscard]] std::string certificate_subject() const override {
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            SSL_get1_peer_certificate(ssl_.get()), &X509_free);
        const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
        if (!certificate || !text) return {};
        if (X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253) < 0)
            return {};
        char* bytes = nullptr;
        const long length = BIO_get_mem_data(text.get(), &bytes);
        return {bytes, static_cast<std::size_t>(length)};
    }

    void close() noexcept override {
        // After a fatal error there is nothing to be said; otherwise it never waits.
        if (descriptor() >= 0 && is_usable_) {
            ERR_clear_error();
            static_cast<void>(SSL_shutdown(ssl_.get()));
            ERR_clear_error();
        }
        is_usable_ = false;
        Transport::close();
    }

  private:
    [[nodiscard]] static int asked_for_certificate(SSL*, void* self) {
        auto* transport = static_cast<TlsTransport*>(self);
        transport->is_asked_ = !transport->context_->has_certificate();
        return 1;
    }

    /// Changes nothing, but keeps in mind whose certificate was refused.
    [[nodiscard]] static int verified(int is_good, X509_STORE_CTX* store) {
        const auto* ssl = static_cast<SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        if (is_good == 0)
            if (X509* certificate = X509_STORE_CTX_get0_cert(store)) {
                char subject[256] = "";
                X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
                static_cast<TlsTransport*>(SSL_get_app_data(ssl))->shown_ = runtime::printable(subject);
            }
        return is_good;
    }

    /// The name that is asked for, and the one that the certificate must be for.
    void expect_name() {
        X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        ASN1_OCTET_STRING* address = a2i_IPADDRESS(name_.c_str());
        ERR_clear_error();
        bool is_set = true;
        if (address != nullptr) {
            ASN1_OCTET_STRING_free(address);
            if (context_->verifies_host()) is_set = X509_VERIFY_PARAM_set1_ip_asc(parameters, name_.c_str()) == 1;
        } else {
            is_set = SSL_set_tlsext_host_name(ssl_.get(), name_.c_str()) == 1;
            if (context_->verifies_host())
                is_set = is_set && X509_VERIFY_PARAM_set1_host(parameters, name_.c_str(), name_.size()) == 1;
        }
        if (!is_set) runtime::raise(ErrorKind::options, "tls: no certificate can be for the name " + name_);
    }

    /// What to wait for after a call that did not succeed; 0: nothing, it has failed.
    [[nodiscard]] short events_after(int done) const {
        switch (SSL_get_error(ssl_.get(), done)) {
        case SSL_ERROR_WANT_READ: return POLLIN;
        case SSL_ERROR_WANT_WRITE: return POLLOUT;
        default: return 0;
        }
    }

    [[noreturn]] void raise_failure(const char* doing) {
        is_usable_ = false;
        if (!is_tls(socket_.beginning())) {
            const std::string_view other = what_speaks(socket_.beginning());
            ERR_clear_error();
            runtime::raise(ErrorKind::association,
                           peer() + ": the peer does not speak TLS" +
                               (other.empty() ? std::string() : ": " + std::string(other)));
        }
        if (ERR_peek_error() != 0)
            runtime::raise(ErrorKind::association,
                           peer() + ": " + describe_tls_failure({SSL_get_verify_result(ssl_.get()), name_,
                                                                 shown_, is_asked_}));
        const char* hint = socket_.beginning().empty() ? " (it may not speak TLS)" : "";
        if (socket_.error() != 0) raise_broken(socket_.error(), hint);
        runtime::raise(ErrorKind::association, peer() + ": " + doing + "the peer closed the connection" + hint);
    }

    [[nodiscard]] Step read_step(void* out, std::size_t size) override {
        ERR_clear_error();
        std::size_t got = 0;
        const int done = SSL_read_ex(ssl_.get(), out, size, &got);
        if (done == 1) return {got, 0};
        if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_ZERO_RETURN) return {0, 0};
        const short events = events_after(done);
        if (events == 0) raise_failure("");
        return {0, events};
    }

    [[nodiscard]] Step write_step(const iovec* parts, std::size_t count) override {
        const std::string_view bytes = gather(parts, count);
        ERR_clear_error();
        std::size_t sent = 0;
        // After a wait it has to be the same bytes again: they are, the parts have not changed.
        const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
        if (done == 1) return {sent, 0};
        const short events = events_after(done);
        if (events == 0) raise_why_unsent();
        return {0, events};
    }

    /// A record's worth of the parts in one piece: a header in a record of its own would cost as
    /// much as 16 KiB behind it.
    [[nodiscard]] std::string_view gather(const iovec* parts, std::size_t count) {
        if (count == 1 || parts[0].iov_len >= record_length)
            return {static_cast<const char*>(parts[0].iov_base), std::min(parts[0].iov_len, record_length)};
        std::size_t size = 0;
        for (std::size_t i = 0; i < count && size < record_length; ++i) {
            const std::size_t taken = std::min(parts[i].iov_len, record_length - size);
            std::memcpy(record_.data() + size, parts[i].iov_base, taken);
            size += taken;
        }
        return {record_.data(), size};
    }

    /// A peer that refuses in its last flight of the handshake closes the connection while we write:
    /// its alert is there to be read.
    [[noreturn]] void raise_why_unsent() {
        if (ERR_peek_error() == 0 && socket_.error() != 0) {
            char byte = 0;
            std::size_t got = 0;
            static_cast<void>(SSL_peek_ex(ssl_.get(), &byte, 1, &got));
        }
        raise_failure("");
    }

    std::shared_ptr<const TlsContext> context_;
    std::string name_;
    TlsSocket socket_;
    std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_;
    std::array<char, record_length> record_{};
    std::string shown_;
    bool is_asked_ = false;
    bool is_usable_ = true;
};

}  // namespace

std::unique_ptr<Transport> tls_transport(runtime::FileDescriptor socket, std::string peer,
                                         std::shared_ptr<const TlsContext> context,
                                         const std::string& host) {
    return std::make_unique<TlsTransport>(std::move(socket), std::move(peer), std::move(context), host);
}

}  // namespace dcmtk_native::network
