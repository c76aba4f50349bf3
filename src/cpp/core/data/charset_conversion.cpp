#include "data/charset_conversion.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "data/record_offsets.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/charset_utf8.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::CharacterSet;
using runtime::ErrorKind;
using runtime::OnUnencodable;
using runtime::Tag;
using runtime::Vr;
namespace tags = runtime::tags;

OnUnencodable policy_of(const CharsetOptions& options) {
    if (options.transliterate)
        return options.discard_illegal ? OnUnencodable::transliterate_or_discard
                                       : OnUnencodable::transliterate;
    return options.discard_illegal ? OnUnencodable::discard : OnUnencodable::fail;
}

std::string converting(Tag tag) {
    return "converting the character set of " + runtime::to_string(tag) + ": ";
}

std::string without_replacement_characters(std::string_view text) {
    std::string mark;
    runtime::append_utf8(mark, runtime::replacement_character);
    std::string kept;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(mark, begin), text.size());
        kept.append(text.substr(begin, end - begin));
        begin = end + mark.size();
    }
    return kept;
}

void declare(Item& item, const CharacterSet& set) {
    const std::string_view term = set.defined_term();
    if (term.empty()) {
        item.erase(tags::specific_character_set);
    } else {
        item.put({tags::specific_character_set, Vr::CS, make_value(std::string(term))});
    }
}

class Converter {
  public:
    Converter(Draft& draft, const CharacterSet& target, const CharsetOptions& options)
        : draft_(draft), target_(target), policy_(policy_of(options)),
          discard_(options.discard_illegal) {}

    void convert(Item& item, const CharacterSet& around) {
        const CharacterSet set = charset_of(draft_, item, around);
        for (Node& node : item.nodes) {
            runtime::checkpoint();
            if (draft_.is_sequence(node)) {
                if (concerns(node)) convert_items(node, set);
            } else if (runtime::uses_character_set(node.vr)) {
                convert_value(node, set);
            }
        }
    }

  private:
    void convert_items(Node& sequence, const CharacterSet& around) {
        for (Item& item : draft_.items_of(sequence)) {
            convert(item, around);
            // A directory record speaks for itself (PS3.3 section F.5); any other item need not
            // repeat it.
            const bool declares = item.find(tags::specific_character_set) != nullptr;
            if (declares && sequence.tag == directory_record_sequence) {
                declare(item, target_);
            } else {
                item.erase(tags::specific_character_set);
            }
        }
    }

    void convert_value(Node& node, const CharacterSet& set) const {
        std::string store;
        std::string_view bytes = draft_.bytes_of(node, store);
        if (runtime::is_plain_ascii(bytes)) return;
        // Its length changes: a padding space would become one too many.
        bytes = bytes.substr(0, bytes.find_last_not_of(' ') + 1);
        if (!set.known())
            refuse(node.tag, "its character set is not known: " + set.unknown_terms().front());
        runtime::Decoded decoded = set.decode(bytes, text_kind(node.vr));
        if (decoded.replaced != 0) {
            if (!discard_) refuse(node.tag, "it has bytes without a meaning in its character set");
            decoded.text = without_replacement_characters(decoded.text);
        }
        node.content = make_value(encode_value(node.tag, decoded.text, target_, policy_));
    }

    [[noreturn]] static void refuse(Tag tag, const std::string& why) {
        runtime::raise(ErrorKind::operation, converting(tag) + why);
    }

    /// Whether anything in a sequence is to be changed; one that is not need not be looked into
    /// again.
    [[nodiscard]] bool concerns(const Node& sequence) const {
        const auto* stored = std::get_if<Stored>(&sequence.content);
        if (stored == nullptr) return true;
        const auto& entries = draft_.dataset->elements().entries;
        std::string store;
        for (std::uint32_t at = stored->entry + 1; at < entries[stored->entry].next; ++at) {
            runtime::checkpoint();
            const intake::Entry& entry = entries[at];
            if (entry.tag == tags::specific_character_set) return true;
            if (runtime::uses_character_set(entry.vr) &&
                !runtime::is_plain_ascii(draft_.dataset->bytes(entry, store)))
                return true;
        }
        return false;
    }

    Draft& draft_;
    const CharacterSet& target_;
    const OnUnencodable policy_;
    const bool discard_;
};

/// See may_declare_utf8; the text of an item that declares a set is none of its concern.
bool has_utf8_only(Draft& draft, Item& item) {
    return std::all_of(item.nodes.begin(), item.nodes.end(), [&draft](Node& node) {
        runtime::checkpoint();
        if (draft.is_sequence(node)) {
            auto& items = draft.items_of(node);
            return std::all_of(items.begin(), items.end(), [&draft](Item& inner) {
                return inner.find(tags::specific_character_set) != nullptr ||
                       has_utf8_only(draft, inner);
            });
        }
        std::string store;
        return !runtime::uses_character_set(node.vr) ||
               runtime::is_valid_utf8(draft.bytes_of(node, store));
    });
}

}  // namespace

void convert_charset(Draft& draft, const CharsetOptions& options) {
    const auto target = CharacterSet::target(options.target);
    if (!target)
        runtime::raise(ErrorKind::options, "no character set to convert to: " + options.target);
    if (draft.root.nodes.empty()) return;
    Converter(draft, *target, options).convert(draft.root, CharacterSet());
    // A DICOMDIR itself has no SOP common module; its records speak for themselves.
    const bool is_directory = draft.root.find(directory_record_sequence) != nullptr;
    if (!is_directory || draft.root.find(tags::specific_character_set) != nullptr)
        declare(draft.root, *target);
}

std::string encode_value(Tag tag, std::string_view text, const CharacterSet& target,
                         OnUnencodable on_unencodable) {
    try {
        return target.encode(text, on_unencodable).bytes;
    } catch (runtime::Error& error) {
        error.message = converting(tag) + error.message;
        throw;
    }
}

CharacterSet charset_of(const Draft& draft, const Item& item, const CharacterSet& around) {
    if (item.find(tags::specific_character_set) == nullptr) return around;
    return CharacterSet(draft.text_of(item, tags::specific_character_set));
}

bool may_declare_utf8(const Draft& draft) {
    // Nodes are made of what is looked into; the draft itself is to stay as it is.
    Draft copy = draft;
    return has_utf8_only(copy, copy.root);
}

}  // namespace dcmtk_native::data
