// A socket as OpenSSL reads and writes it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

struct bio_st;

namespace dcmtk_native::network {

/// OpenSSL's own BIO would raise SIGPIPE, and not tell what came of its system calls.
class TlsSocket {
  public:
    explicit TlsSocket(int descriptor) : descriptor_(descriptor) {}
    TlsSocket(const TlsSocket&) = delete;
    TlsSocket& operator=(const TlsSocket&) = delete;

    /// A BIO on this socket, which has to outlive it.
    [[nodiscard]] std::unique_ptr<bio_st, int (*)(bio_st*)> bio();

    /// What the last failing system call said; 0: none failed.
    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] bool is_at_end() const noexcept { return is_at_end_; }
    /// The first bytes that have come: TLS begins in a way of its own.
    [[nodiscard]] std::string_view beginning() const noexcept { return {beginning_.data(), seen_}; }

  private:
    struct Callbacks;

    [[nodiscard]] int read(bio_st* bio, char* out, int size);
    [[nodiscard]] int write(bio_st* bio, const char* bytes, int size);
    void keep_beginning(std::string_view bytes);

    int descriptor_;
    int error_ = 0;
    bool is_at_end_ = false;
    std::array<char, 8> beginning_{};
    std::size_t seen_ = 0;
};

}  // namespace dcmtk_native::network
