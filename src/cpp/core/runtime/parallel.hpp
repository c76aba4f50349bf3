// Independent steps of one call on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace dcmtk_native::runtime {

/// Told on the calling thread now and then, and at the end: how many steps are done, how many there
/// are.
using StepProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Does `step(i)` for every i below `count`, in order, on up to `threads` threads: the calling one
/// and helpers. Each has a call scope of its own, so that a checkpoint ends a step when the call is
/// aborted or past its deadline. After an exception no further step begins; that
/// of the first step that failed is thrown here, whichever thread was faster. Whatever happens,
/// nothing runs any more when this returns.
void for_each_step(std::size_t count, unsigned threads,
                   const std::function<void(std::size_t)>& step, const StepProgress& progress = {});

/// As many as this process may use at a time.
[[nodiscard]] unsigned usable_processors();

}  // namespace dcmtk_native::runtime
