#include "data/draft.hpp"

#include <algorithm>

#include "runtime/byte_order.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::Tag;

template <typename Nodes>
auto position_of(Nodes& nodes, Tag tag) {
    // Elements mostly come in order: behind the last one is the first guess.
    if (nodes.empty() || nodes.back().tag < tag) return nodes.end();
    return std::lower_bound(nodes.begin(), nodes.end(), tag,
                            [](const Node& node, Tag wanted) { return node.tag < wanted; });
}

/// Nodes for the entries from `begin` up to `end` that are no other's children.
std::vector<Node> nodes_of(const intake::Index& index, std::uint32_t begin, std::uint32_t end,
                           bool in_meta, std::size_t expected) {
    std::vector<Node> nodes;
    nodes.reserve(expected);
    for (std::uint32_t at = begin; at < end; at = index.entries[at].next) {
        const intake::Entry& entry = index.entries[at];
        nodes.push_back({entry.tag, entry.vr, Stored{at, in_meta}});
    }
    return nodes;
}

}  // namespace

Node* Item::find(Tag tag) {
    const auto at = position_of(nodes, tag);
    return at != nodes.end() && at->tag == tag ? &*at : nullptr;
}

const Node* Item::find(Tag tag) const {
    const auto at = position_of(nodes, tag);
    return at != nodes.end() && at->tag == tag ? &*at : nullptr;
}

Node& Item::put(Node node) {
    const auto at = position_of(nodes, node.tag);
    if (at == nodes.end() || at->tag != node.tag) return *nodes.insert(at, std::move(node));
    *at = std::move(node);
    return *at;
}

bool Item::erase(Tag tag) {
    const auto at = position_of(nodes, tag);
    if (at == nodes.end() || at->tag != tag) return false;
    nodes.erase(at);
    return true;
}

Value make_value(std::string bytes) {
    const auto owned = std::make_shared<const std::string>(std::move(bytes));
    return {*owned, owned};
}

Draft::Draft(std::string transfer_syntax_uid) : transfer_syntax(std::move(transfer_syntax_uid)) {}

Draft::Draft(std::shared_ptr<const Dataset> stored)
    : transfer_syntax(stored->transfer_syntax()), dataset(std::move(stored)) {
    const auto top_level = [](const intake::Index& index, bool in_meta) {
        const auto count = static_cast<std::uint32_t>(index.entries.size());
        return nodes_of(index, 0, count, in_meta, index.top_level.size());
    };
    meta.nodes = top_level(dataset->meta(), true);
    root.nodes = top_level(dataset->elements(), false);
}

Draft Draft::read(const runtime::Input& input, const ReadOptions& read, const ParseOptions& parse) {
    if (parse.are_default()) return Draft(Dataset::read(input, read));
    LoadOptions load{};
    load.max_read_length = 4096;  // libdcmdata's own
    std::string syntax = ToolkitFile::load(input, read, parse, load).transfer_syntax();
    const runtime::Input rewritten{make_value(normalise(input, read, parse))};
    Draft draft(Dataset::read(rewritten, {ReadMode::automatic, ReadXfer::automatic, read.limits}));
    draft.transfer_syntax = std::move(syntax);
    return draft;
}

const intake::Entry& Draft::entry_of(const Stored& stored) const {
    return (stored.in_meta ? dataset->meta() : dataset->elements()).entries[stored.entry];
}

bool Draft::is_sequence(const Node& node) const {
    if (std::holds_alternative<std::vector<Item>>(node.content)) return true;
    if (const auto* stored = std::get_if<Stored>(&node.content)) {
        return entry_of(*stored).is_sequence();
    }
    return false;
}

bool Draft::is_encapsulated(const Node& node) const {
    if (const auto* stored = std::get_if<Stored>(&node.content))
        return entry_of(*stored).is_encapsulated();
    return std::holds_alternative<Fragments>(node.content);
}

bool Draft::holds_fragments(const Node& node) const {
    if (is_encapsulated(node)) return true;
    if (const auto* items = std::get_if<std::vector<Item>>(&node.content))
        return std::any_of(items->begin(), items->end(), [this](const Item& item) {
            return std::any_of(item.nodes.begin(), item.nodes.end(),
                               [this](const Node& inner) { return holds_fragments(inner); });
        });
    const auto* stored = std::get_if<Stored>(&node.content);
    if (stored == nullptr || stored->in_meta) return false;
    const auto& entries = dataset->elements().entries;
    for (std::uint32_t at = stored->entry + 1; at < entries[stored->entry].next; ++at)
        if (entries[at].is_encapsulated()) return true;
    return false;
}

std::vector<Item>& Draft::items_of(Node& sequence) const {
    if (const auto* stored = std::get_if<Stored>(&sequence.content)) {
        const intake::Index& index = dataset->elements();
        std::vector<Item> items;
        const std::uint32_t end = index.entries[stored->entry].next;
        for (std::uint32_t at = stored->entry + 1; at < end; at = index.entries[at].next)
            items.push_back({nodes_of(index, at + 1, index.entries[at].next, false, 0),
                             index.entries[at].header_offset()});
        sequence.content = std::move(items);
    }
    return std::get<std::vector<Item>>(sequence.content);
}

std::size_t Draft::count_items(const Node& sequence) const {
    if (const auto* items = std::get_if<std::vector<Item>>(&sequence.content)) return items->size();
    const auto& stored = std::get<Stored>(sequence.content);
    const auto& entries = dataset->elements().entries;
    std::size_t count = 0;
    for (std::uint32_t at = stored.entry + 1; at < entries[stored.entry].next;
         at = entries[at].next)
        ++count;
    return count;
}

std::string_view Draft::bytes_of(const Node& node, std::string& store) const {
    if (const auto* value = std::get_if<Value>(&node.content)) return value->bytes;
    const auto* stored = std::get_if<Stored>(&node.content);
    if (stored == nullptr) return {};
    const intake::Entry& entry = entry_of(*stored);
    const std::string_view bytes = dataset->bytes(entry, store);
    const unsigned width = runtime::value_width(entry.vr);
    if (stored->in_meta || width == 1 || !dataset->is_big_endian(entry)) return bytes;
    if (bytes.data() != store.data()) store.assign(bytes);
    runtime::reverse_numbers(store.data(), store.size(), width);
    return store;
}

std::string Draft::text_of(const Item& item, Tag tag) const {
    const Node* node = item.find(tag);
    if (node == nullptr || is_sequence(*node) || is_encapsulated(*node)) return {};
    std::string store;
    const std::string_view bytes = bytes_of(*node, store);
    const std::size_t end = bytes.find_last_not_of(std::string_view(" \0", 2));
    return std::string(bytes.substr(0, end + 1));
}

}  // namespace dcmtk_native::data
