#include "intake/implicit_vr.hpp"

#include "runtime/byte_order.hpp"

namespace dcmtk_native::intake {

namespace {

using runtime::Tag;
using runtime::Vr;

constexpr Tag overlay_data = 0x60003000;  // in every even group from 6000 to 60FE

/// The elements whose sign DcmItem::checkAndUpdateVR looks up; all others of "xs" are left as US.
bool follows_pixel_representation(Tag tag) {
    switch (tag) {
    case 0x00189810:
    case 0x00280106:
    case 0x00280107:
    case 0x00280108:
    case 0x00280109:
    case 0x00280120:
    case 0x00280121:
    case 0x00283002:
    case 0x00409211:
    case 0x00409216:
    case 0x00603004:
    case 0x00603006:
        return true;
    default:
        return false;
    }
}

/// Waveform Data, its padding value, and the channels' extremes.
bool follows_waveform_bits(Tag tag) {
    return tag == 0x54001010 || tag == 0x5400100A || tag == 0x54000110 || tag == 0x54000112;
}

}  // namespace

const runtime::DictionaryEntry* VrContext::find_definition(Tag tag) const {
    if (runtime::is_private(tag) && runtime::group_of(tag) == creators_group_) {
        // Below 1000 the block is zero, which nobody can own.
        const unsigned block = runtime::element_of(tag) >> 8;
        for (const Creator& creator : creators_)
            if (creator.block == block) return runtime::find_entry(tag, creator.name);
    }
    return runtime::find_entry(tag);
}

/// Decides as DCMTK's parser does (DcmItem::checkAndUpdateVR), and what that leaves open as its
/// writers do (DcmVR::getValidEVR).
Vr VrContext::resolve(const runtime::DictionaryEntry& definition, Tag tag) const {
    const std::string_view letters = definition.vr();
    const Vr vr = runtime::vr_from(letters);
    if (runtime::is_known(vr)) return vr;
    if (letters == "xs")
        return follows_pixel_representation(tag) && pixel_representation_ == 1 ? Vr::SS : Vr::US;
    if (letters == "ox") {
        if (follows_waveform_bits(tag))
            return waveform_bits_ < 0 || waveform_bits_ == 8 ? Vr::OB : Vr::OW;
        return (tag & 0xFF01FFFF) == overlay_data ? Vr::OW : Vr::OB;
    }
    if (letters == "px" || letters == "lt") return Vr::OW;
    if (letters == "up") return Vr::UL;
    return Vr::UN;
}

void VrContext::remember(Tag tag, Vr vr, std::string_view value, bool big_endian) {
    if (runtime::is_private(tag)) {
        if (runtime::is_text(vr)) add_creator(tag, value);
    } else if (value.size() >= 2) {
        (tag == waveform_bits_allocated ? waveform_bits_ : pixel_representation_) =
            runtime::load<std::uint16_t>(value.data(), big_endian);
    }
}

void VrContext::add_creator(Tag tag, std::string_view name) {
    while (!name.empty() && (name.back() == ' ' || name.back() == '\0'))
        name.remove_suffix(1);
    if (name.empty()) return;
    if (creators_group_ != runtime::group_of(tag)) {
        creators_group_ = runtime::group_of(tag);
        creators_.clear();
    }
    const unsigned block = runtime::element_of(tag);
    for (const Creator& creator : creators_)
        if (creator.block == block) return;  // as in libdcmtk the first one stands
    creators_.push_back({block, std::string(name)});
}

}  // namespace dcmtk_native::intake
