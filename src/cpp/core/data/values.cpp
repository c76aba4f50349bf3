#include "data/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <type_traits>

#include "data/value_rules.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::ErrorKind;
using runtime::Vr;

[[noreturn]] void refuse(Vr vr, const std::string& why) {
    char letters[3] = "";
    runtime::write_letters(vr, letters);
    runtime::raise(ErrorKind::operation,
                   std::string("value not acceptable for VR ") + letters + ": " + why);
}

template <typename Number>
void append(std::string& value, Number number) {
    char bytes[sizeof number];
    runtime::store_little_endian(number, bytes);
    value.append(bytes, sizeof number);
}

/// The whole text as a number of this very type.
template <typename Number>
std::optional<Number> parse_integer(std::string_view text, int base = 10) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Rounds to what the type holds; nothing when the text is no number or beyond its range.
template <typename Number>
std::optional<Number> parse_real(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (std::isfinite(number) &&
        std::abs(number) > static_cast<double>(std::numeric_limits<Number>::max()))
        return std::nullopt;
    return static_cast<Number>(number);
}

template <typename Number>
bool append_parsed(std::string_view text, std::string& value) {
    std::optional<Number> number;
    if constexpr (std::is_floating_point_v<Number>) {
        number = parse_real<Number>(text);
    } else {
        number = parse_integer<Number>(text);
    }
    if (number) append(value, *number);
    return number.has_value();
}

template <typename Number>
bool append_hex(std::string_view text, std::string& value) {
    const auto number = parse_integer<Number>(text, 16);
    if (number) append(value, *number);
    return number.has_value();
}

bool append_tag(runtime::Tag tag, std::string& value) {
    append(value, runtime::group_of(tag));
    append(value, runtime::element_of(tag));
    return true;
}

/// "(gggg,eeee)"
bool append_tag(std::string_view text, std::string& value) {
    if (text.size() != 11 || text[0] != '(' || text[5] != ',' || text[10] != ')') return false;
    const auto group = parse_integer<std::uint16_t>(text.substr(1, 4), 16);
    const auto element = parse_integer<std::uint16_t>(text.substr(6, 4), 16);
    return group && element && append_tag(runtime::make_tag(*group, *element), value);
}

/// One of the numbers or hex bytes of a value that is no text.
bool append_component(Vr vr, std::string_view text, std::string& value) {
    switch (vr) {
    case Vr::SS: return append_parsed<std::int16_t>(text, value);
    case Vr::US: return append_parsed<std::uint16_t>(text, value);
    case Vr::SL: return append_parsed<std::int32_t>(text, value);
    case Vr::UL: case Vr::OL: return append_parsed<std::uint32_t>(text, value);
    case Vr::SV: return append_parsed<std::int64_t>(text, value);
    case Vr::UV: case Vr::OV: return append_parsed<std::uint64_t>(text, value);
    case Vr::FL: case Vr::OF: return append_parsed<float>(text, value);
    case Vr::FD: case Vr::OD: return append_parsed<double>(text, value);
    case Vr::AT: return append_tag(text, value);
    case Vr::OW: return append_hex<std::uint16_t>(text, value);
    case Vr::OB: case Vr::UN: return append_hex<std::uint8_t>(text, value);
    default: return false;
    }
}

const char* component_form(Vr vr) {
    switch (vr) {
    case Vr::AT: return "a tag (gggg,eeee)";
    case Vr::OW: return "a number of up to 4 hexadecimal digits";
    case Vr::OB: case Vr::UN: return "a number of up to 2 hexadecimal digits";
    default: return "a number in the range of the VR";
    }
}

std::string binary_from_text(Vr vr, std::string_view text) {
    std::string value;
    if (text.empty()) return value;
    std::size_t number = 1;
    for (std::size_t begin = 0; begin <= text.size(); ++number) {
        const std::size_t end = std::min(text.find('\\', begin), text.size());
        if (!append_component(vr, trimmed(text.substr(begin, end - begin)), value))
            refuse(vr, "value " + std::to_string(number) + " is not " + component_form(vr));
        begin = end + 1;
    }
    return value;
}

/// Trailing spaces carry no meaning in any text VR; of a UID no space does (libdcmdata removes the
/// same).
std::string significant_text(Vr vr, std::string_view text) {
    std::string kept(text.substr(0, text.find_last_not_of(' ') + 1));
    if (vr == Vr::UI)
        kept.erase(
            std::remove_if(kept.begin(), kept.end(), [](char c) { return c == ' ' || c == '\0'; }),
            kept.end());
    return kept;
}

template <typename Stored, typename Given>
bool append_converted(Given number, std::string& value) {
    if constexpr (std::is_floating_point_v<Stored>) {
        const auto wide = static_cast<double>(number);
        if (std::isfinite(wide) &&
            std::abs(wide) > static_cast<double>(std::numeric_limits<Stored>::max()))
            return false;
        append(value, static_cast<Stored>(number));
        return true;
    } else if constexpr (std::is_floating_point_v<Given>) {
        // Only a whole number fits; the bounds are exact in a double but for 64 bit, where the
        // upper one is 2^n.
        constexpr double upper =
            static_cast<double>(std::numeric_limits<Stored>::max() / 2 + 1) * 2;
        if (!(number >= static_cast<double>(std::numeric_limits<Stored>::min()) &&
              number < upper) ||
            number != std::trunc(number))
            return false;
        append(value, static_cast<Stored>(number));
        return true;
    } else {
        if constexpr (std::is_signed_v<Given> && !std::is_signed_v<Stored>) {
            if (number < 0) return false;
            using Unsigned = std::make_unsigned_t<Given>;
            return append_converted<Stored>(static_cast<Unsigned>(number), value);
        } else if constexpr (!std::is_signed_v<Given> && std::is_signed_v<Stored>) {
            using Unsigned = std::make_unsigned_t<Stored>;
            if (number > static_cast<Unsigned>(std::numeric_limits<Stored>::max())) return false;
        } else {
            if (number > std::numeric_limits<Stored>::max() ||
                number < std::numeric_limits<Stored>::min())
                return false;
        }
        append(value, static_cast<Stored>(number));
        return true;
    }
}

template <typename Given>
bool append_any_number(Vr vr, Given number, std::string& value) {
    switch (vr) {
    case Vr::SS: return append_converted<std::int16_t>(number, value);
    case Vr::US: case Vr::OW: return append_converted<std::uint16_t>(number, value);
    case Vr::SL: return append_converted<std::int32_t>(number, value);
    case Vr::UL: case Vr::OL: return append_converted<std::uint32_t>(number, value);
    case Vr::SV: return append_converted<std::int64_t>(number, value);
    case Vr::UV: case Vr::OV: return append_converted<std::uint64_t>(number, value);
    case Vr::FL: case Vr::OF: return append_converted<float>(number, value);
    case Vr::FD: case Vr::OD: return append_converted<double>(number, value);
    case Vr::OB: case Vr::UN: return append_converted<std::uint8_t>(number, value);
    case Vr::AT: {
        std::string tag;
        if (!append_converted<std::uint32_t>(number, tag)) return false;
        return append_tag(runtime::load_little_endian<std::uint32_t>(tag.data()), value);
    }
    default: return false;
    }
}

}  // namespace

std::string value_from_text(Vr vr, std::string_view utf8, const runtime::CharacterSet& set,
                            TextRules rules) {
    if (!runtime::is_text(vr)) return binary_from_text(vr, utf8);
    std::string text = significant_text(vr, utf8);
    if (rules == TextRules::strict)
        if (const auto violation = violation_of(vr, text)) refuse(vr, *violation);
    if (runtime::is_plain_ascii(text)) return text;
    if (runtime::uses_character_set(vr))
        return set.encode(text, runtime::OnUnencodable::fail).bytes;
    if (rules == TextRules::strict) refuse(vr, "it holds characters beyond the default repertoire");
    return text;
}

bool append_number(Vr vr, std::int64_t number, std::string& value) {
    return append_any_number(vr, number, value);
}
bool append_number(Vr vr, std::uint64_t number, std::string& value) {
    return append_any_number(vr, number, value);
}
bool append_number(Vr vr, double number, std::string& value) {
    return append_any_number(vr, number, value);
}

}  // namespace dcmtk_native::data
