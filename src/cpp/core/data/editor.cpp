#include "data/editor.hpp"

#include <algorithm>
#include <utility>

#include "data/charset_conversion.hpp"
#include "data/values.hpp"
#include "intake/implicit_vr.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/charset.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::ErrorKind;
using runtime::Tag;
using runtime::Vr;
namespace tags = runtime::tags;

// Nobody means more; an index is a typing error then.
constexpr std::size_t max_new_items = 10'000;
constexpr std::string_view utf8_term = "ISO_IR 192";

[[noreturn]] void refuse(Tag tag, const std::string& why) {
    runtime::raise(ErrorKind::operation, runtime::to_string(tag) + ": " + why);
}

/// Groups that no data set has (PS3.5 section 7.1), as dcmodify refuses them.
void check_group(Tag tag) {
    const unsigned group = runtime::group_of(tag);
    if (group == 0x0000 || group == 0x0002)
        refuse(tag, "elements of group 0000 and 0002 cannot be set");
    if (group == 0x0001 || group == 0x0003 || group == 0x0005 || group == 0x0007 || group == 0xFFFF)
        refuse(tag, "groups 0001, 0003, 0005, 0007 and FFFF are illegal");
}

void check_groups(const TagPath& path) {
    for (const PathSegment& segment : path) check_group(segment.tag);
}

bool is_empty(const NewValue& value) {
    return value.bytes ? value.bytes->bytes.empty() : value.text.empty();
}

/// Where the walk is, as long as it is there.
class Step {
  public:
    Step(std::vector<Item*>& way, Item& item) : way_(way) { way_.push_back(&item); }
    ~Step() { way_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

  private:
    std::vector<Item*>& way_;
};

/// Whether a sequence has an element that is wanted, at any depth: only then its items need to
/// become nodes.
template <typename Wanted>
bool holds(const Draft& draft, const Node& sequence, Wanted&& wanted) {
    const auto* stored = std::get_if<Stored>(&sequence.content);
    if (stored == nullptr) return true;
    const auto& entries = draft.dataset->elements().entries;
    for (std::uint32_t at = stored->entry + 1; at < entries[stored->entry].next; ++at) {
        runtime::checkpoint();
        if (wanted(entries[at].tag)) return true;
    }
    return false;
}

/// [begin, end) of the items that a segment selects.
std::pair<std::size_t, std::size_t> selection(const PathSegment& segment, std::size_t count) {
    if (segment.select == PathSegment::Select::all) return {0, count};
    if (segment.index >= count) return {0, 0};
    return {segment.index, std::size_t{segment.index} + 1};
}

}  // namespace

Edited Editor::modify(const TagPath& path, const NewValue& value) {
    return put_at(path, value, OnMissing::skip);
}

Edited Editor::insert(const TagPath& path, const NewValue& value) {
    return put_at(path, value, OnMissing::create);
}

Edited Editor::put_at(const TagPath& path, const NewValue& value, OnMissing on_missing) {
    check_groups(path);
    declares_utf8_ = false;
    Edited edited;
    walk(path, on_missing, [&](Item& item, const PathSegment& last) {
        if (last.select == PathSegment::Select::none) {
            put(item, last.tag, value, on_missing, edited);
        } else {
            put_items(item, last, value, on_missing, edited);
        }
    });
    declare();
    return edited;
}

Edited Editor::modify_all(const TagPath& path, const NewValue& value) {
    check_groups(path);
    declares_utf8_ = false;
    Edited edited;
    walk(path, OnMissing::skip, [&](Item& item, const PathSegment& last) {
        modify_within(item, last.tag, value, edited);
    });
    declare();
    return edited;
}

Edited Editor::erase(const TagPath& path) {
    Edited edited;
    walk(path, OnMissing::skip, [&](Item& item, const PathSegment& last) {
        if (last.select == PathSegment::Select::none) {
            edited.found += item.erase(last.tag) ? 1 : 0;
            return;
        }
        Node* sequence = sequence_on_the_way(item, last, OnMissing::skip);
        if (sequence == nullptr) return;
        auto& items = draft_.items_of(*sequence);
        const auto [begin, end] = selection(last, items.size());
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(begin),
                    items.begin() + static_cast<std::ptrdiff_t>(end));
        edited.found += end - begin;
    });
    edited.changed = edited.found;
    return edited;
}

Edited Editor::erase_all(const TagPath& path) {
    const Tag tag = path.back().tag;
    const unsigned group = runtime::group_of(tag);
    if (group == 0x0000 || group == 0x0002)
        refuse(tag, "elements of group 0000 and 0002 cannot be erased");
    Edited edited;
    walk(path, OnMissing::skip, [&](Item& item, const PathSegment&) {
        edited.found +=
            erase_elements(draft_, item, false, [tag](Tag found, bool) { return found == tag; });
    });
    edited.changed = edited.found;
    return edited;
}

Edited Editor::erase_private() {
    Edited edited;
    edited.found = erase_elements(draft_, draft_.root, false,
                                  [](Tag tag, bool) { return runtime::is_private(tag); });
    edited.changed = edited.found;
    return edited;
}

void Editor::walk(const TagPath& path, OnMissing on_missing, const Visit& visit) {
    walk(draft_.root, path, 0, on_missing, visit);
}

void Editor::walk(Item& item, const TagPath& path, std::size_t at, OnMissing on_missing,
                  const Visit& visit) {
    runtime::checkpoint();
    const Step step(way_, item);
    const PathSegment& segment = path[at];
    if (at + 1 == path.size()) {
        visit(item, segment);
        return;
    }
    Node* sequence = sequence_on_the_way(item, segment, on_missing);
    if (sequence == nullptr) return;
    auto& items = draft_.items_of(*sequence);
    if (on_missing == OnMissing::create) make_items(items, segment, segment.tag);
    const auto [begin, end] = selection(segment, items.size());
    for (std::size_t i = begin; i < end; ++i) walk(items[i], path, at + 1, on_missing, visit);
}

Node* Editor::sequence_on_the_way(Item& item, const PathSegment& segment, OnMissing on_missing) {
    Node* node = item.find(segment.tag);
    if (node == nullptr) {
        if (on_missing == OnMissing::skip) return nullptr;
        if (vr_of_new(item, segment.tag) != Vr::SQ) refuse(segment.tag, "it is no sequence");
        return &item.put({segment.tag, Vr::SQ, std::vector<Item>{}});
    }
    if (!draft_.is_sequence(*node)) refuse(segment.tag, "it is no sequence");
    return node;
}

void Editor::make_items(std::vector<Item>& items, const PathSegment& segment, Tag tag) {
    if (segment.select == PathSegment::Select::all) {
        if (items.empty())
            refuse(tag, "[*] does not say how many items to insert into an empty sequence");
        return;
    }
    if (segment.index < items.size()) return;
    const std::size_t missing = segment.index - items.size() + 1;
    if (missing > max_new_items)
        runtime::raise_limit(runtime::to_string(tag), "new items", missing, max_new_items);
    items.resize(items.size() + missing);
}

void Editor::put(Item& item, Tag tag, const NewValue& value, OnMissing on_missing, Edited& edited) {
    Node* node = item.find(tag);
    if (node == nullptr) {
        if (on_missing == OnMissing::skip) return;
        const Vr vr = vr_of_new(item, tag);
        if (vr == Vr::SQ) {
            if (!is_empty(value)) refuse(tag, "a sequence has no value");
            item.put({tag, vr, std::vector<Item>{}});
            ++edited.found;
            ++edited.changed;
            return;
        }
        node = &item.put({tag, vr, Value{}});
    } else if (draft_.is_sequence(*node) && on_missing == OnMissing::create && is_empty(value)) {
        ++edited.found;
        return;
    }
    put_into(*node, value, edited);
}

/// A path that ends with an item: it can be made, but it has no value.
void Editor::put_items(Item& item, const PathSegment& segment, const NewValue& value,
                       OnMissing on_missing, Edited& edited) {
    Node* sequence = sequence_on_the_way(item, segment, on_missing);
    if (sequence == nullptr) return;
    if (!is_empty(value) || on_missing == OnMissing::skip)
        refuse(segment.tag, "an item has no value");
    auto& items = draft_.items_of(*sequence);
    const std::size_t before = items.size();
    make_items(items, segment, segment.tag);
    const auto [begin, end] = selection(segment, items.size());
    edited.found += end - begin;
    edited.changed += items.size() - before;
}

void Editor::put_into(Node& node, const NewValue& value, Edited& edited) {
    if (draft_.is_sequence(node)) refuse(node.tag, "a sequence has no value");
    if (draft_.is_encapsulated(node))
        refuse(node.tag, "encapsulated pixel data cannot be replaced");
    ++edited.found;
    if (node.vr == Vr::UN && rules_.keep_unknown_values) {
        runtime::log(runtime::log_level::warn, "data",
                     "not changing " + runtime::to_string(node.tag) + ", which is of VR UN");
        return;
    }
    try {
        node.content = converted(node.vr, value);
    } catch (runtime::Error& error) {
        error.message = runtime::to_string(node.tag) + ": " + error.message;
        throw;
    }
    ++edited.changed;
}

Value Editor::converted(Vr vr, const NewValue& value) {
    if (value.bytes) return *value.bytes;
    const bool needs_set = runtime::uses_character_set(vr) && !runtime::is_plain_ascii(value.text);
    if (needs_set && !declaring_item() && !declares_utf8_) {
        // Without a declaration only ASCII is legal. UTF-8 holds every text, and what is there
        // keeps its meaning.
        if (!may_declare_utf8(draft_))
            runtime::raise(ErrorKind::operation, "the data set declares no character set "
                                                 "(0008,0005), and holds text that is not UTF-8");
        declares_utf8_ = true;
    }
    return make_value(value_from_text(vr, value.text, charset(), TextRules::strict));
}

const Item* Editor::declaring_item() const {
    const auto found = std::find_if(way_.rbegin(), way_.rend(), [](const Item* item) {
        return item->find(tags::specific_character_set) != nullptr;
    });
    return found == way_.rend() ? nullptr : *found;
}

runtime::CharacterSet Editor::charset() const {
    if (const Item* item = declaring_item())
        return charset_of(draft_, *item, runtime::CharacterSet());
    return declares_utf8_ ? runtime::CharacterSet(utf8_term) : runtime::CharacterSet();
}

/// Not before the walk is over: a new element of the data set would move the nodes that the walk is
/// in.
void Editor::declare() {
    if (!std::exchange(declares_utf8_, false)) return;
    draft_.root.put({tags::specific_character_set, Vr::CS, make_value(std::string(utf8_term))});
    runtime::log(runtime::log_level::info, "data",
                 "new text: (0008,0005) is now " + std::string(utf8_term));
}

Vr Editor::vr_of_new(const Item& item, Tag tag) const {
    intake::VrContext context;
    const auto remember = [&](Tag known, Vr vr) {
        const Node* node = item.find(known);
        if (node == nullptr) return;
        std::string store;
        context.remember(known, vr, draft_.bytes_of(*node, store), false);
    };
    if (runtime::is_private(tag) && !runtime::is_private_creator(tag)) {
        const Tag reservation =
            runtime::make_tag(runtime::group_of(tag), runtime::element_of(tag) >> 8);
        if (rules_.check_reservations && draft_.text_of(item, reservation).empty())
            refuse(tag, "its block is not reserved: insert a private creator as " +
                            runtime::to_string(reservation) + " first");
        remember(reservation, Vr::LO);
    }
    remember(tags::pixel_representation, Vr::US);
    const auto* definition = context.find_definition(tag);
    return definition == nullptr ? Vr::UN : context.resolve(*definition, tag);
}

void Editor::modify_within(Item& item, Tag tag, const NewValue& value, Edited& edited) {
    for (Node& node : item.nodes) {
        if (!draft_.is_sequence(node) ||
            !holds(draft_, node, [tag](Tag found) { return found == tag; }))
            continue;
        for (Item& inner : draft_.items_of(node)) {
            const Step step(way_, inner);
            modify_within(inner, tag, value, edited);
        }
    }
    if (Node* node = item.find(tag)) put_into(*node, value, edited);
}

std::uint64_t erase_elements(Draft& draft, Item& item, bool in_sequence,
                             const std::function<bool(Tag tag, bool in_sequence)>& unwanted) {
    const std::size_t before = item.nodes.size();
    item.nodes.erase(
        std::remove_if(item.nodes.begin(), item.nodes.end(),
                       [&](const Node& node) { return unwanted(node.tag, in_sequence); }),
        item.nodes.end());
    std::uint64_t erased = before - item.nodes.size();
    for (Node& node : item.nodes) {
        if (!draft.is_sequence(node) ||
            !holds(draft, node, [&](Tag tag) { return unwanted(tag, true); }))
            continue;
        for (Item& inner : draft.items_of(node))
            erased += erase_elements(draft, inner, true, unwanted);
    }
    return erased;
}

}  // namespace dcmtk_native::data
