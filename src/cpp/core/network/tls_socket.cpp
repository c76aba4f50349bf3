#include "network/tls_socket.hpp"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace dcmtk_native::network {

/// OpenSSL's functions of a BIO, each on the socket that it belongs to.
struct TlsSocket::Callbacks {
    [[nodiscard]] static TlsSocket& of(BIO* bio) { return *static_cast<TlsSocket*>(BIO_get_data(bio)); }
    static int read(BIO* bio, char* out, int size) { return of(bio).read(bio, out, size); }
    static int write(BIO* bio, const char* bytes, int size) { return of(bio).write(bio, bytes, size); }
    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_FLUSH) return 1;
        return command == BIO_CTRL_EOF && of(bio).is_at_end() ? 1 : 0;
    }

    /// Made once and kept to the end: BIOs that are still there then need it.
    [[nodiscard]] static const BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dcmtk_native");
            if (method == nullptr) throw std::bad_alloc();
            BIO_meth_set_read(method, &read);
            BIO_meth_set_write(method, &write);
            BIO_meth_set_ctrl(method, &control);
            return method;
        }();
        return made;
    }
};

std::unique_ptr<BIO, int (*)(BIO*)> TlsSocket::bio() {
    std::unique_ptr<BIO, int (*)(BIO*)> made(BIO_new(Callbacks::method()), &BIO_free);
    if (!made) throw std::bad_alloc();
    BIO_set_data(made.get(), this);
    BIO_set_init(made.get(), 1);
    return made;
}

void TlsSocket::keep_beginning(std::string_view bytes) {
    const std::size_t kept = std::min(bytes.size(), beginning_.size() - seen_);
    std::copy_n(bytes.begin(), kept, beginning_.begin() + static_cast<std::ptrdiff_t>(seen_));
    seen_ += kept;
}

int TlsSocket::read(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(descriptor_, out, static_cast<std::size_t>(size), 0);
    if (got > 0) {
        keep_beginning({out, static_cast<std::size_t>(got)});
    } else if (got == 0) {
        is_at_end_ = true;
    } else if (errno == EAGAIN || errno == EINTR) {
        BIO_set_retry_read(bio);
    } else {
        error_ = errno;
    }
    return static_cast<int>(got);
}

int TlsSocket::write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(descriptor_, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno == EAGAIN || errno == EINTR) {
            BIO_set_retry_write(bio);
        } else {
            error_ = errno;
        }
    }
    return static_cast<int>(sent);
}

}  // namespace dcmtk_native::network
