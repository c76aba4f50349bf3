// Value representations: the two letters as a number, and what PS3.5 says of each (table 6.2-1).
#pragma once

#include <cstdint>
#include <string_view>

namespace dcmtk_native::runtime {

constexpr std::uint16_t vr_code(char first, char second) {
    return static_cast<std::uint16_t>((static_cast<unsigned char>(first) << 8) |
                                      static_cast<unsigned char>(second));
}

/// A value representation; `none` stands for items, delimiters and "not resolved yet".
enum class Vr : std::uint16_t {
    none = 0,
    AE = vr_code('A', 'E'), AS = vr_code('A', 'S'), AT = vr_code('A', 'T'), CS = vr_code('C', 'S'),
    DA = vr_code('D', 'A'), DS = vr_code('D', 'S'), DT = vr_code('D', 'T'), FD = vr_code('F', 'D'),
    FL = vr_code('F', 'L'), IS = vr_code('I', 'S'), LO = vr_code('L', 'O'), LT = vr_code('L', 'T'),
    OB = vr_code('O', 'B'), OD = vr_code('O', 'D'), OF = vr_code('O', 'F'), OL = vr_code('O', 'L'),
    OV = vr_code('O', 'V'), OW = vr_code('O', 'W'), PN = vr_code('P', 'N'), SH = vr_code('S', 'H'),
    SL = vr_code('S', 'L'), SQ = vr_code('S', 'Q'), SS = vr_code('S', 'S'), ST = vr_code('S', 'T'),
    SV = vr_code('S', 'V'), TM = vr_code('T', 'M'), UC = vr_code('U', 'C'), UI = vr_code('U', 'I'),
    UL = vr_code('U', 'L'), UN = vr_code('U', 'N'), UR = vr_code('U', 'R'), US = vr_code('U', 'S'),
    UT = vr_code('U', 'T'), UV = vr_code('U', 'V'),
};

constexpr Vr vr_from(char first, char second) { return static_cast<Vr>(vr_code(first, second)); }

/// One of the 34 value representations of the standard.
constexpr bool is_known(Vr vr) {
    switch (vr) {
    case Vr::AE: case Vr::AS: case Vr::AT: case Vr::CS: case Vr::DA: case Vr::DS: case Vr::DT:
    case Vr::FD: case Vr::FL: case Vr::IS: case Vr::LO: case Vr::LT: case Vr::OB: case Vr::OD:
    case Vr::OF: case Vr::OL: case Vr::OV: case Vr::OW: case Vr::PN: case Vr::SH: case Vr::SL:
    case Vr::SQ: case Vr::SS: case Vr::ST: case Vr::SV: case Vr::TM: case Vr::UC: case Vr::UI:
    case Vr::UL: case Vr::UN: case Vr::UR: case Vr::US: case Vr::UT: case Vr::UV:
        return true;
    default:
        return false;
    }
}

/// Explicit VR with two reserved bytes and a 32 bit length (PS3.5 section 7.1.2).
constexpr bool has_long_header(Vr vr) {
    switch (vr) {
    case Vr::OB: case Vr::OD: case Vr::OF: case Vr::OL: case Vr::OV: case Vr::OW: case Vr::SQ:
    case Vr::SV: case Vr::UC: case Vr::UN: case Vr::UR: case Vr::UT: case Vr::UV:
        return true;
    default:
        return false;
    }
}

/// Text in the data set's character set (PS3.5 section 6.1.2.3).
constexpr bool uses_character_set(Vr vr) {
    return vr == Vr::SH || vr == Vr::LO || vr == Vr::ST || vr == Vr::LT || vr == Vr::UC ||
           vr == Vr::UT || vr == Vr::PN;
}

/// Character strings of any kind; a backslash separates values unless `is_single_text`.
constexpr bool is_text(Vr vr) {
    switch (vr) {
    case Vr::AE: case Vr::AS: case Vr::CS: case Vr::DA: case Vr::DS: case Vr::DT: case Vr::IS:
    case Vr::LO: case Vr::LT: case Vr::PN: case Vr::SH: case Vr::ST: case Vr::TM: case Vr::UC:
    case Vr::UI: case Vr::UR: case Vr::UT:
        return true;
    default:
        return false;
    }
}

/// Text that always holds one value: a backslash is an ordinary character.
constexpr bool is_single_text(Vr vr) {
    return vr == Vr::ST || vr == Vr::LT || vr == Vr::UT || vr == Vr::UR;
}

/// Bytes of one binary value; 1 for text and byte strings: what byte order concerns.
constexpr unsigned value_width(Vr vr) {
    switch (vr) {
    case Vr::SS: case Vr::US: case Vr::OW: case Vr::AT:  // AT: two 16 bit numbers
        return 2;
    case Vr::SL: case Vr::UL: case Vr::FL: case Vr::OF: case Vr::OL:
        return 4;
    case Vr::FD: case Vr::OD: case Vr::SV: case Vr::UV: case Vr::OV:
        return 8;
    default:
        return 1;
    }
}

/// Values that the JSON model holds as InlineBinary.
constexpr bool is_bulk(Vr vr) {
    return vr == Vr::OB || vr == Vr::OD || vr == Vr::OF || vr == Vr::OL || vr == Vr::OV ||
           vr == Vr::OW || vr == Vr::UN;
}

/// The two letters, for example "PN"; "??" for `none`.
inline void write_letters(Vr vr, char* two) {
    const auto code = static_cast<std::uint16_t>(vr);
    two[0] = code == 0 ? '?' : static_cast<char>(code >> 8);
    two[1] = code == 0 ? '?' : static_cast<char>(code & 0xFF);
}

inline Vr vr_from(std::string_view letters) {
    return letters.size() < 2 ? Vr::none : vr_from(letters[0], letters[1]);
}

}  // namespace dcmtk_native::runtime
