#include "runtime/uid.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

__extension__ using Uint128 = unsigned __int128;

// Below this many random digits (66 bits) two archives of the size of a country could meet.
constexpr std::size_t min_random_digits = 20;

void fill_random(std::array<std::uint8_t, 16>& bytes) {
    std::size_t filled = 0;
    while (filled != bytes.size()) {
        const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got < 0 && errno != EINTR) raise_system("cannot read random numbers", "getrandom");
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
}

/// A UUID of version 4 (RFC 4122) as a decimal number.
std::string random_uuid_digits() {
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    Uint128 number = 0;
    for (const std::uint8_t byte : bytes) number = (number << 8) | byte;
    std::string digits;
    for (; number != 0; number /= 10)
        digits.push_back(static_cast<char>('0' + static_cast<int>(number % 10)));
    std::reverse(digits.begin(), digits.end());
    return digits.empty() ? "0" : digits;
}

}  // namespace

bool is_valid_uid(std::string_view uid) noexcept {
    if (uid.empty() || uid.size() > max_uid_length) return false;
    std::size_t component = 0;  // digits of the current one
    bool starts_with_zero = false;
    for (const char c : uid) {
        if (c == '.') {
            if (component == 0) return false;
            component = 0;
            continue;
        }
        if (c < '0' || c > '9' || (component != 0 && starts_with_zero)) return false;
        if (component++ == 0) starts_with_zero = c == '0';
    }
    return component != 0;
}

std::string new_uid(std::string_view root) {
    if (root.empty()) return "2.25." + random_uuid_digits();
    if (root.back() == '.') root.remove_suffix(1);
    if (!is_valid_uid(root)) raise(ErrorKind::options, "the UID root is not a UID");
    if (root.size() + 1 + min_random_digits > max_uid_length)
        raise(ErrorKind::options,
              "the UID root is longer than " +
                  std::to_string(max_uid_length - 1 - min_random_digits) + " characters");
    std::string uid(root);
    uid += '.';
    // A root that the UUID does not fit behind gets its low digits, which are all random. A zero in
    // front would make the component invalid.
    const std::string digits = random_uuid_digits();
    const std::size_t room = max_uid_length - uid.size();
    std::size_t begin = digits.size() > room ? digits.size() - room : 0;
    while (begin + 1 < digits.size() && digits[begin] == '0') ++begin;
    uid.append(digits, begin, std::string::npos);
    return uid;
}

}  // namespace dcmtk_native::runtime
