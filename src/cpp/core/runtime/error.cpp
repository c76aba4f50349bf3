#include "runtime/error.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/ofstd/ofcond.h>

#include <cerrno>
#include <cstring>

#include "runtime/tag.hpp"

namespace dcmtk_native::runtime {

void raise(ErrorKind kind, std::string message) { throw Error(kind, std::move(message)); }

void raise_limit(std::string what, std::string limit, std::uint64_t value, std::uint64_t maximum) {
    Error error(ErrorKind::limit, what + ": " + limit + " is " + std::to_string(maximum) +
                                      ", the input asks for " + std::to_string(value));
    error.limit = std::move(limit);
    error.value = value;
    error.maximum = maximum;
    throw error;
}

void raise_system(const std::string& doing, const std::string& path) {
    const int number = errno;
    char text[256] = "";
    // The GNU form returns the text and may leave the buffer alone.
    Error error(ErrorKind::file, doing + ": " + path + ": " + strerror_r(number, text, sizeof text));
    error.system_errno = number;
    throw error;
}

void check(const OFCondition& condition, const std::string& doing) {
    if (condition.good()) return;
    Error error(ErrorKind::toolkit, doing + ": " + condition.text());
    error.module = condition.module();
    error.code = condition.code();
    error.condition_text = condition.text();
    throw error;
}

std::string to_string(Tag tag) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "(0000,0000)";
    for (unsigned i = 0; i < 4; ++i) {
        text[1 + i] = digits[(tag >> (28 - 4 * i)) & 0xF];
        text[6 + i] = digits[(tag >> (12 - 4 * i)) & 0xF];
    }
    return text;
}

}  // namespace dcmtk_native::runtime
