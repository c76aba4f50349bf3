// Text of others in our messages.
#pragma once

#include <string>
#include <string_view>

namespace dcmtk_native::runtime {

/// At most 64 characters, what is not printable ASCII as a question mark: a peer or a file writes
/// neither lines of its own into a log, nor sequences that a terminal obeys.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace dcmtk_native::runtime
