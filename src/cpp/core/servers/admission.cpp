#include "servers/admission.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

/// 4 or 16 bytes; empty: no address.
[[nodiscard]] std::string address_bytes(const std::string& text) {
    std::string bytes(16, '\0');
    if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return bytes.substr(0, 4);
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
    return {};
}

[[nodiscard]] bool have_equal_start(const std::string& a, const std::string& b, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (a.compare(0, whole, b, 0, whole) != 0) return false;
    if (bits % 8 == 0) return true;
    const unsigned mask = 0xFFU << (8 - bits % 8) & 0xFFU;
    return (static_cast<unsigned char>(a[whole]) & mask) == (static_cast<unsigned char>(b[whole]) & mask);
}

[[nodiscard]] Right right_for(network::CommandField request) {
    using network::CommandField;
    switch (request) {
    case CommandField::c_echo_request: return Right::echo;
    case CommandField::c_store_request: return Right::store;
    case CommandField::c_find_request: return Right::find;
    case CommandField::c_move_request: return Right::move;
    case CommandField::c_get_request: return Right::get;
    default: return Right::normalized;
    }
}

}  // namespace

AddressRange::AddressRange(const std::string& text) {
    const auto slash = text.find('/');
    bytes_ = address_bytes(text.substr(0, slash));
    bits_ = static_cast<unsigned>(bytes_.size() * 8);
    bool is_good = !bytes_.empty();
    if (is_good && slash != std::string::npos) {
        const char* end = text.data() + text.size();
        unsigned bits = 0;
        const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
        is_good = parsed.ec == std::errc() && parsed.ptr == end && bits <= bits_;
        bits_ = bits;
    }
    if (!is_good)
        runtime::raise(runtime::ErrorKind::options,
                       "not a network, such as 10.0.0.0/8 or fd00::/8: " + text);
}

bool AddressRange::contains(const std::string& address) const {
    // A link-local address names its interface behind a percent sign.
    const std::string bytes = address_bytes(address.substr(0, address.find('%')));
    return bytes.size() == bytes_.size() && have_equal_start(bytes, bytes_, bits_);
}

std::optional<std::uint8_t> Admission::rights_of(const AssociationFacts& peer) const {
    if (rules_.empty()) return all_rights;
    std::optional<std::uint8_t> rights;
    for (const PeerRule& rule : rules_) {
        if (rule.ae_title && *rule.ae_title != peer.calling_ae_title) continue;
        if (rule.network && !rule.network->contains(peer.address)) continue;
        if (rule.certificate_subject && *rule.certificate_subject != peer.certificate_subject) continue;
        rights = static_cast<std::uint8_t>(rights.value_or(0) | rule.rights);
    }
    return rights;
}

bool may(std::uint8_t rights, network::CommandField request) {
    return (rights >> static_cast<unsigned>(right_for(request)) & 1U) != 0;
}

}  // namespace dcmtk_native::servers
