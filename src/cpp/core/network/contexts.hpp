// Presentation contexts: which of the proposed ones are accepted, and in which transfer syntax.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/association.hpp"

namespace dcmtk_native::network {

/// What the requestor may be (PS3.7 annex D.3.3.4): SCP, for one, of the objects of its C-GET.
struct OfferedRoles {
    bool scu = true;
    bool scp = false;
};

/// How this side serves a SOP class.
struct Offer {
    /// The best one first; none of them: any, the proposer's first.
    std::vector<std::string> transfer_syntaxes;
    /// Nothing: the default roles, whatever is proposed; that is not answered then.
    std::optional<OfferedRoles> roles;
};
/// nullptr: this side does not serve it.
using ContextPolicy = std::function<const Offer*(std::string_view abstract_syntax)>;

/// What becomes of a context where none of the proposed roles is offered.
enum class RoleClash : std::uint8_t {
    /// It is refused. Who proposes no roles is SCU in any case.
    refused,
    /// As in DCMTK's association configurations: it is accepted, with neither role. Who proposes no
    /// roles is refused where SCP alone is offered.
    accepted,
};

/// Accepts by the policy; of the proposed roles, those that are offered.
[[nodiscard]] Decision accept_by(const ContextPolicy& policy, const AssociateRequest& request,
                                 RoleClash clash);

/// PS3.4 annex B and GG: objects that are stored. Known ones, and private ones of the form that
/// DICOM's have.
[[nodiscard]] bool is_storage_class(std::string_view sop_class);

}  // namespace dcmtk_native::network
