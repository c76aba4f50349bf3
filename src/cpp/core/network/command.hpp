// DIMSE command sets (PS3.7 section 9.3 and annex E): group 0000, implicit VR little endian, flat.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/tag.hpp"

namespace dcmtk_native::network {

/// Values of (0000,0100).
enum class CommandField : std::uint16_t {
    c_store_request = 0x0001,
    c_store_response = 0x8001,
    c_get_request = 0x0010,
    c_get_response = 0x8010,
    c_find_request = 0x0020,
    c_find_response = 0x8020,
    c_move_request = 0x0021,
    c_move_response = 0x8021,
    c_echo_request = 0x0030,
    c_echo_response = 0x8030,
    n_event_report_request = 0x0100,
    n_event_report_response = 0x8100,
    n_get_request = 0x0110,
    n_get_response = 0x8110,
    n_set_request = 0x0120,
    n_set_response = 0x8120,
    n_action_request = 0x0130,
    n_action_response = 0x8130,
    n_create_request = 0x0140,
    n_create_response = 0x8140,
    n_delete_request = 0x0150,
    n_delete_response = 0x8150,
    c_cancel_request = 0x0FFF,
};

constexpr std::uint16_t response_bit = 0x8000;

namespace command_tags {
constexpr runtime::Tag group_length = 0x00000000;
constexpr runtime::Tag affected_sop_class = 0x00000002;
constexpr runtime::Tag requested_sop_class = 0x00000003;
constexpr runtime::Tag command_field = 0x00000100;
constexpr runtime::Tag message_id = 0x00000110;
constexpr runtime::Tag responded_message_id = 0x00000120;
constexpr runtime::Tag move_destination = 0x00000600;
constexpr runtime::Tag priority = 0x00000700;
constexpr runtime::Tag data_set_type = 0x00000800;
constexpr runtime::Tag status = 0x00000900;
constexpr runtime::Tag offending_element = 0x00000901;
constexpr runtime::Tag error_comment = 0x00000902;
constexpr runtime::Tag error_id = 0x00000903;
constexpr runtime::Tag affected_sop_instance = 0x00001000;
constexpr runtime::Tag requested_sop_instance = 0x00001001;
constexpr runtime::Tag event_type = 0x00001002;
constexpr runtime::Tag attribute_list = 0x00001005;
constexpr runtime::Tag action_type = 0x00001008;
constexpr runtime::Tag remaining = 0x00001020;
constexpr runtime::Tag completed = 0x00001021;
constexpr runtime::Tag failed = 0x00001022;
constexpr runtime::Tag warnings = 0x00001023;
constexpr runtime::Tag move_originator = 0x00001030;
constexpr runtime::Tag move_originator_message_id = 0x00001031;
}  // namespace command_tags

/// Of (0000,0700).
enum class Priority : std::uint16_t { medium = 0, high = 1, low = 2 };

class Command {
  public:
    Command() = default;
    explicit Command(CommandField field) { set_number(command_tags::command_field, field); }

    Command& set_number(runtime::Tag tag, std::uint16_t value);
    template <typename Word> Command& set_number(runtime::Tag tag, Word word) {
        return set_number(tag, static_cast<std::uint16_t>(word));
    }
    /// UIDs are padded by NUL, all else by a blank.
    Command& set_text(runtime::Tag tag, std::string_view text);
    /// Attribute tags (VR AT).
    Command& set_tags(runtime::Tag tag, const std::vector<runtime::Tag>& tags);
    /// Whether a data set follows (0000,0800).
    Command& announce_data(bool follows);

    /// Nothing: the element is not there, or is no number.
    [[nodiscard]] std::optional<std::uint16_t> number(runtime::Tag tag) const;
    [[nodiscard]] std::uint16_t number_or(runtime::Tag tag, std::uint16_t otherwise) const;
    /// Without padding; empty if the element is not there.
    [[nodiscard]] std::string text(runtime::Tag tag) const;
    [[nodiscard]] std::vector<runtime::Tag> tags(runtime::Tag tag) const;
    [[nodiscard]] CommandField field() const;
    [[nodiscard]] bool is_response() const;
    [[nodiscard]] bool has_data() const;
    /// (0000,0900); what has none has failed (0xC000).
    [[nodiscard]] std::uint16_t status() const;

    [[nodiscard]] std::string encode() const;
    /// Throws Error (association) for anything but a flat set of group 0000 with a command field.
    [[nodiscard]] static Command decode(std::string_view bytes);

  private:
    struct Element {
        runtime::Tag tag;
        std::string value;
    };

    [[nodiscard]] const std::string* find(runtime::Tag tag) const;
    void put(runtime::Tag tag, std::string value);

    std::vector<Element> elements_;  // in ascending order
};

/// What a status says (PS3.7 annex C).
enum class StatusCategory : std::uint8_t { success, pending, warning, cancel, failure };

[[nodiscard]] StatusCategory category_of(std::uint16_t status);
/// "0xA700 (refused: out of resources)"; the words of PS3.4 for this service where it has some.
[[nodiscard]] std::string describe_status(std::uint16_t status, CommandField response);

}  // namespace dcmtk_native::network
