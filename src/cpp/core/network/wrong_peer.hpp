// Peers that speak something else than DICOM.
#pragma once

#include <string_view>

namespace dcmtk_native::network {

/// What the first bytes of a peer look like, "it speaks HTTP"; empty: nothing known.
[[nodiscard]] std::string_view what_speaks(std::string_view bytes);

}  // namespace dcmtk_native::network
