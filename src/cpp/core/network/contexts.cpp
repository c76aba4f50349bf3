#include "network/contexts.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <map>

namespace dcmtk_native::network {

namespace {

constexpr std::string_view storage_root = "1.2.840.10008.5.1.4.1.1.";

/// Empty: none of the proposed ones.
[[nodiscard]] std::string choose(const std::vector<std::string>& wanted,
                                 const std::vector<std::string>& proposed) {
    if (wanted.empty()) return proposed.front();
    for (const std::string& syntax : wanted)
        if (std::find(proposed.begin(), proposed.end(), syntax) != proposed.end()) return syntax;
    return {};
}

/// By SOP class; what is said last counts.
using RoleMap = std::map<std::string_view, OfferedRoles>;

[[nodiscard]] RoleMap proposed_roles(const AssociateRequest& request) {
    RoleMap roles;
    for (const RoleSelection& role : request.user.roles)
        roles[role.sop_class] = {role.scu, role.scp};
    return roles;
}

/// One answer to a request, context by context.
class Answering {
  public:
    Answering(const ContextPolicy& policy, const AssociateRequest& request, RoleClash clash)
        : policy_(policy), proposed_(proposed_roles(request)), clash_(clash) {}

    [[nodiscard]] AnsweredContext answer(const ProposedContext& proposal) {
        const std::string& first = proposal.transfer_syntaxes.front();
        const Offer* offer = policy_(proposal.abstract_syntax);
        if (offer == nullptr)
            return {proposal.id, ContextResult::abstract_syntax_not_supported, first};
        std::string syntax = choose(offer->transfer_syntaxes, proposal.transfer_syntaxes);
        if (syntax.empty())
            return {proposal.id, ContextResult::transfer_syntaxes_not_supported, first};
        const ContextResult result = settle_roles(proposal.abstract_syntax, *offer);
        return {proposal.id, result, result == ContextResult::accepted ? std::move(syntax) : first};
    }
    /// Of the SOP classes of the contexts that were accepted.
    [[nodiscard]] std::vector<RoleSelection> granted() const {
        std::vector<RoleSelection> roles;
        for (const auto& [sop_class, role] : granted_)
            roles.push_back({std::string(sop_class), role.scu, role.scp});
        return roles;
    }

  private:
    [[nodiscard]] ContextResult settle_roles(std::string_view sop_class, const Offer& offer) {
        if (!offer.roles) return ContextResult::accepted;
        const auto proposed = proposed_.find(sop_class);
        if (proposed == proposed_.end()) {
            const bool is_refused =
                clash_ == RoleClash::accepted && offer.roles->scp && !offer.roles->scu;
            return is_refused ? ContextResult::no_reason : ContextResult::accepted;
        }
        const OfferedRoles both{proposed->second.scu && offer.roles->scu,
                                proposed->second.scp && offer.roles->scp};
        if (clash_ == RoleClash::refused && !both.scu && !both.scp)
            return ContextResult::user_rejection;
        granted_[proposed->first] = both;
        return ContextResult::accepted;
    }

    const ContextPolicy& policy_;
    RoleMap proposed_;
    RoleMap granted_;
    RoleClash clash_;
};

}  // namespace

Decision accept_by(const ContextPolicy& policy, const AssociateRequest& request, RoleClash clash) {
    Decision decision;
    Answering answering(policy, request, clash);
    for (const ProposedContext& proposal : request.contexts)
        decision.contexts.push_back(answering.answer(proposal));
    decision.roles = answering.granted();
    return decision;
}

bool is_storage_class(std::string_view sop_class) {
    return sop_class.substr(0, storage_root.size()) == storage_root ||
           dcmIsaStorageSOPClassUID(std::string(sop_class).c_str(), ESSC_All);
}

}  // namespace dcmtk_native::network
