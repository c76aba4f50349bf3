// Changes a draft by tag paths: what dcmodify does to a data set, one operation a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/draft.hpp"
#include "data/tag_path.hpp"

namespace dcmtk_native::data {

/// How many elements or items a path led to, and how many of them were changed.
struct Edited {
    std::uint64_t found = 0;
    std::uint64_t changed = 0;
};

struct EditRules {
    /// A private element is only inserted into a block that an element (gggg,0010-00FF) reserves.
    bool check_reservations;
    /// Elements of VR UN keep their values.
    bool keep_unknown_values;
};

/// What to put: text in the form of data/values, or the bytes themselves, little endian.
struct NewValue {
    std::string_view text;
    std::optional<Value> bytes;
};

class Editor {
  public:
    Editor(Draft& draft, const EditRules& rules) : draft_(draft), rules_(rules) {}

    /// All throw Error: operation for what cannot be done; after one the draft may be changed in
    /// part. A path that leads nowhere is no error here: nothing is found then.
    Edited modify(const TagPath& path, const NewValue& value);
    /// Makes what is missing: the element, and items and sequences on the way.
    Edited insert(const TagPath& path, const NewValue& value);
    /// Every element with the last tag of the path, at any depth in the items that the rest of it
    /// leads to.
    Edited modify_all(const TagPath& path, const NewValue& value);
    Edited erase(const TagPath& path);
    Edited erase_all(const TagPath& path);
    Edited erase_private();

  private:
    enum class OnMissing : std::uint8_t { skip, create };
    using Visit = std::function<void(Item& item, const PathSegment& last)>;

    /// Calls `visit` with every item that has (or is to get) what the last segment names.
    void walk(const TagPath& path, OnMissing on_missing, const Visit& visit);
    void walk(Item& item, const TagPath& path, std::size_t at, OnMissing on_missing,
              const Visit& visit);
    [[nodiscard]] Node* sequence_on_the_way(Item& item, const PathSegment& segment,
                                            OnMissing on_missing);
    void make_items(std::vector<Item>& items, const PathSegment& segment, runtime::Tag tag);

    Edited put_at(const TagPath& path, const NewValue& value, OnMissing on_missing);
    void put(Item& item, runtime::Tag tag, const NewValue& value, OnMissing on_missing,
             Edited& edited);
    void put_items(Item& item, const PathSegment& segment, const NewValue& value,
                   OnMissing on_missing, Edited& edited);
    void put_into(Node& node, const NewValue& value, Edited& edited);
    [[nodiscard]] Value converted(runtime::Vr vr, const NewValue& value);
    [[nodiscard]] runtime::Vr vr_of_new(const Item& item, runtime::Tag tag) const;
    /// The innermost item on the way that declares a character set, or nullptr.
    [[nodiscard]] const Item* declaring_item() const;
    [[nodiscard]] runtime::CharacterSet charset() const;
    void declare();

    void modify_within(Item& item, runtime::Tag tag, const NewValue& value, Edited& edited);

    Draft& draft_;
    const EditRules rules_;
    std::vector<Item*> way_;  // the items from the data set to where the walk is
    bool declares_utf8_ = false;  // the data set is to get (0008,0005)
};

/// Erases elements of all levels below (and in) an item; the number of them. `unwanted` is told
/// whether the element is in an item of a sequence.
std::uint64_t
erase_elements(Draft& draft, Item& item, bool in_sequence,
               const std::function<bool(runtime::Tag tag, bool in_sequence)>& unwanted);

}  // namespace dcmtk_native::data
