// Presentation contexts: which of the proposed ones are accepted, and in which transfer syntax.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "network/association.hpp"

namespace dcmtk_native::network {

/// The transfer syntaxes in which this side serves a SOP class, the best one first; none of them: any,
/// the proposer's first; nullptr: it does not.
using ContextPolicy = std::function<const std::vector<std::string>*(std::string_view abstract_syntax)>;

/// Accepts by the policy. Roles are granted as far as it goes: the requestor may be SCU, and SCP of
/// what it asks for (it receives the objects of its C-GET so).
[[nodiscard]] Decision accept_by(const ContextPolicy& policy, const AssociateRequest& request);

/// PS3.4 annex B and GG: objects that are stored. Known ones, and private ones of the form that
/// DICOM's have.
[[nodiscard]] bool is_storage_class(std::string_view sop_class);

}  // namespace dcmtk_native::network
