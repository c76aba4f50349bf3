// Tags as one number, 0xGGGGEEEE, and the few that the machinery itself knows by name.
#pragma once

#include <cstdint>
#include <string>

namespace dcmtk_native::runtime {

using Tag = std::uint32_t;

constexpr Tag make_tag(unsigned group, unsigned element) { return (group << 16) | element; }
constexpr std::uint16_t group_of(Tag tag) { return static_cast<std::uint16_t>(tag >> 16); }
constexpr std::uint16_t element_of(Tag tag) { return static_cast<std::uint16_t>(tag & 0xFFFF); }
constexpr bool is_private(Tag tag) { return (group_of(tag) & 1U) != 0; }
/// (gggg,0010-00FF) of an odd group: names the owner of a block (PS3.5 section 7.8.1).
constexpr bool is_private_creator(Tag tag) {
    return is_private(tag) && element_of(tag) >= 0x10 && element_of(tag) <= 0xFF;
}
constexpr bool is_group_length(Tag tag) { return element_of(tag) == 0; }

namespace tags {
constexpr Tag meta_group_length = 0x00020000;
constexpr Tag meta_version = 0x00020001;
constexpr Tag media_storage_sop_class_uid = 0x00020002;
constexpr Tag media_storage_sop_instance_uid = 0x00020003;
constexpr Tag transfer_syntax_uid = 0x00020010;
constexpr Tag implementation_class_uid = 0x00020012;
constexpr Tag implementation_version_name = 0x00020013;
constexpr Tag specific_character_set = 0x00080005;
constexpr Tag sop_class_uid = 0x00080016;
constexpr Tag sop_instance_uid = 0x00080018;
constexpr Tag study_instance_uid = 0x0020000D;
constexpr Tag series_instance_uid = 0x0020000E;
constexpr Tag bits_allocated = 0x00280100;
constexpr Tag pixel_representation = 0x00280103;
constexpr Tag pixel_data = 0x7FE00010;
constexpr Tag data_set_trailing_padding = 0xFFFCFFFC;
constexpr Tag item = 0xFFFEE000;
constexpr Tag item_delimitation = 0xFFFEE00D;
constexpr Tag sequence_delimitation = 0xFFFEE0DD;
}  // namespace tags

/// "(gggg,eeee)" in lower-case hex, as DCMTK prints it.
[[nodiscard]] std::string to_string(Tag tag);

}  // namespace dcmtk_native::runtime
