// Which elements of a read data set can be written as they stand in their source, byte for byte,
// all they hold included.
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.hpp"

namespace dcmtk_native::data {

/// What of the writing options decides on it.
struct VerbatimRules {
    runtime::Encoding encoding;     // to be written
    bool
        group_lengths_stay_away;  // there are to be none, or new ones: existing ones are not copied
    bool group_lengths_everywhere;  // new ones in every item: no item is copied
    bool explicit_lengths;          // else undefined ones
    bool padding_elements_stay;     // (FFFC,FFFC) is copied
    bool pads_items;                // new ones in every item
    bool new_vrs;                   // VRs of after 1993 stay
    bool correct_padding;           // superfluous padding of text goes
};

/// One flag for every entry of the data set. All are false when the encodings differ.
[[nodiscard]] std::vector<bool> find_verbatim(const Dataset& dataset, const VerbatimRules& rules);

/// A text value without the padding that carries no meaning: what libdcmdata's automatic data
/// correction leaves of it. Spaces anywhere in a UID, else trailing ones.
[[nodiscard]] std::string without_padding(runtime::Vr vr, std::string_view bytes);

/// A VR as it may be written: with `new_vrs` off, OB stands for those of after 1993 (DCMTK's -u).
[[nodiscard]] constexpr runtime::Vr writable_vr(runtime::Vr vr, bool new_vrs) {
    using runtime::Vr;
    switch (vr) {
    case Vr::UN: case Vr::UT: case Vr::OF: case Vr::OD: case Vr::OL: case Vr::UR: case Vr::UC:
    case Vr::OV: case Vr::SV: case Vr::UV:
        return new_vrs ? vr : Vr::OB;
    default:
        return vr;
    }
}

}  // namespace dcmtk_native::data
