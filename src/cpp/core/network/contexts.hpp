// Presentation contexts: which of the proposed ones are accepted, and in which transfer syntax.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "network/association.hpp"

namespace dcmtk_native::network {

struct ContextPolicy {
    /// Whether this side serves the SOP class.
    std::function<bool(std::string_view abstract_syntax)> serves;
    /// The best of them that is proposed is chosen; empty: any, the proposer's first.
    std::vector<std::string> transfer_syntaxes;
};

/// Accepts by the policy. Roles are granted as far as it goes: the requestor may be SCU, and SCP of
/// what it asks for (it receives the objects of its C-GET so).
[[nodiscard]] Decision accept_by(const ContextPolicy& policy, const AssociateRequest& request);

/// PS3.4 annex B and GG: objects that are stored. Known ones, and private ones of the form that
/// DICOM's have.
[[nodiscard]] bool is_storage_class(std::string_view sop_class);

}  // namespace dcmtk_native::network
