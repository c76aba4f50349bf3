#include "servers/negotiated.hpp"

#include <algorithm>
#include <string_view>

#include "runtime/dictionary.hpp"
#include "runtime/printable.hpp"

namespace dcmtk_native::servers {

namespace {

using network::AnsweredContext;
using network::AssociateRequest;
using network::ContextResult;
using network::ProposedContext;
using network::RoleSelection;

// A request has up to a megabyte of names, and many may wait for a slow listener.
constexpr std::size_t longest_text = 256 * 1024;

/// "=CTImageStorage", or the UID as far as it can be printed.
[[nodiscard]] std::string name_of(std::string_view uid) {
    const std::string_view name = runtime::uid_name(uid);
    return name.empty() ? runtime::printable(uid) : "=" + std::string(name);
}

/// Of the last one, as in the negotiation.
[[nodiscard]] std::string_view role_of(const std::vector<RoleSelection>& roles,
                                       std::string_view sop_class) {
    const auto role =
        std::find_if(roles.rbegin(), roles.rend(),
                     [sop_class](const RoleSelection& one) { return one.sop_class == sop_class; });
    if (role == roles.rend()) return "Default";
    if (role->scu) return role->scp ? "SCP/SCU" : "SCU";
    return role->scp ? "SCP" : "None";
}

[[nodiscard]] std::string_view word_of(ContextResult result) {
    switch (result) {
    case ContextResult::accepted: return "Accepted";
    case ContextResult::user_rejection: return "User Rejection";
    case ContextResult::abstract_syntax_not_supported: return "Abstract Syntax Not Supported";
    case ContextResult::transfer_syntaxes_not_supported: return "Transfer Syntaxes Not Supported";
    case ContextResult::no_reason: break;
    }
    return "No Reason";
}

[[nodiscard]] std::string head_of(const ProposedContext& context, std::string_view word,
                                  std::string_view proposed_role) {
    std::string text = "  Context ID:        " + std::to_string(context.id) + " (";
    text.append(word).append(")\n    Abstract Syntax: ").append(name_of(context.abstract_syntax));
    return text.append("\n    Proposed SCP/SCU Role: ").append(proposed_role).append("\n");
}

[[nodiscard]] std::string proposed_text(const ProposedContext& context, std::string_view role) {
    std::string text = head_of(context, "Proposed", role) + "    Proposed Transfer Syntax(es):\n";
    for (const std::string& syntax : context.transfer_syntaxes) {
        if (text.size() > longest_text) break;
        text.append("      ").append(name_of(syntax)).append("\n");
    }
    return text;
}

[[nodiscard]] std::string answered_text(const ProposedContext& context,
                                        const AnsweredContext& answer,
                                        std::string_view proposed_role,
                                        std::string_view accepted_role) {
    std::string text = head_of(context, word_of(answer.result), proposed_role);
    text.append("    Accepted SCP/SCU Role: ").append(accepted_role).append("\n");
    if (answer.result != ContextResult::accepted) return text;
    text.append("    Accepted Transfer Syntax: ").append(name_of(answer.transfer_syntax));
    return text += '\n';
}

/// Between the lines that it begins and ends with; `text_of` says what there is of a context.
template <typename TextOf>
[[nodiscard]] std::string framed(const AssociateRequest& request, std::string_view kind,
                                 TextOf&& text_of) {
    std::string text = "====================== BEGIN A-ASSOCIATE-";
    text.append(kind).append(" =====================\nCalling Application Name:    ");
    text.append(runtime::printable(request.calling_ae_title));
    text.append("\nCalled Application Name:     ");
    text.append(runtime::printable(request.called_ae_title)).append("\nPresentation Contexts:\n");
    for (const ProposedContext& context : request.contexts) {
        text += text_of(context);
        if (text.size() < longest_text) continue;
        text += "  (more than is shown here)\n";
        break;
    }
    text.append("======================= END A-ASSOCIATE-").append(kind);
    return text.append(" ======================");
}

}  // namespace

std::string proposal_text(const AssociateRequest& request) {
    return framed(request, "RQ", [&request](const ProposedContext& context) {
        return proposed_text(context, role_of(request.user.roles, context.abstract_syntax));
    });
}

std::string answer_text(const AssociateRequest& request, const network::Decision& decision) {
    return framed(request, "AC", [&](const ProposedContext& context) -> std::string {
        const auto answer =
            std::find_if(decision.contexts.begin(), decision.contexts.end(),
                         [&context](const AnsweredContext& one) { return one.id == context.id; });
        if (answer == decision.contexts.end()) return {};
        return answered_text(context, *answer, role_of(request.user.roles, context.abstract_syntax),
                             role_of(decision.roles, context.abstract_syntax));
    });
}

}  // namespace dcmtk_native::servers
