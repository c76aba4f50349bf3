// Many files at once, on native threads that share nothing but the number of the next file.
#pragma once

#include <chrono>
#include <cstddef>

#include "scan/paths.hpp"
#include "scan/table.hpp"

namespace dcmtk_native::scan {

/// The rows of the first `most` paths, in their order. Ends early when the budget is spent (then `count` says
/// how many of the paths are done, at least one), or when the current call is to end: what is there
/// comes back with `stopped`, nothing is thrown. A file that cannot be read is a Failure.
[[nodiscard]] Table scan_files(const Paths& paths, std::size_t most, const Request& request,
                               unsigned threads, std::chrono::milliseconds budget);

}  // namespace dcmtk_native::scan
