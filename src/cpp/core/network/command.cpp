#include "network/command.hpp"

#include <algorithm>
#include <utility>

#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;
using runtime::Tag;

constexpr std::uint16_t no_data_set = 0x0101;
constexpr std::uint16_t data_set_follows = 0x0001;
constexpr std::size_t element_header_length = 8;

[[nodiscard]] bool is_uid(Tag tag) {
    return tag == command_tags::affected_sop_class || tag == command_tags::requested_sop_class ||
           tag == command_tags::affected_sop_instance || tag == command_tags::requested_sop_instance;
}

[[noreturn]] void refuse(const std::string& what) {
    runtime::raise(ErrorKind::association, "the peer sent a damaged command: " + what);
}

void put_header(std::string& out, Tag tag, std::size_t length) {
    char header[element_header_length];
    runtime::store_little_endian(static_cast<std::uint16_t>(tag >> 16), header);
    runtime::store_little_endian(static_cast<std::uint16_t>(tag & 0xFFFF), header + 2);
    runtime::store_little_endian(static_cast<std::uint32_t>(length), header + 4);
    out.append(header, sizeof header);
}

template <typename Number> [[nodiscard]] std::string number_bytes(Number number) {
    std::string bytes(sizeof number, '\0');
    runtime::store_little_endian(number, bytes.data());
    return bytes;
}

}  // namespace

const std::string* Command::find(Tag tag) const {
    const auto at = std::lower_bound(elements_.begin(), elements_.end(), tag,
                                     [](const Element& element, Tag wanted) { return element.tag < wanted; });
    return at != elements_.end() && at->tag == tag ? &at->value : nullptr;
}

void Command::put(Tag tag, std::string value) {
    const auto at = std::lower_bound(elements_.begin(), elements_.end(), tag,
                                     [](const Element& element, Tag wanted) { return element.tag < wanted; });
    if (at != elements_.end() && at->tag == tag) {
        at->value = std::move(value);
    } else {
        elements_.insert(at, {tag, std::move(value)});
    }
}

Command& Command::set_number(Tag tag, std::uint16_t value) {
    put(tag, number_bytes(value));
    return *this;
}

Command& Command::set_text(Tag tag, std::string_view text) {
    std::string value(text);
    if (value.size() % 2 != 0) value += is_uid(tag) ? '\0' : ' ';
    put(tag, std::move(value));
    return *this;
}

Command& Command::set_tags(Tag tag, const std::vector<Tag>& tags) {
    std::string value;
    for (const Tag one : tags) {
        value += number_bytes(static_cast<std::uint16_t>(one >> 16));
        value += number_bytes(static_cast<std::uint16_t>(one & 0xFFFF));
    }
    put(tag, std::move(value));
    return *this;
}

Command& Command::announce_data(bool follows) {
    return set_number(command_tags::data_set_type, follows ? data_set_follows : no_data_set);
}

std::optional<std::uint16_t> Command::number(Tag tag) const {
    const std::string* value = find(tag);
    if (value == nullptr || value->size() < sizeof(std::uint16_t)) return std::nullopt;
    return runtime::load_little_endian<std::uint16_t>(value->data());
}

std::uint16_t Command::number_or(Tag tag, std::uint16_t otherwise) const {
    return number(tag).value_or(otherwise);
}

std::string Command::text(Tag tag) const {
    const std::string* value = find(tag);
    if (value == nullptr) return {};
    const std::size_t first = value->find_first_not_of(' ');
    const std::size_t last = value->find_last_not_of(std::string_view("\0 ", 2));
    if (first == std::string::npos || last == std::string::npos || last < first) return {};
    return value->substr(first, last + 1 - first);
}

std::vector<Tag> Command::tags(Tag tag) const {
    std::vector<Tag> found;
    const std::string* value = find(tag);
    if (value == nullptr) return found;
    for (std::size_t at = 0; at + 4 <= value->size(); at += 4)
        found.push_back(
            runtime::make_tag(runtime::load_little_endian<std::uint16_t>(value->data() + at),
                              runtime::load_little_endian<std::uint16_t>(value->data() + at + 2)));
    return found;
}

CommandField Command::field() const {
    return static_cast<CommandField>(number_or(command_tags::command_field, 0));
}

bool Command::is_response() const {
    return (number_or(command_tags::command_field, 0) & response_bit) != 0;
}

bool Command::has_data() const {
    return number_or(command_tags::data_set_type, no_data_set) != no_data_set;
}

std::uint16_t Command::status() const {
    constexpr std::uint16_t unable_to_process = 0xC000;
    return number_or(command_tags::status, unable_to_process);
}

std::string Command::encode() const {
    std::string body;
    for (const Element& element : elements_) {
        put_header(body, element.tag, element.value.size());
        body += element.value;
    }
    std::string whole;
    put_header(whole, command_tags::group_length, sizeof(std::uint32_t));
    whole += number_bytes(static_cast<std::uint32_t>(body.size()));
    return whole + body;
}

Command Command::decode(std::string_view bytes) {
    Command command;
    while (!bytes.empty()) {
        if (bytes.size() < element_header_length) refuse("it ends within an element");
        const Tag tag = runtime::make_tag(runtime::load_little_endian<std::uint16_t>(bytes.data()),
                                          runtime::load_little_endian<std::uint16_t>(bytes.data() + 2));
        const auto length = runtime::load_little_endian<std::uint32_t>(bytes.data() + 4);
        bytes.remove_prefix(element_header_length);
        if (tag >> 16 != 0) refuse("it has an element of group " + runtime::to_string(tag).substr(1, 4));
        if (length > bytes.size()) refuse("the length of " + runtime::to_string(tag) + " reaches past its end");
        if (tag != command_tags::group_length) command.put(tag, std::string(bytes.substr(0, length)));
        bytes.remove_prefix(length);
    }
    if (!command.number(command_tags::command_field)) refuse("it has no command field (0000,0100)");
    return command;
}

}  // namespace dcmtk_native::network
