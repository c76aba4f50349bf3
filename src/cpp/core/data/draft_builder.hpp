// Fills a draft from outside, element by element, with a cursor for nested items.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/draft.hpp"
#include "data/writer.hpp"

namespace dcmtk_native::data {

/// Elements may come in any order; one with the tag of an earlier one replaces it. At the root,
/// group 0002 is the meta header.
class DraftBuilder {
  public:
    explicit DraftBuilder(std::string transfer_syntax) : draft_(std::move(transfer_syntax)) {}
    explicit DraftBuilder(Draft draft) : draft_(std::move(draft)) {}

    /// Text in the form of data/values, encoded in the character set that the item, or an item
    /// around it, has got so far as (0008,0005). Throws Error: operation.
    void put_text(runtime::Tag tag, runtime::Vr vr, std::string_view utf8);
    /// Little endian.
    void put_value(runtime::Tag tag, runtime::Vr vr, Value value);
    /// Encapsulated pixel data: the offset table first.
    void put_fragments(runtime::Tag tag, std::vector<runtime::Buffer> parts);

    /// Throw Error: limit (nesting), operation (calls that do not match).
    void begin_sequence(runtime::Tag tag);
    void begin_item();
    void end_item();
    void end_sequence();

    [[nodiscard]] bool has(runtime::Tag tag) const;
    /// The decoded text of an element at the cursor, without padding; nothing if it is not there or
    /// no text.
    [[nodiscard]] std::optional<std::string> text(runtime::Tag tag) const;
    bool erase(runtime::Tag tag);

    /// Throws Error: operation when a sequence has not been ended.
    [[nodiscard]] const Draft& draft() const;
    [[nodiscard]] Draft& draft();

  private:
    /// A sequence under construction, with the item of it that is.
    struct Level {
        runtime::Tag tag;
        std::vector<Item> items;
        bool in_item = false;
        Item item;
    };

    [[nodiscard]] Item& here(runtime::Tag tag);
    [[nodiscard]] const Item& here(runtime::Tag tag) const;
    [[nodiscard]] Level& current(bool in_item, const char* call);
    [[nodiscard]] runtime::CharacterSet charset() const;

    Draft draft_;
    std::vector<Level> levels_;
};

}  // namespace dcmtk_native::data
