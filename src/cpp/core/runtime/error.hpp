// The one exception of the core: what was being done, and why it failed.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

class OFCondition;

namespace dcmtk_native::runtime {

/// What went wrong, in the words of the Python error tree; `toolkit` is decided there by (module, code).
enum class ErrorKind : std::uint8_t {
    toolkit,      // a DCMTK condition: module and code are set
    options,      // refused before any work
    file,         // missing, unreadable, not writable
    format,       // not DICOM, truncated, broken
    limit,        // input asks for more than a limit allows
    codec,        // transfer syntax or pixel data not supported
    unsupported,  // not in this build
    association,  // connection, negotiation, abort of the peer, TLS
    operation,    // any other failure of the tool's work (tag not found, value not acceptable, ...)
    timeout,
    aborted,
    internal,
};

class Error : public std::exception {
  public:
    Error(ErrorKind kind_of_error, std::string text)
        : kind(kind_of_error), message(std::move(text)) {}
    [[nodiscard]] const char* what() const noexcept override { return message.c_str(); }

    ErrorKind kind;
    std::string message;
    // Of a DCMTK condition.
    std::uint16_t module = 0;
    std::uint16_t code = 0;
    std::string condition_text;
    // Of a limit.
    std::string limit;
    std::uint64_t value = 0;
    std::uint64_t maximum = 0;
    // Of a failing system call.
    int system_errno = 0;
    // Of a rejected association: result, source, reason (PS3.8 section 9.3.4); 0 without one.
    std::array<std::uint8_t, 3> rejection{};
};

[[noreturn]] void raise(ErrorKind kind, std::string message);
/// "<limit>: <value> is more than <maximum>", in `what` (for example "element (0010,0010)").
[[noreturn]] void raise_limit(std::string what, std::string limit, std::uint64_t value,
                              std::uint64_t maximum);
/// A system call on `path` failed; takes errno.
[[noreturn]] void raise_system(const std::string& doing, const std::string& path);
/// Throws when a DCMTK call failed: "<doing>: <DCMTK's text>". Only this function looks inside.
void check(const OFCondition& condition, const std::string& doing);

}  // namespace dcmtk_native::runtime
