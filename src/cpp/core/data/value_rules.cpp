#include "data/value_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "runtime/uid.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::Vr;

/// Nothing, or the rule that was broken.
using Verdict = std::optional<std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool are_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Two or four digits within bounds.
bool is_number_in(std::string_view text, unsigned low, unsigned high) {
    unsigned number = 0;
    if (!are_digits(text)) return false;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number >= low && number <= high;
}

std::string_view without_trailing_spaces(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Characters of UTF-8: every byte that does not continue one.
std::size_t count_characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

Verdict check_length(std::size_t length, std::size_t most) {
    if (length <= most) return std::nullopt;
    return "is longer than " + std::to_string(most) + " characters";
}

/// Control characters: none but ESC, and TAB, LF, FF, CR where lines are allowed.
bool has_forbidden_control(std::string_view text, bool with_lines) {
    return std::any_of(text.begin(), text.end(), [with_lines](char c) {
        if (static_cast<unsigned char>(c) >= 0x20) return c == 0x7F;
        return c != '\x1B' && !(with_lines && (c == '\t' || c == '\n' || c == '\f' || c == '\r'));
    });
}

bool is_date(std::string_view text) {
    // "yyyy.mm.dd" of ACR-NEMA 2.0 is still to be understood (PS3.5 table 6.2-1, DA, note).
    if (text.size() == 10 && text[4] == '.' && text[7] == '.')
        return are_digits(text.substr(0, 4)) && is_number_in(text.substr(5, 2), 1, 12) &&
               is_number_in(text.substr(8, 2), 1, 31);
    return text.size() == 8 && are_digits(text.substr(0, 4)) &&
           is_number_in(text.substr(4, 2), 1, 12) && is_number_in(text.substr(6, 2), 1, 31);
}

bool is_fraction(std::string_view text) {
    return text.size() >= 2 && text.size() <= 7 && text[0] == '.' && are_digits(text.substr(1));
}

/// HH:MM:SS[.F{1,6}] of ACR-NEMA 2.0.
bool is_time_with_colons(std::string_view text) {
    return text.size() >= 8 && text[2] == ':' && text[5] == ':' &&
           is_number_in(text.substr(0, 2), 0, 23) && is_number_in(text.substr(3, 2), 0, 59) &&
           is_number_in(text.substr(6, 2), 0, 60) &&
           (text.size() == 8 || is_fraction(text.substr(8)));
}

/// HH[MM[SS[.F{1,6}]]]; a leap second is second 60.
bool is_time(std::string_view text) {
    if (text.size() < 2 || !is_number_in(text.substr(0, 2), 0, 23)) return false;
    if (text.size() == 2) return true;
    if (text.size() < 4 || !is_number_in(text.substr(2, 2), 0, 59)) return false;
    if (text.size() == 4) return true;
    if (text.size() < 6 || !is_number_in(text.substr(4, 2), 0, 60)) return false;
    return text.size() == 6 || is_fraction(text.substr(6));
}

/// YYYY[MM[DD[HH[MM[SS[.F{1,6}]]]]]][&ZZXX]
bool is_date_time(std::string_view text) {
    if (text.size() > 26) return false;
    const std::size_t sign = text.find_first_of("+-");
    if (sign != std::string_view::npos) {
        const std::string_view offset = text.substr(sign + 1);
        if (offset.size() != 4 || !is_number_in(offset.substr(0, 2), 0, 14) ||
            !is_number_in(offset.substr(2), 0, 59))
            return false;
        text = text.substr(0, sign);
    }
    if (text.size() < 4 || !are_digits(text.substr(0, 4))) return false;
    if (text.size() == 4) return true;
    if (text.size() < 6 || !is_number_in(text.substr(4, 2), 1, 12)) return false;
    if (text.size() == 6) return true;
    if (text.size() < 8 || !is_number_in(text.substr(6, 2), 1, 31)) return false;
    return text.size() == 8 || is_time(text.substr(8));
}

/// Fixed or floating point decimal number.
bool is_decimal(std::string_view text) {
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    const std::size_t exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        std::string_view digits = text.substr(exponent + 1);
        if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) digits.remove_prefix(1);
        if (!are_digits(digits)) return false;
        text = text.substr(0, exponent);
    }
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return are_digits(text);
    const std::string_view before = text.substr(0, point);
    const std::string_view after = text.substr(point + 1);
    return (before.empty() || are_digits(before)) && (after.empty() || are_digits(after)) &&
           before.size() + after.size() != 0;
}

bool is_integer(std::string_view text) {
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text[0])) return false;
    }
    std::int32_t number = 0;  // the range of IS
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

Verdict check_person_name(std::string_view text) {
    unsigned groups = 0;
    for (std::size_t begin = 0; begin <= text.size(); ++groups) {
        const std::size_t end = std::min(text.find('=', begin), text.size());
        const std::string_view group = text.substr(begin, end - begin);
        if (auto verdict = check_length(count_characters(group), 64))
            return "has a component group that " + *verdict;
        if (std::count(group.begin(), group.end(), '^') > 4)
            return "has a component group of more than 5 components";
        begin = end + 1;
    }
    if (groups > 3) return "has more than 3 component groups";
    return std::nullopt;
}

Verdict check_format(bool good, const char* format) {
    if (good) return std::nullopt;
    return std::string("is not ") + format;
}

Verdict check_code(std::string_view text) {
    const bool good = std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_';
    });
    if (!good) return "has other characters than upper-case letters, digits, space and underscore";
    return check_length(trimmed(text).size(), 16);
}

/// One value of a text VR; an empty one is always acceptable.
Verdict check_value(Vr vr, std::string_view value) {
    const std::string_view text = without_trailing_spaces(value);
    if (text.empty()) return std::nullopt;
    if (has_forbidden_control(value, runtime::is_single_text(vr) && vr != Vr::UR))
        return "has a control character";
    switch (vr) {
    case Vr::AE: return check_length(trimmed(text).size(), 16);
    case Vr::AS:
        return check_format(text.size() == 4 && are_digits(text.substr(0, 3)) &&
                                std::string_view("DWMY").find(text[3]) != std::string_view::npos,
                            "an age (nnnD, nnnW, nnnM or nnnY)");
    case Vr::CS: return check_code(text);
    case Vr::DA: return check_format(is_date(text), "a date (YYYYMMDD)");
    case Vr::DS:
        if (auto verdict = check_format(is_decimal(trimmed(text)), "a decimal number"))
            return verdict;
        return check_length(trimmed(text).size(), 16);
    case Vr::DT:
        return check_format(is_date_time(text), "a date and time (YYYYMMDDHHMMSS.FFFFFF&ZZXX)");
    case Vr::IS:
        if (auto verdict = check_format(is_integer(trimmed(text)), "an integer of 32 bit"))
            return verdict;
        return check_length(trimmed(text).size(), 12);
    case Vr::LO: return check_length(count_characters(trimmed(text)), 64);
    case Vr::LT: return check_length(count_characters(text), 10240);
    case Vr::PN: return check_person_name(text);
    case Vr::SH: return check_length(count_characters(trimmed(text)), 16);
    case Vr::ST: return check_length(count_characters(text), 1024);
    case Vr::TM:
        return check_format(is_time(text) || is_time_with_colons(text), "a time (HHMMSS.FFFFFF)");
    case Vr::UI: return check_format(runtime::is_valid_uid(text), "a UID");
    case Vr::UR:
        return check_format(text.find(' ') == std::string_view::npos &&
                                text.find('\\') == std::string_view::npos,
                            "a URI");
    default: return std::nullopt;
    }
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::optional<std::string> violation_of(Vr vr, std::string_view text) {
    if (!runtime::is_text(vr)) return std::nullopt;
    if (runtime::is_single_text(vr)) {
        if (auto verdict = check_value(vr, text)) return "the value " + *verdict;
        return std::nullopt;
    }
    std::size_t number = 1;
    for (std::size_t begin = 0; begin <= text.size(); ++number) {
        const std::size_t end = std::min(text.find('\\', begin), text.size());
        if (auto verdict = check_value(vr, text.substr(begin, end - begin)))
            return "value " + std::to_string(number) + " " + *verdict;
        begin = end + 1;
    }
    return std::nullopt;
}

}  // namespace dcmtk_native::data
