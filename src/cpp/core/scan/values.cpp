#include "scan/values.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "runtime/byte_order.hpp"

namespace dcmtk_native::scan {

namespace {

using runtime::Vr;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank(" \0", 2);
    const std::size_t begin = std::min(text.find_first_not_of(blank), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

/// The whole text as a number; more tolerant than PS3.5 section 6.2, which real files are not kept
/// to.
template <typename Number> std::optional<Number> parse(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    Number number{};
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (const auto number = parse<std::int64_t>(text)) return number;
    // "512.0" is a number of pixels all the same.
    const auto real = parse<double>(text);
    constexpr double limit = 9007199254740992.0;  // 2^53: up to it a double holds every integer
    if (!real || std::trunc(*real) != *real || std::abs(*real) > limit) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

std::optional<double> parse_real(std::string_view text) {
    const auto number = parse<double>(text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

/// So many digits at the front, which the text loses.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, char character) {
    if (text.empty() || text.front() != character) return false;
    text.remove_prefix(1);
    return true;
}

int days_in_month(int year, int month) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leaps ? 29 : days[month - 1];
}

/// Days since 1970 in the proleptic Gregorian calendar. Years begin in March, so that the day that
/// may be missing is the last one.
std::int64_t days_since_1970(int year, int month, int day) {
    const std::int64_t from_march = (month + 9) % 12;
    const std::int64_t y = year - (month <= 2 ? 1 : 0);
    const std::int64_t leap_days = y / 4 - y / 100 + y / 400;
    const std::int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;
    constexpr std::int64_t until_1970 = 719468;
    return y * 365 + leap_days + day_of_year - until_1970;
}

/// YYYYMMDD of PS3.5 section 6.2, or YYYY.MM.DD of ACR-NEMA; of a date and time the end may be
/// missing.
std::optional<std::int64_t> take_date(std::string_view& text, bool may_end_early) {
    const auto year = take_digits(text, 4);
    if (!year || *year == 0) return std::nullopt;
    if (may_end_early && text.empty()) return days_since_1970(*year, 1, 1);
    const bool dots = take(text, '.');
    const auto month = take_digits(text, 2);
    if (!month || *month < 1 || *month > 12) return std::nullopt;
    if (may_end_early && text.empty()) return days_since_1970(*year, *month, 1);
    if (dots && !take(text, '.')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day || *day < 1 || *day > days_in_month(*year, *month)) return std::nullopt;
    return days_since_1970(*year, *month, *day);
}

constexpr std::int64_t second = 1'000'000;  // in microseconds

/// ".1" to ".123456", or nothing.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    std::int64_t microseconds = 0;
    std::int64_t unit = second / 10;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 6) return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i, unit /= 10) microseconds += (text[i] - '0') * unit;
    text.remove_prefix(digits);
    return microseconds;
}

/// HH[MM[SS[.FFFFFF]]] of PS3.5 section 6.2, or with colons as of ACR-NEMA. A leap second is the
/// last one before it.
std::optional<std::int64_t> take_time(std::string_view& text) {
    constexpr int highest[] = {23, 59, 60};
    std::int64_t parts[] = {0, 0, 0};
    for (std::size_t part = 0; part < 3; ++part) {
        if (part > 0 && (text.empty() || text.front() == '+' || text.front() == '-')) break;
        if (part > 0) take(text, ':');
        const auto number = take_digits(text, 2);
        if (!number || *number > highest[part]) return std::nullopt;
        parts[part] = *number;
    }
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const std::int64_t seconds = parts[2] == 60 ? 59 : parts[2];
    return (parts[0] * 3600 + parts[1] * 60 + seconds) * second + *fraction;
}

/// "+0100" behind a date and time, or nothing: it is looked at, not applied.
bool take_offset(std::string_view& text) {
    if (text.empty()) return true;
    return (take(text, '+') || take(text, '-')) && take_digits(text, 4).has_value();
}

std::optional<std::int64_t> parse_date(std::string_view text) {
    const auto days = take_date(text, false);
    return text.empty() ? days : std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
    const auto time = take_time(text);
    return text.empty() ? time : std::nullopt;
}

std::optional<std::int64_t> parse_datetime(std::string_view text) {
    constexpr std::int64_t day = 86400 * second;
    const std::size_t offset = text.find_first_of("+-");
    std::string_view rest = offset == text.npos ? std::string_view{} : text.substr(offset);
    text = text.substr(0, offset);
    const auto days = take_date(text, true);
    if (!days || !take_offset(rest) || !rest.empty()) return std::nullopt;
    if (text.empty()) return *days * day;
    const auto time = take_time(text);
    if (!time || !text.empty()) return std::nullopt;
    return *days * day + *time;
}

std::optional<std::int64_t> parse_number(std::string_view text, Kind kind) {
    switch (kind) {
    case Kind::date: return parse_date(text);
    case Kind::time: return parse_time(text);
    case Kind::datetime: return parse_datetime(text);
    default: return parse_integer(text);
    }
}

template <typename Number> bool add_integer(Number number, Column& column) {
    switch (column.kind()) {
    case Kind::text: column.add_text(std::to_string(number)); return true;
    case Kind::real: column.add_real(static_cast<double>(number)); return true;
    case Kind::integer: break;
    default: return false;
    }
    if constexpr (sizeof number == 8 && std::is_unsigned_v<Number>)
        if (number > static_cast<Number>(std::numeric_limits<std::int64_t>::max())) return false;
    column.add_number(static_cast<std::int64_t>(number));
    return true;
}

template <typename Number> bool add_real(Number number, Column& column) {
    if (column.kind() == Kind::text) {
        char text[32];
        const auto written = std::to_chars(text, text + sizeof text, number);
        column.add_text({text, static_cast<std::size_t>(written.ptr - text)});
        return true;
    }
    if (column.kind() == Kind::integer && std::trunc(number) == number &&
        std::abs(number) < 9007199254740992.0) {
        column.add_number(static_cast<std::int64_t>(number));
        return true;
    }
    if (column.kind() != Kind::real) return false;
    column.add_real(number);
    return true;
}

/// "00280010", as the DICOM JSON model has it.
bool add_tag(const char* bytes, bool big_endian, Column& column) {
    if (column.kind() != Kind::text) return false;
    constexpr char digits[] = "0123456789ABCDEF";
    const std::uint32_t tag = (std::uint32_t{runtime::load<std::uint16_t>(bytes, big_endian)} << 16) |
                              runtime::load<std::uint16_t>(bytes + 2, big_endian);
    char text[8];
    for (unsigned i = 0; i < 8; ++i) text[i] = digits[(tag >> (28 - 4 * i)) & 0xF];
    column.add_text({text, sizeof text});
    return true;
}

}  // namespace

bool add_text_value(std::string_view text, Column& column) {
    if (column.kind() == Kind::text) {
        column.add_text(text);
        return true;
    }
    text = trimmed(text);
    if (text.empty()) {
        column.add_null();
        return true;
    }
    if (column.kind() == Kind::real) {
        const auto number = parse_real(text);
        if (number) column.add_real(*number);
        return number.has_value();
    }
    const auto number = parse_number(text, column.kind());
    if (number) column.add_number(*number);
    return number.has_value();
}

std::size_t width_of(Vr vr) {
    switch (vr) {
    case Vr::SS: case Vr::US: return 2;
    case Vr::SL: case Vr::UL: case Vr::FL: case Vr::AT: return 4;
    case Vr::SV: case Vr::UV: case Vr::FD: return 8;
    default: return 0;
    }
}

bool add_binary_value(const char* bytes, Vr vr, bool big_endian, Column& column) {
    switch (vr) {
    case Vr::SS: return add_integer(runtime::load<std::int16_t>(bytes, big_endian), column);
    case Vr::US: return add_integer(runtime::load<std::uint16_t>(bytes, big_endian), column);
    case Vr::SL: return add_integer(runtime::load<std::int32_t>(bytes, big_endian), column);
    case Vr::UL: return add_integer(runtime::load<std::uint32_t>(bytes, big_endian), column);
    case Vr::SV: return add_integer(runtime::load<std::int64_t>(bytes, big_endian), column);
    case Vr::UV: return add_integer(runtime::load<std::uint64_t>(bytes, big_endian), column);
    case Vr::FL: return add_real(runtime::load<float>(bytes, big_endian), column);
    case Vr::FD: return add_real(runtime::load<double>(bytes, big_endian), column);
    case Vr::AT: return add_tag(bytes, big_endian, column);
    default: return false;
    }
}

}  // namespace dcmtk_native::scan
