// The answer to a request for an association: by who asks, and by what is offered here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/association.hpp"
#include "network/contexts.hpp"
#include "servers/admission.hpp"
#include "servers/events.hpp"

namespace dcmtk_native::servers {

/// Which SOP classes are taken, in which transfer syntaxes and roles.
struct OfferedContexts {
    /// For verification and every storage class; nothing: they are not taken.
    std::optional<network::Offer> general = network::Offer{};
    /// With that: whatever is proposed, known as a class of storage or not.
    bool is_promiscuous = false;
    /// SOP classes with terms of their own.
    std::map<std::string, network::Offer, std::less<>> by_class;
    network::RoleClash role_clash = network::RoleClash::refused;
    /// Said to everybody of whom a context of the class is accepted, as DCMTK does.
    std::vector<network::ExtendedNegotiation> extended;
};

struct Terms {
    OfferedContexts contexts;
    std::vector<PeerRule> peers;
    /// Nobody may call by another title.
    std::optional<std::string> required_called_ae_title;
    std::optional<std::string> responding_ae_title;
    bool refuses_all = false;
    bool requires_implementation_uid = false;
};

class Negotiation {
  public:
    explicit Negotiation(Terms terms);

    [[nodiscard]] network::Decision decide(const AssociationFacts& peer,
                                           const network::AssociateRequest& request) const;
    /// Whether an associated peer may ask for this.
    [[nodiscard]] bool may(const AssociationFacts& peer, network::CommandField request) const;

  private:
    [[nodiscard]] std::optional<network::AssociateReject> objection(
        const AssociationFacts& peer, const network::AssociateRequest& request) const;
    [[nodiscard]] const network::Offer* offer_of(std::string_view sop_class) const;

    Terms terms_;
    Admission admission_;
};

/// What DCMTK calls so: the longest PDU that the peer takes, less the headers of PDU and PDV.
[[nodiscard]] std::uint64_t max_send_pdv(const network::AssociateRequest& request);

}  // namespace dcmtk_native::servers
