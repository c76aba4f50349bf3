#include "data/json_values.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace dcmtk_native::data {

namespace {

using runtime::Vr;

/// What libdcmdata's classes of the text VRs take for padding.
struct Stripping {
    char padding = ' ';               // goes from the end of the element
    std::string_view insignificant;   // an element of nothing else has no value
    bool leading = false;             // goes from both ends of a value
    bool trailing = true;             // goes from the end of a value
};

Stripping stripping_of(Vr vr) {
    switch (vr) {
    case Vr::AE: case Vr::CS: case Vr::DS: case Vr::IS: case Vr::LO: case Vr::SH:
        return {' ', " \\", true, true};
    case Vr::DT: case Vr::UC: return {' ', " \\"};
    case Vr::DA: case Vr::TM: return {' ', "\\"};
    case Vr::UI: return {'\0', "\\"};
    case Vr::PN: return {' ', " ^="};
    case Vr::AS: return {' ', "", false, false};
    default: return {};  // ST, LT, UT, UR
    }
}

std::string_view without_trailing(std::string_view text, char padding) {
    return text.substr(0, text.find_last_not_of(padding) + 1);
}

std::string_view without_leading(std::string_view text, char padding) {
    text.remove_prefix(std::min(text.find_first_not_of(padding), text.size()));
    return text;
}

std::string_view stripped(std::string_view value, const Stripping& stripping) {
    if (stripping.trailing) value = without_trailing(value, stripping.padding);
    return stripping.leading ? without_leading(value, stripping.padding) : value;
}

runtime::TextKind kind_of(Vr vr) {
    if (vr == Vr::PN) return runtime::TextKind::person_name;
    return runtime::is_single_text(vr) ? runtime::TextKind::text : runtime::TextKind::string;
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// The digits at the front of the text, which loses them.
std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

/// Takes the character if the text starts with it.
bool take(std::string_view& text, char character) {
    if (text.empty() || text.front() != character) return false;
    text.remove_prefix(1);
    return true;
}

// PS3.5 section 6.2.
constexpr std::size_t max_integer_string = 12;
constexpr std::size_t max_decimal_string = 16;

/// A sign and up to 16 digits, as JSON writes an integer.
std::optional<std::int64_t> to_integer(bool negative, std::string_view digits) {
    std::int64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, number);
    if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return negative ? -number : number;
}

NumberText integer_number(std::int64_t number) {
    NumberText found;
    found.kind = NumberText::Kind::integer;
    found.integer = number;
    return found;
}

/// "e5" or nothing, as JSON writes it; the text keeps what is no exponent.
std::string take_exponent(std::string_view& text) {
    std::string_view rest = text;
    if (!take(rest, 'e') && !take(rest, 'E')) return {};
    const bool negative = take(rest, '-');
    if (!negative) take(rest, '+');
    const std::string_view digits = take_digits(rest);
    if (digits.empty()) return {};
    text = rest;
    return std::string(negative ? "e-" : "e").append(digits);
}

}  // namespace

std::size_t TextValues::open(std::string_view bytes, Vr vr, const runtime::CharacterSet& set) {
    const Stripping stripping = stripping_of(vr);
    vr_ = vr;
    set_ = &set;
    coded_.clear();
    position_ = 0;
    rest_ = without_trailing(bytes, stripping.padding);
    const bool has_value = stripping.insignificant.empty() ||
                           rest_.find_first_not_of(stripping.insignificant) != rest_.npos;
    if (!has_value) return 0;
    const bool is_single = runtime::is_single_text(vr);
    if (!runtime::is_plain_ascii(rest_)) {
        coded_ = is_single ? std::vector{rest_} : set.split(rest_);
        return coded_.size();
    }
    if (is_single) return 1;
    return static_cast<std::size_t>(std::count(rest_.begin(), rest_.end(), '\\')) + 1;
}

std::string_view TextValues::next() {
    replaced_ = 0;
    return stripped(coded_.empty() ? next_plain() : next_decoded(), stripping_of(vr_));
}

std::string_view TextValues::next_plain() {
    const std::size_t end = runtime::is_single_text(vr_) ? rest_.npos : rest_.find('\\');
    const std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(std::min(value.size() + 1, rest_.size()));
    return value;
}

std::string_view TextValues::next_decoded() {
    runtime::Decoded decoded = set_->decode(coded_[position_++], kind_of(vr_));
    replaced_ = decoded.replaced;
    decoded_ = std::move(decoded.text);
    return decoded_;
}

NumberText parse_integer_string(std::string_view text) {
    if (text.size() > max_integer_string) return {};
    const bool negative = take(text, '-');
    if (!negative) take(text, '+');
    const auto number = to_integer(negative, text);
    if (!number || !is_digit(text.front())) return {};
    using Bounds = std::numeric_limits<std::int32_t>;
    return *number < Bounds::min() || *number > Bounds::max() ? NumberText{} : integer_number(*number);
}

NumberText parse_decimal_string(std::string_view text) {
    if (text.size() > max_decimal_string) return {};
    const bool negative = take(text, '-');
    if (!negative) take(text, '+');
    std::string_view whole = take_digits(text);
    const bool has_point = take(text, '.');
    const std::string_view fraction = has_point ? take_digits(text) : std::string_view();
    if (whole.empty() && fraction.empty()) return {};
    const std::string exponent = take_exponent(text);
    if (!text.empty()) return {};
    if (!has_point && exponent.empty()) return integer_number(*to_integer(negative, whole));

    whole = without_leading(whole, '0');
    NumberText found;
    found.json.append(negative ? "-" : "").append(whole.empty() ? "0" : whole);
    found.json.append(".").append(fraction.empty() ? "0" : fraction).append(exponent);
    const char* end = found.json.data() + found.json.size();
    // Beyond the range of a double: the text says more than any number would.
    if (std::from_chars(found.json.data(), end, found.decimal).ec != std::errc()) return {};
    found.kind = NumberText::Kind::decimal;
    return found;
}

PersonName NameParts::read(std::string_view name) {
    std::string_view found[3];
    std::size_t group = 0;
    had_more_ = false;
    while (true) {
        const std::size_t end = std::min(name.find('='), name.size());
        found[group] = significant(name.substr(0, end), groups_[group]);
        if (end == name.size()) break;
        name.remove_prefix(end + 1);
        if (++group == 3) {
            had_more_ = true;
            break;
        }
    }
    return {found[0], found[1], found[2]};
}

std::string_view NameParts::significant(std::string_view group, std::string& store) {
    const bool is_clean = group.find(' ') == group.npos && (group.empty() || group.back() != '^');
    if (is_clean) return group;
    store.clear();
    std::size_t carets = 0;
    while (true) {
        const std::size_t end = std::min(group.find('^'), group.size());
        const std::string_view component =
            without_leading(without_trailing(group.substr(0, end), ' '), ' ');
        if (!component.empty()) {
            store.append(carets, '^').append(component);
            carets = 0;
        }
        if (end == group.size()) return store;
        group.remove_prefix(end + 1);
        ++carets;
    }
}

}  // namespace dcmtk_native::data
