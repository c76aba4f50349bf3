// The room's table of contents. dump2dcm, json2dcm and xml2dcm read their documents in Python; what
// they need of libdcmdata is here.
#pragma once

#include <optional>
#include <string>

namespace dcmtk_native::convert {

/// The UID behind a name that DCMTK prints instead of it, for example "CTImageStorage".
[[nodiscard]] std::optional<std::string> uid_of_name(const std::string& name);

}  // namespace dcmtk_native::convert
