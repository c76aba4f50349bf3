// Names of files for what a peer sends. Nothing of a peer's text gets into a path but what PS3.5
// allows in a UID.
#pragma once

#include <string>
#include <string_view>

namespace dcmtk_native::network {

/// The UID, or a hash of what is none.
[[nodiscard]] std::string uid_or_hash(std::string_view uid);

/// "CT.1.2.3": the modality's letters, as DCMTK's tools have them, and the UID; what is no UID
/// becomes a hash, so that two of them still are two files.
[[nodiscard]] std::string file_name_of(std::string_view sop_class, std::string_view sop_instance);

}  // namespace dcmtk_native::network
