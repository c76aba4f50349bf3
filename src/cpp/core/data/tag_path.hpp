// Tag paths in the grammar of dcmodify: "(0040,A730)[2].PatientName",
// "ContentSequence[*].00080100".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/tag.hpp"

namespace dcmtk_native::data {

struct PathSegment {
    /// Which items of the sequence the segment goes into.
    enum class Select : std::uint8_t { none, one, all };

    runtime::Tag tag;
    Select select = Select::none;
    std::uint32_t index = 0;  // with Select::one
};

using TagPath = std::vector<PathSegment>;

/// A path is at least one segment and at most this many.
constexpr std::size_t max_path_segments = 50;

/// Parses a path: segments with a dot between them, each "(gggg,eeee)" with or without the
/// parentheses, 8 hex digits or a keyword, and "[n]" or "[*]" behind a sequence. A sequence on the
/// way that has no index stands for its first item; the last segment keeps what was written, since
/// "X" is a sequence and "X[0]" an item of it. Throws Error: options, with the position.
[[nodiscard]] TagPath parse_tag_path(std::string_view path);

/// One tag, written as a segment without an index. Throws Error: options.
[[nodiscard]] runtime::Tag parse_tag(std::string_view text);

/// The path in its normal form, for messages.
[[nodiscard]] std::string to_string(const TagPath& path);

}  // namespace dcmtk_native::data
