#include "data/tag_path.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::Tag;

// A path is written by a person or a program's author; what is longer is neither.
constexpr std::size_t max_path_length = 8192;

/// Exactly `text.size()` hex digits.
std::optional<Tag> from_hex(std::string_view text) {
    Tag value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Parser {
  public:
    explicit Parser(std::string_view path) : path_(path) {}

    TagPath parse() {
        if (path_.empty()) fail("it is empty");
        if (path_.size() > max_path_length) fail("it is too long");
        TagPath segments;
        for (;;) {
            if (segments.size() == max_path_segments)
                fail("it has more than " + std::to_string(max_path_segments) + " segments");
            segments.push_back(segment());
            if (at_end()) return segments;
            if (path_[position_] != '.') fail("expected '.', '[' or the end");
            ++position_;
            // "A.B" goes the way of "A[0].B".
            if (segments.back().select == PathSegment::Select::none)
                segments.back().select = PathSegment::Select::one;
        }
    }

    Tag only_tag() {
        const Tag found = tag();
        if (!at_end()) fail("expected the end");
        return found;
    }

  private:
    PathSegment segment() {
        PathSegment result{tag()};
        if (!at_end() && path_[position_] == '[') select(result);
        return result;
    }

    Tag tag() {
        const std::size_t begin = position_;
        if (!at_end() && path_[position_] == '(') return tag_in_parentheses();
        while (!at_end() && is_word(path_[position_])) ++position_;
        const std::string_view word = path_.substr(begin, position_ - begin);
        if (word.size() == 4 && !at_end() && path_[position_] == ',') return tag_with_comma(begin);
        if (const auto* entry = runtime::find_keyword(word)) return entry->tag;
        if (word.size() == 8)
            if (const auto value = from_hex(word)) return *value;
        position_ = begin;
        fail(word.empty() ? "expected a tag" : "neither a tag nor a keyword of the dictionary");
    }

    Tag tag_in_parentheses() {
        const Tag found = tag_with_comma(position_ + 1);
        if (at_end() || path_[position_] != ')') fail("expected ')'");
        ++position_;
        return found;
    }

    /// "gggg,eeee"
    Tag tag_with_comma(std::size_t begin) {
        const std::string_view text = path_.substr(std::min(begin, path_.size()), 9);
        if (text.size() == 9 && text[4] == ',') {
            const auto group = from_hex(text.substr(0, 4));
            const auto element = from_hex(text.substr(5, 4));
            if (group && element) {
                position_ = begin + text.size();
                return runtime::make_tag(*group, *element);
            }
        }
        fail("expected (gggg,eeee) with hexadecimal digits");
    }

    void select(PathSegment& segment) {
        const std::size_t begin = position_ + 1;
        const std::size_t close = path_.find(']', begin);
        if (close == std::string_view::npos) fail("'[' has no ']'");
        const std::string_view text = path_.substr(begin, close - begin);
        if (text == "*") {
            segment.select = PathSegment::Select::all;
        } else {
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), segment.index);
            if (error != std::errc() || end != text.data() + text.size())
                fail("the index of an item is a number from 0, or *");
            segment.select = PathSegment::Select::one;
        }
        position_ = close + 1;
    }

    [[nodiscard]] bool at_end() const { return position_ == path_.size(); }

    [[noreturn]] void fail(const std::string& why) const {
        runtime::raise(runtime::ErrorKind::options,
                       "malformed tag path \"" + std::string(path_.substr(0, 200)) +
                           "\" at position " + std::to_string(position_) + ": " + why);
    }

    std::string_view path_;
    std::size_t position_ = 0;
};

}  // namespace

TagPath parse_tag_path(std::string_view path) { return Parser(path).parse(); }

runtime::Tag parse_tag(std::string_view text) { return Parser(text).only_tag(); }

std::string to_string(const TagPath& path) {
    std::string text;
    for (const PathSegment& segment : path) {
        if (!text.empty()) text += '.';
        text += runtime::to_string(segment.tag);
        if (segment.select == PathSegment::Select::all) text += "[*]";
        if (segment.select == PathSegment::Select::one)
            text += '[' + std::to_string(segment.index) + ']';
    }
    return text;
}

}  // namespace dcmtk_native::data
