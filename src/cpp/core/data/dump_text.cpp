#include "data/dump_text.hpp"

#include "data/data.hpp"
#include "runtime/charset.hpp"
#include "runtime/element_line.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctypes.h>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace dcmtk_native::data {

namespace {

using runtime::CharacterSet;
using runtime::TextKind;
using runtime::Vr;

constexpr std::string_view coloured_comment = DCMDATA_ANSI_ESCAPE_CODE_COMMENT " # ";
constexpr std::string_view colour_reset = DCMDATA_ANSI_ESCAPE_CODE_RESET;

/// Takes decimal digits, right-aligned in spaces, from the front.
bool take_number(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end != 0;
}

bool take(std::string_view& text, std::string_view word) {
    if (text.substr(0, word.size()) != word) return false;
    text.remove_prefix(word.size());
    return true;
}

/// " 12, 1 PatientName" or "u/l, 1 PixelData".
bool is_comment(std::string_view text) {
    return (take(text, "u/l") || take_number(text)) && take(text, ",") && take_number(text) &&
           take(text, " ") && !text.empty();
}

std::string_view without_padding(std::string_view text) {
    const std::size_t last = text.find_last_not_of(' ');
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

TextKind kind_of(Vr vr) {
    if (vr == Vr::PN) return TextKind::person_name;
    return runtime::is_single_text(vr) && vr != Vr::UR ? TextKind::text : TextKind::string;
}

/// The end of an escape sequence of a terminal at the front, or 0. No character set has one that
/// starts so.
std::size_t colour_code(std::string_view text) {
    if (text.substr(0, 2) != "\033[") return 0;
    const std::size_t end = text.find_first_not_of("0123456789;", 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

void append_decoded(std::string& out, std::string_view line, const CharacterSet& set,
                    TextKind kind) {
    while (!line.empty()) {
        const std::size_t colour = colour_code(line);
        out += line.substr(0, colour);
        line.remove_prefix(colour);
        const std::size_t next =
            std::min(line.find("\033[", colour == 0 && !line.empty() ? 1 : 0), line.size());
        out += set.decode(line.substr(0, next), kind).text;
        line.remove_prefix(next);
    }
}

}  // namespace

std::string without_comments(std::string_view text) {
    std::string out;
    runtime::for_each_line(text, [&out](std::string_view line, bool ended) {
        const std::size_t coloured = line.rfind(coloured_comment);
        const std::size_t plain = line.rfind(" # ");
        if (coloured != std::string_view::npos) {
            out += without_padding(line.substr(0, coloured));
            out += colour_reset;
        } else if (plain != std::string_view::npos && is_comment(line.substr(plain + 3))) {
            out += without_padding(line.substr(0, plain));
        } else {
            out += line;
        }
        if (ended) out += '\n';
    });
    return out;
}

std::string decode_dump(std::string_view text, std::string_view character_set) {
    if (runtime::is_plain_ascii(text)) return std::string(text);
    const CharacterSet set = character_set.empty() ? CharacterSet() : CharacterSet(character_set);
    std::string out;
    TextKind kind = TextKind::string;
    runtime::for_each_line(text, [&](std::string_view line, bool ended) {
        // A line without a tag goes on with the value of the one before.
        if (const std::optional<Vr> vr = runtime::vr_of_element_line(line)) kind = kind_of(*vr);
        append_decoded(out, line, set, kind);
        if (ended) out += '\n';
    });
    return out;
}

std::string utf8_text(const DcmdumpResult& result) {
    std::string out;
    std::size_t start = 0;
    for (const DcmdumpResult::Section& section : result.sections) {
        out += decode_dump(std::string_view(result.text).substr(start, section.end - start),
                           section.character_set);
        start = section.end;
    }
    return out;
}

}  // namespace dcmtk_native::data
