// Presentation contexts as DCMTK's programs print them with --verbose-pc, line by line.
#pragma once

#include <string>

#include "network/association.hpp"

namespace dcmtk_native::servers {

/// What a peer proposes.
[[nodiscard]] std::string proposal_text(const network::AssociateRequest& request);
/// What has become of it.
[[nodiscard]] std::string answer_text(const network::AssociateRequest& request,
                                      const network::Decision& decision);

}  // namespace dcmtk_native::servers
