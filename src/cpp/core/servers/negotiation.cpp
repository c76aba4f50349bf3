#include "servers/negotiation.hpp"

#include <algorithm>
#include <utility>

namespace dcmtk_native::servers {

namespace {

using network::AssociateReject;

constexpr std::string_view verification = "1.2.840.10008.1.1";
constexpr std::string_view application_context = "1.2.840.10008.3.1.1.1";
constexpr std::uint32_t headers_of_pdv = 12;

/// PS3.8 section 9.3.4.
constexpr AssociateReject no_reason{1, 1, 1};
constexpr AssociateReject unknown_context_name{1, 1, 2};
constexpr AssociateReject unknown_caller{1, 1, 3};
constexpr AssociateReject unknown_called{1, 1, 7};

[[nodiscard]] bool is_accepted(const network::Decision& decision, std::uint8_t id) {
    return std::any_of(
        decision.contexts.begin(), decision.contexts.end(),
        [id](const network::AnsweredContext& answer) {
            return answer.id == id && answer.result == network::ContextResult::accepted;
        });
}

[[nodiscard]] bool has_accepted(const network::Decision& decision,
                                const network::AssociateRequest& request,
                                const std::string& sop_class) {
    return std::any_of(request.contexts.begin(), request.contexts.end(),
                       [&](const network::ProposedContext& proposal) {
                           return proposal.abstract_syntax == sop_class &&
                                  is_accepted(decision, proposal.id);
                       });
}

}  // namespace

std::uint64_t max_send_pdv(const network::AssociateRequest& request) {
    const std::uint32_t taken = request.user.max_pdu == 0 ? network::max_pdu : request.user.max_pdu;
    return std::max(std::min(taken, network::max_pdu), network::min_pdu) - headers_of_pdv;
}

Negotiation::Negotiation(Terms terms) : terms_(std::move(terms)), admission_(std::move(terms_.peers)) {}

std::optional<AssociateReject> Negotiation::objection(const AssociationFacts& peer,
                                                      const network::AssociateRequest& request) const {
    if (terms_.refuses_all) return no_reason;
    if (request.application_context != application_context) return unknown_context_name;
    if (terms_.requires_implementation_uid && request.user.implementation_class_uid.empty())
        return no_reason;
    if (terms_.required_called_ae_title && request.called_ae_title != *terms_.required_called_ae_title)
        return unknown_called;
    if (!admission_.rights_of(peer)) return unknown_caller;
    return std::nullopt;
}

const network::Offer* Negotiation::offer_of(std::string_view sop_class) const {
    const OfferedContexts& offered = terms_.contexts;
    const auto found = offered.by_class.find(sop_class);
    if (found != offered.by_class.end()) return &found->second;
    if (!offered.general) return nullptr;
    const bool is_served = offered.is_promiscuous || sop_class == verification ||
                           network::is_storage_class(sop_class);
    return is_served ? &*offered.general : nullptr;
}

network::Decision Negotiation::decide(const AssociationFacts& peer,
                                      const network::AssociateRequest& request) const {
    network::Decision decision;
    if (const auto reject = objection(peer, request)) {
        decision.rejection = *reject;
        return decision;
    }
    const auto policy = [this](std::string_view sop_class) { return offer_of(sop_class); };
    decision = network::accept_by(policy, request, terms_.contexts.role_clash);
    for (const network::ExtendedNegotiation& one : terms_.contexts.extended)
        if (has_accepted(decision, request, one.sop_class)) decision.extended.push_back(one);
    decision.responding_ae_title = terms_.responding_ae_title;
    return decision;
}

bool Negotiation::may(const AssociationFacts& peer, network::CommandField request) const {
    return servers::may(admission_.rights_of(peer).value_or(0), request);
}

}  // namespace dcmtk_native::servers
