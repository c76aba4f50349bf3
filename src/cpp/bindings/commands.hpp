// Commands and their data sets, as Python says them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "data/draft_builder.hpp"
#include "data/writer.hpp"
#include "network/command.hpp"
#include "network/operation.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

/// Python's None is the first.
using OptionalDraft = std::variant<std::monostate, const data::DraftBuilder*>;
using ElementValue = std::variant<std::uint16_t, std::string, std::vector<std::uint32_t>>;
using CommandElements = std::vector<std::tuple<std::uint32_t, ElementValue>>;

[[nodiscard]] inline const data::DraftBuilder* draft_or_none(const OptionalDraft& given) {
    const auto* const* found = std::get_if<const data::DraftBuilder*>(&given);
    return found == nullptr ? nullptr : *found;
}

inline void set_elements(network::Command& command, const CommandElements& elements) {
    for (const auto& [tag, value] : elements) {
        if (const auto* number = std::get_if<std::uint16_t>(&value)) command.set_number(tag, *number);
        if (const auto* text = std::get_if<std::string>(&value)) command.set_text(tag, *text);
        if (const auto* tags = std::get_if<std::vector<std::uint32_t>>(&value)) command.set_tags(tag, *tags);
    }
}

/// A data set without a meta header, in the transfer syntax of the context.
[[nodiscard]] inline std::string encode_data_set(const data::DraftBuilder& builder,
                                                 const std::string& syntax,
                                                 const std::optional<data::WriteOptions>& given) {
    data::WriteOptions options = given.value_or(data::WriteOptions::defaults());
    options.mode = data::WriteMode::dataset;
    options.transfer_syntax = syntax;
    runtime::MemorySink sink;
    data::write(builder.draft(), options, sink);
    return sink.take();
}

/// Of a response to C-STORE: status, its description, error comment.
[[nodiscard]] inline py::tuple store_tuple(const network::Response& response) {
    const std::uint16_t status = response.command.status();
    return py::make_tuple(status, to_str(network::describe_status(status, response.command.field())),
                          to_str(response.command.text(network::command_tags::error_comment)));
}

}  // namespace dcmtk_native::bindings
