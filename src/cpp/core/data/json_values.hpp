// How the values of one element stand in its bytes: what libdcmdata strips, what separates values,
// which IS and DS are numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.hpp"
#include "runtime/charset.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::data {

/// The values of a text element as UTF-8, stripped, one after the other: there can be millions. The
/// object is used again for the next element.
class TextValues {
  public:
    /// Takes the bytes of an element, which must stay. Tells how many values they hold: none when
    /// there is nothing but padding and separators.
    [[nodiscard]] std::size_t open(std::string_view bytes, runtime::Vr vr,
                                   const runtime::CharacterSet& set);
    /// The next value; it lives until the next call.
    [[nodiscard]] std::string_view next();
    /// Characters of the last value that could not be decoded.
    [[nodiscard]] std::size_t replaced() const noexcept { return replaced_; }

  private:
    [[nodiscard]] std::string_view next_plain();
    [[nodiscard]] std::string_view next_decoded();

    std::string_view rest_;                // of plain text: what has not been read
    std::vector<std::string_view> coded_;  // of other text: all values, to be decoded
    std::size_t position_ = 0;
    std::string decoded_;
    std::size_t replaced_ = 0;
    runtime::Vr vr_ = runtime::Vr::none;
    const runtime::CharacterSet* set_ = nullptr;
};

/// A value of an IS or DS element, the spaces around it removed.
struct NumberText {
    enum class Kind : std::uint8_t { text, integer, decimal } kind = Kind::text;
    std::int64_t integer = 0;
    double decimal = 0;
    std::string json;  // of a decimal
};

/// Text that breaks the rules of the VR (PS3.5 section 6.2), or a number beyond what a double can
/// hold, stays text.
[[nodiscard]] NumberText parse_integer_string(std::string_view text);
[[nodiscard]] NumberText parse_decimal_string(std::string_view text);

/// One person name, split. The object is used again for the next name.
class NameParts {
  public:
    /// Empty components at the end of a group and spaces around components go.
    [[nodiscard]] PersonName read(std::string_view name);
    /// True if the name had more than three groups; they are left out.
    [[nodiscard]] bool had_more() const noexcept { return had_more_; }

  private:
    [[nodiscard]] static std::string_view significant(std::string_view group, std::string& store);

    std::string groups_[3];
    bool had_more_ = false;
};

}  // namespace dcmtk_native::data
