// What the statuses of responses mean (PS3.7 annex C, PS3.4 annexes B, C and GG).
#include "network/command.hpp"

#include <array>

namespace dcmtk_native::network {

namespace {

struct Meaning {
    std::uint16_t status;
    std::string_view text;
};

// PS3.7 annex C: for every service.
constexpr std::array general = {
    Meaning{0x0000, "success"},
    Meaning{0x0001, "requested optional attributes are not supported"},
    Meaning{0x0105, "no such attribute"},
    Meaning{0x0106, "invalid attribute value"},
    Meaning{0x0107, "attribute list error"},
    Meaning{0x0110, "processing failure"},
    Meaning{0x0111, "duplicate SOP instance"},
    Meaning{0x0112, "no such SOP instance"},
    Meaning{0x0113, "no such event type"},
    Meaning{0x0114, "no such argument"},
    Meaning{0x0115, "invalid argument value"},
    Meaning{0x0116, "attribute value out of range"},
    Meaning{0x0117, "invalid object instance"},
    Meaning{0x0118, "no such SOP class"},
    Meaning{0x0119, "class-instance conflict"},
    Meaning{0x0120, "missing attribute"},
    Meaning{0x0121, "missing attribute value"},
    Meaning{0x0122, "SOP class not supported"},
    Meaning{0x0123, "no such action type"},
    Meaning{0x0124, "refused: not authorized"},
    Meaning{0x0210, "duplicate invocation"},
    Meaning{0x0211, "unrecognized operation"},
    Meaning{0x0212, "mistyped argument"},
    Meaning{0x0213, "resource limitation"},
    Meaning{0xFE00, "cancelled"},
    Meaning{0xFF00, "pending"},
    Meaning{0xFF01, "pending: optional keys are not supported"},
};

// PS3.4 sections B.2.3, C.4.1.1.4, C.4.2.1.5, C.4.3.1.4.
constexpr std::array storage = {
    Meaning{0xB000, "warning: coercion of data elements"},
    Meaning{0xB006, "warning: elements discarded"},
    Meaning{0xB007, "warning: data set does not match SOP class"},
};
constexpr std::array query = {
    Meaning{0xA701, "refused: out of resources, unable to calculate the number of matches"},
    Meaning{0xA702, "refused: out of resources, unable to perform sub-operations"},
    Meaning{0xA801, "refused: move destination unknown"},
    Meaning{0xB000, "warning: sub-operations complete, one or more failures"},
};

template <typename Table> [[nodiscard]] std::string_view look_up(const Table& table, std::uint16_t status) {
    for (const Meaning& meaning : table)
        if (meaning.status == status) return meaning.text;
    return {};
}

/// Of a family of statuses that differ in their last digits.
[[nodiscard]] std::string_view family_text(std::uint16_t status) {
    switch (status & 0xFF00) {
    case 0xA700: return "refused: out of resources";
    case 0xA900: return "error: data set does not match SOP class";
    default: break;
    }
    switch (status & 0xF000) {
    case 0xA000: return "refused";
    case 0xB000: return "warning";
    case 0xC000: return "error: cannot understand or unable to process";
    default: return "unknown status";
    }
}

[[nodiscard]] std::string_view text_of(std::uint16_t status, CommandField response) {
    std::string_view text = look_up(general, status);
    if (text.empty())
        text = response == CommandField::c_store_response ? look_up(storage, status)
                                                          : look_up(query, status);
    return text.empty() ? family_text(status) : text;
}

}  // namespace

StatusCategory category_of(std::uint16_t status) {
    switch (status) {
    case 0x0000: return StatusCategory::success;
    case 0xFF00:
    case 0xFF01: return StatusCategory::pending;
    case 0xFE00: return StatusCategory::cancel;
    case 0x0001:
    case 0x0107:
    case 0x0116: return StatusCategory::warning;
    default: break;
    }
    return (status & 0xF000) == 0xB000 ? StatusCategory::warning : StatusCategory::failure;
}

std::string describe_status(std::uint16_t status, CommandField response) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string text = "0x0000";
    for (unsigned i = 0; i < 4; ++i) text[2 + i] = digits[(status >> (12 - 4 * i)) & 0xF];
    return (((text += " (") += text_of(status, response)) += ")");
}

}  // namespace dcmtk_native::network
