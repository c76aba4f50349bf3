// Who may open an association here, and what for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/command.hpp"
#include "network/pdu.hpp"
#include "servers/events.hpp"

namespace dcmtk_native::servers {

/// A range of addresses: "10.0.0.0/8", "fd00::/8", or one address.
class AddressRange {
  public:
    /// Throws Error (options) for what is none.
    explicit AddressRange(const std::string& text);
    [[nodiscard]] bool contains(const std::string& address) const;

  private:
    std::string bytes_;  // of the network, in network order
    unsigned bits_ = 0;
};

/// What an associated peer may ask for. Bits of PeerRule::rights.
enum class Right : std::uint8_t { echo, store, find, move, get, normalized };
constexpr std::uint8_t all_rights = 0x3F;

/// Whatever is given has to hold.
struct PeerRule {
    std::optional<std::string> ae_title;
    std::optional<AddressRange> network;
    std::optional<std::string> certificate_subject;
    std::uint8_t rights = all_rights;
};

class Admission {
  public:
    /// Without rules everybody may do everything.
    explicit Admission(std::vector<PeerRule> rules) : rules_(std::move(rules)) {}

    /// The rights of all rules that hold for the peer; nothing: it is not known.
    [[nodiscard]] std::optional<std::uint8_t> rights_of(const AssociationFacts& peer) const;

  private:
    std::vector<PeerRule> rules_;
};

/// Whether these rights are enough for the request.
[[nodiscard]] bool may(std::uint8_t rights, network::CommandField request);

}  // namespace dcmtk_native::servers
