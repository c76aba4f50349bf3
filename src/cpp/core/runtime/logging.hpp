// What libdcmtk logs: to the current call, else into a bounded queue. Nothing is ever printed.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::runtime {

/// Takes libdcmtk's loggers over; from then on they write nowhere but here. Works once a process.
void initialise_logging();

/// While it lives, libdcmtk makes records of at least this level. The level of its loggers belongs
/// to the process: it is the lowest that any living request asks for, and never above WARN.
class LogLevelRequest {
  public:
    explicit LogLevelRequest(int level);
    ~LogLevelRequest();
    LogLevelRequest(const LogLevelRequest&) = delete;
    LogLevelRequest& operator=(const LogLevelRequest&) = delete;

  private:
    int level_;
};

/// While it lives, records of libdcmtk on this thread are dropped: for a step whose complaints are
/// known to mean nothing.
class LogSilence {
  public:
    LogSilence() noexcept;
    ~LogSilence();
    LogSilence(const LogSilence&) = delete;
    LogSilence& operator=(const LogSilence&) = delete;
};

/// Records of threads that run no call, oldest first; the queue is empty afterwards.
[[nodiscard]] std::vector<LogRecord> take_stray_records();

}  // namespace dcmtk_native::runtime
