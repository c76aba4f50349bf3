#include "data/draft_builder.hpp"

#include <utility>

#include "data/charset_conversion.hpp"
#include "data/values.hpp"
#include "intake/limits.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

using runtime::ErrorKind;
using runtime::Tag;
using runtime::Vr;

namespace {

/// At the root: of the meta header, not of the data set.
bool is_meta(Tag tag) { return runtime::group_of(tag) == 0x0002; }

}  // namespace

void DraftBuilder::put_text(Tag tag, Vr vr, std::string_view utf8) {
    const bool needs_set = runtime::uses_character_set(vr) && !runtime::is_plain_ascii(utf8);
    const runtime::CharacterSet set = needs_set ? charset() : runtime::CharacterSet();
    put_value(tag, vr, make_value(value_from_text(vr, utf8, set, TextRules::lenient)));
}

void DraftBuilder::put_value(Tag tag, Vr vr, Value value) {
    here(tag).put({tag, vr, std::move(value)});
}

void DraftBuilder::put_fragments(Tag tag, std::vector<runtime::Buffer> parts) {
    here(tag).put({tag, Vr::OB, Fragments{std::move(parts)}});
}

void DraftBuilder::begin_sequence(Tag tag) {
    if (!levels_.empty() && !levels_.back().in_item)
        runtime::raise(ErrorKind::operation, "a sequence begins between the items of another");
    const std::size_t max_depth = intake::Limits().max_depth;
    if (levels_.size() == max_depth)
        runtime::raise_limit(runtime::to_string(tag), "max_depth", levels_.size() + 1, max_depth);
    levels_.push_back({tag, {}, false, {}});
}

void DraftBuilder::begin_item() {
    Level& level = current(false, "begin_item");
    level.in_item = true;
    level.item = {};
}

void DraftBuilder::end_item() {
    Level& level = current(true, "end_item");
    level.items.push_back(std::move(level.item));
    level.in_item = false;
}

void DraftBuilder::end_sequence() {
    static_cast<void>(current(false, "end_sequence"));
    Level level = std::move(levels_.back());
    levels_.pop_back();
    here(level.tag).put({level.tag, Vr::SQ, std::move(level.items)});
}

DraftBuilder::Level& DraftBuilder::current(bool in_item, const char* call) {
    if (levels_.empty() || levels_.back().in_item != in_item)
        runtime::raise(ErrorKind::operation, std::string(call) + " does not match what has begun");
    return levels_.back();
}

bool DraftBuilder::has(Tag tag) const { return here(tag).find(tag) != nullptr; }

std::optional<std::string> DraftBuilder::text(Tag tag) const {
    const Node* node = here(tag).find(tag);
    if (node == nullptr || !runtime::is_text(node->vr)) return std::nullopt;
    const std::string bytes = draft_.text_of(here(tag), tag);
    if (!runtime::uses_character_set(node->vr)) return bytes;
    return charset().decode(bytes, text_kind(node->vr)).text;
}

bool DraftBuilder::erase(Tag tag) { return here(tag).erase(tag); }

const Draft& DraftBuilder::draft() const {
    if (!levels_.empty())
        runtime::raise(ErrorKind::operation, "sequence " + runtime::to_string(levels_.back().tag) +
                                                 " has not been ended");
    return draft_;
}

Draft& DraftBuilder::draft() { return const_cast<Draft&>(std::as_const(*this).draft()); }

Item& DraftBuilder::here(Tag tag) { return const_cast<Item&>(std::as_const(*this).here(tag)); }

const Item& DraftBuilder::here(Tag tag) const {
    if (levels_.empty()) return is_meta(tag) ? draft_.meta : draft_.root;
    if (!levels_.back().in_item)
        runtime::raise(ErrorKind::operation, "element " + runtime::to_string(tag) +
                                                 " stands between the items of a sequence");
    return levels_.back().item;
}

runtime::CharacterSet DraftBuilder::charset() const {
    runtime::CharacterSet set = charset_of(draft_, draft_.root, runtime::CharacterSet());
    for (const Level& level : levels_) set = charset_of(draft_, level.item, set);
    return set;
}

}  // namespace dcmtk_native::data
