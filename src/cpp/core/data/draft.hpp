// A data set under change: a tree that starts as references into a Dataset and holds own values
// only where something was changed (copy on write). One thread's own; the Dataset below never
// changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "data/dataset.hpp"
#include "data/toolkit.hpp"
#include "runtime/charset.hpp"
#include "runtime/files.hpp"
#include "runtime/tag.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::data {

struct Item;

/// As it stands in the dataset: the index of its entry there, which stands for its children too.
struct Stored {
    std::uint32_t entry;
    bool in_meta;
};

/// Value bytes in little endian order, without the padding that makes an odd length even; shared,
/// so that a copy of a node costs nothing.
using Value = runtime::Buffer;

/// Encapsulated pixel data: the offset table first.
struct Fragments {
    std::vector<runtime::Buffer> parts;
};

/// One element of a draft.
struct Node {
    runtime::Tag tag;
    runtime::Vr vr;
    std::variant<Stored, Value, std::vector<Item>, Fragments> content;
};

/// Elements in ascending order of their tags, no tag twice.
struct Item {
    std::vector<Node> nodes;
    /// Of its header in the source, by which the records of a DICOMDIR are found; 0: it is new.
    std::uint64_t source_offset = 0;

    [[nodiscard]] Node* find(runtime::Tag tag);
    [[nodiscard]] const Node* find(runtime::Tag tag) const;
    /// Inserts or replaces. Pointers to other nodes of the item are void then.
    Node& put(Node node);
    /// True if the element was there.
    bool erase(runtime::Tag tag);
};

/// Bytes of our own as a value.
[[nodiscard]] Value make_value(std::string bytes);

class Draft {
  public:
    /// An empty data set, to be filled (dump2dcm, json2dcm).
    explicit Draft(std::string transfer_syntax_uid);
    /// Everything of the data set, nothing copied.
    explicit Draft(std::shared_ptr<const Dataset> stored);
    /// The content of an input. Parser options other than the defaults are libdcmtk's business:
    /// what it makes of the input is what is changed then.
    [[nodiscard]] static Draft read(const runtime::Input& input, const ReadOptions& read,
                                    const ParseOptions& parse);

    Item meta;
    Item root;
    /// UID: the encoding that Stored nodes and Fragments stand for, and the default to write.
    std::string transfer_syntax;
    std::shared_ptr<const Dataset> dataset;  // nullptr if there are no Stored nodes

    /// True if the node is a sequence, by its VR or by what it holds.
    [[nodiscard]] bool is_sequence(const Node& node) const;
    /// True if the node is encapsulated pixel data.
    [[nodiscard]] bool is_encapsulated(const Node& node) const;
    /// True if encapsulated pixel data is anywhere in the node, itself included.
    [[nodiscard]] bool holds_fragments(const Node& node) const;
    /// The items of a sequence; those of a stored one become nodes of their own, so that they can
    /// be changed. Only for what `is_sequence`.
    [[nodiscard]] std::vector<Item>& items_of(Node& sequence) const;
    /// The number of items, without making them nodes.
    [[nodiscard]] std::size_t count_items(const Node& sequence) const;
    /// The value in little endian order, whatever holds it; read into `store` where need be.
    [[nodiscard]] std::string_view bytes_of(const Node& node, std::string& store) const;
    /// The text of an element without its padding, raw; empty if the element is not there.
    [[nodiscard]] std::string text_of(const Item& item, runtime::Tag tag) const;
    /// The entry that a Stored node stands for.
    [[nodiscard]] const intake::Entry& entry_of(const Stored& stored) const;
};

}  // namespace dcmtk_native::data
