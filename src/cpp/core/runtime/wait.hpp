// Waiting in the system for a descriptor, such that the current call stays abortable and timed.
#pragma once

#include <chrono>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::runtime {

/// When a wait must end; `no_deadline`: when the call does.
using Deadline = CallScope::Clock::time_point;
constexpr Deadline no_deadline = Deadline::max();

/// True when the descriptor is ready for `events` (POLLIN, POLLOUT), or broken; false at the
/// deadline or when `stop` is cancelled. Throws Error when the call is aborted or past its own
/// deadline: within a millisecond for those who have a token.
[[nodiscard]] bool wait_for(int descriptor, short events, Deadline deadline,
                            CancelToken* stop = nullptr);

}  // namespace dcmtk_native::runtime
