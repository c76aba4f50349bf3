#include "network/wrong_peer.hpp"

namespace dcmtk_native::network {

namespace {

[[nodiscard]] bool begins_with(std::string_view bytes, std::string_view word) {
    return bytes.substr(0, word.size()) == word;
}

}  // namespace

std::string_view what_speaks(std::string_view bytes) {
    if (begins_with(bytes, "\x15\x03")) return "it expects TLS";
    if (begins_with(bytes, "\x16\x03")) return "it speaks TLS";
    if (begins_with(bytes, "HTTP/")) return "it speaks HTTP";
    if (begins_with(bytes, "SSH-")) return "it speaks SSH";
    if (begins_with(bytes, "GET ") || begins_with(bytes, "POST") || begins_with(bytes, "HEAD"))
        return "it speaks HTTP";
    return {};
}

}  // namespace dcmtk_native::network
