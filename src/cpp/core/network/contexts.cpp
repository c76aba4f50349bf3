#include "network/contexts.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>

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

[[nodiscard]] AnsweredContext answer(const ContextPolicy& policy, const ProposedContext& proposal) {
    const std::string& first = proposal.transfer_syntaxes.front();
    const std::vector<std::string>* wanted = policy(proposal.abstract_syntax);
    if (wanted == nullptr) return {proposal.id, ContextResult::abstract_syntax_not_supported, first};
    std::string syntax = choose(*wanted, proposal.transfer_syntaxes);
    if (syntax.empty()) return {proposal.id, ContextResult::transfer_syntaxes_not_supported, first};
    return {proposal.id, ContextResult::accepted, std::move(syntax)};
}

}  // namespace

Decision accept_by(const ContextPolicy& policy, const AssociateRequest& request) {
    Decision decision;
    for (const ProposedContext& proposal : request.contexts)
        decision.contexts.push_back(answer(policy, proposal));
    for (const RoleSelection& role : request.user.roles)
        if (policy(role.sop_class) != nullptr) decision.roles.push_back(role);
    return decision;
}

bool is_storage_class(std::string_view sop_class) {
    return sop_class.substr(0, storage_root.size()) == storage_root ||
           dcmIsaStorageSOPClassUID(std::string(sop_class).c_str(), ESSC_All);
}

}  // namespace dcmtk_native::network
