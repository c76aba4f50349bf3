#include "runtime/logging.hpp"

#include "runtime/element_line.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/oflog/appender.h>
#include <dcmtk/oflog/helpers/loglog.h>
#include <dcmtk/oflog/logger.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/logevent.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace dcmtk_native::runtime {

namespace {

namespace log4cplus = dcmtk::log4cplus;

// ---- where records go ----

/// Records that no call has asked for: a fixed number of the newest.
class StrayRecords {
  public:
    void add(LogRecord record) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (records_.size() < capacity) {
            records_.push_back(std::move(record));
        } else {
            records_[next_ % capacity] = std::move(record);
            ++next_;
        }
    }

    std::vector<LogRecord> take() {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::vector<LogRecord> records = std::exchange(records_, {});
        const std::size_t lost = std::exchange(next_, 0);
        if (lost == 0) return records;
        std::rotate(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(lost % capacity),
                    records.end());
        records.push_back({log_level::warn, "dcmtk_native",
                           std::to_string(lost) + " earlier records were dropped"});
        return records;
    }

  private:
    static constexpr std::size_t capacity = 1000;
    std::mutex mutex_;
    std::vector<LogRecord> records_;
    std::size_t next_ = 0;  // how many were overwritten
};

// Lives as long as the process: threads of others may log while it ends.
StrayRecords& stray_records() {
    static auto& records = *std::make_unique<StrayRecords>().release();
    return records;
}

thread_local unsigned silences = 0;

void deliver(int level, const std::string& logger, std::string message) {
    if (CallScope* scope = CallScope::current()) {
        scope->log(level, logger.c_str(), std::move(message));
    } else if (level >= log_level::warn) {
        stray_records().add({level, logger, std::move(message)});
    }
}

// ---- what may be seen above DEBUG ----

/// Where a dump of elements starts, values included; npos if there is none.
std::size_t start_of_dump(std::string_view message) {
    std::size_t found = std::string_view::npos;
    for_each_line(message, [&](std::string_view line, bool) {
        if (found == std::string_view::npos && vr_of_element_line(line))
            found = static_cast<std::size_t>(line.data() - message.data());
    });
    return found;
}

/// The texts above DEBUG in which libdcmdata and libdcmiod (3.6.7 to 3.7.0) quote values of a data
/// set.
constexpr std::array<std::string_view, 5> value_introductions{
    "PatientName inconsistent for PatientID:",  // DICOMDIR
    " Record [Key:",
    " missing, using alternative:",
    ": Setting value ",      // dcmiod
    "encountered illegal ",  // DS and IS in JSON
};

std::size_t start_of_values(std::string_view message) {
    std::size_t start = start_of_dump(message);
    for (const std::string_view introduction : value_introductions) {
        const std::size_t found = message.find(introduction);
        if (found != std::string_view::npos) start = std::min(start, found + introduction.size());
    }
    return start;
}

/// libdcmdata reports as a warning that it stopped at the tag where it was told to.
bool is_no_warning(std::string_view message) {
    return message.find(" encountered, skipping rest of data") != std::string_view::npos;
}

/// Patient data stay at DEBUG: of a record that quotes them only the beginning keeps its level.
void deliver_guarded(int level, const std::string& logger, const std::string& message) {
    if (level <= log_level::debug || is_no_warning(message)) {
        deliver(std::min(level, log_level::debug), logger, message);
        return;
    }
    const std::size_t values = start_of_values(message);
    if (values == std::string::npos) {
        deliver(level, logger, message);
        return;
    }
    deliver(level, logger, message.substr(0, values) + " (values are logged at level debug)");
    deliver(log_level::debug, logger, message);
}

// ---- libdcmtk's side ----

class CallAppender final : public log4cplus::Appender {
  public:
    ~CallAppender() override { destructorImpl(); }
    void close() override { closed = true; }

  protected:
    void append(const log4cplus::spi::InternalLoggingEvent& event) override {
        if (silences != 0) return;
        deliver_guarded(event.getLogLevel(), event.getLoggerName().c_str(),
                        event.getMessage().c_str());
    }
};

/// How many living requests there are of each level.
class RootLevel {
  public:
    void change(int level, int by) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if ((requests_[level] += by) == 0) requests_.erase(level);
        const int lowest = requests_.empty() ? log_level::warn
                                             : std::min(requests_.begin()->first, log_level::warn);
        // Written only when it changes: other threads read it without a lock.
        if (lowest != std::exchange(current_, lowest))
            log4cplus::Logger::getRoot().setLogLevel(lowest);
    }

  private:
    std::mutex mutex_;
    std::map<int, int> requests_;
    int current_ = log_level::warn;
};

RootLevel& root_level() {
    static auto& level = *std::make_unique<RootLevel>().release();
    return level;
}

void take_over() {
    log4cplus::helpers::LogLog::getLogLog()->setQuietMode(true);
    log4cplus::Logger root = log4cplus::Logger::getRoot();
    root.removeAllAppenders();
    root.addAppender(log4cplus::SharedAppenderPtr(std::make_unique<CallAppender>().release()));
    root.setLogLevel(log_level::warn);
}

}  // namespace

void initialise_logging() {
    static std::once_flag once;
    std::call_once(once, take_over);
}

LogLevelRequest::LogLevelRequest(int level) : level_(level) {
    initialise_logging();
    root_level().change(level_, 1);
}

LogLevelRequest::~LogLevelRequest() { root_level().change(level_, -1); }

LogSilence::LogSilence() noexcept { ++silences; }

LogSilence::~LogSilence() { --silences; }

std::vector<LogRecord> take_stray_records() { return stray_records().take(); }

}  // namespace dcmtk_native::runtime
