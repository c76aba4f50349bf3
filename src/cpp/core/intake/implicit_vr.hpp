// The VRs of implicit VR data: the dictionary, and what it leaves open to other elements of the
// same item.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/dictionary.hpp"
#include "runtime/tag.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::intake {

/// What the elements of one item (or of the data set) say about the VRs of later ones in it.
class VrContext {
  public:
    /// The dictionary's entry, of the private creator whose block the tag is in; nullptr: unknown.
    [[nodiscard]] const runtime::DictionaryEntry* find_definition(runtime::Tag tag) const;
    /// The VR of the standard for an entry, DCMTK's internal ones ("xs", "ox", ...) decided.
    [[nodiscard]] runtime::Vr resolve(const runtime::DictionaryEntry& definition,
                                      runtime::Tag tag) const;

    /// Whether `remember` wants the element.
    [[nodiscard]] static constexpr bool matters(runtime::Tag tag) noexcept {
        return runtime::is_private_creator(tag) || tag == runtime::tags::pixel_representation ||
               tag == waveform_bits_allocated;
    }
    /// Longer values do not matter either.
    static constexpr std::uint32_t max_length = 64;
    void remember(runtime::Tag tag, runtime::Vr vr, std::string_view value, bool big_endian);

  private:
    static constexpr runtime::Tag waveform_bits_allocated = 0x54001004;

    /// The owner of a block of private elements.
    struct Creator {
        unsigned block;
        std::string name;
    };

    void add_creator(runtime::Tag tag, std::string_view name);

    // Negative when absent.
    int pixel_representation_ = -1;
    int waveform_bits_ = -1;
    // The owners of one group: groups come in ascending order.
    std::uint16_t creators_group_ = 0;
    std::vector<Creator> creators_;
};

}  // namespace dcmtk_native::intake
