// What the two letters of explicit VR data mean for the parser: the form of the element.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/tag.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::intake {

enum class Form : std::uint8_t {
    strange,  // not in the standard
    brief,    // 16 bit length
    lengthy,  // 32 bit length
    bytes,    // OB, OW: may be encapsulated pixel data
    unknown,  // UN: may be a sequence
    sequence,
};

constexpr Form form_of(runtime::Vr vr) {
    if (!runtime::is_known(vr)) return Form::strange;
    if (vr == runtime::Vr::SQ) return Form::sequence;
    if (vr == runtime::Vr::UN) return Form::unknown;
    if (vr == runtime::Vr::OB || vr == runtime::Vr::OW) return Form::bytes;
    return runtime::has_long_header(vr) ? Form::lengthy : Form::brief;
}

constexpr unsigned alphabet = 26;

constexpr auto make_forms() {
    std::array<Form, alphabet * alphabet> forms{};
    for (unsigned i = 0; i < forms.size(); ++i)
        forms[i] = form_of(runtime::vr_from(static_cast<char>('A' + i / alphabet),
                                            static_cast<char>('A' + i % alphabet)));
    return forms;
}

constexpr auto forms = make_forms();

inline Form form_of_letters(const std::uint8_t* letters) {
    const unsigned first = letters[0] - unsigned{'A'};
    const unsigned second = letters[1] - unsigned{'A'};
    return first < alphabet && second < alphabet ? forms[first * alphabet + second] : Form::strange;
}

/// What DCMTK takes letters for that are no VR: those that it uses itself, and capitals (a VR of
/// the future, which will have a 32 bit length); all else is taken for an old mistake.
inline Form form_of_strange_letters(runtime::Tag tag, std::string_view letters) {
    if (letters == "ox" || letters == "px" || (letters == "OX" && tag == runtime::tags::pixel_data))
        return Form::bytes;
    if (letters == "lt") return Form::lengthy;
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return is_capital(letters[0]) && is_capital(letters[1]) ? Form::unknown : Form::brief;
}

}  // namespace dcmtk_native::intake
