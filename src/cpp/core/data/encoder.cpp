#include "data/encoder.hpp"

#include <algorithm>

#include "data/verbatim.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::Tag;
using runtime::Vr;

// What is shorter is copied at once: a piece of its own costs more.
constexpr std::uint64_t max_copied_value = 2048;
constexpr std::uint64_t max_length = 0xFFFFFFFEULL;
constexpr std::size_t max_header = 12;

/// A header under construction.
class Header {
  public:
    explicit Header(bool big_endian) : big_endian_(big_endian) {}

    template <typename Number>
    Header& number(Number value) {
        runtime::store(value, bytes_ + size_, big_endian_);
        size_ += sizeof value;
        return *this;
    }
    Header& tag(Tag value) {
        return number(runtime::group_of(value)).number(runtime::element_of(value));
    }
    Header& vr(Vr value) {
        runtime::write_letters(value, bytes_ + size_);
        size_ += 2;
        return *this;
    }
    [[nodiscard]] std::string_view bytes() const { return {bytes_, size_}; }

  private:
    char bytes_[max_header];
    std::size_t size_ = 0;
    bool big_endian_;
};

}  // namespace

/// The group lengths of one item: each stands first in its group and counts what is behind it.
class Encoder::GroupLengths {
  public:
    explicit GroupLengths(Encoder& encoder) : encoder_(encoder) {}

    /// To be called before every element of the item; true if the element has been dealt with.
    bool take(Tag tag) {
        const GroupLength wanted = encoder_.options_.group_length;
        const bool is_length = runtime::is_group_length(tag);
        if (is_length && wanted != GroupLength::recalculate) return true;
        if (wanted != GroupLength::remove && runtime::group_of(tag) != group_) {
            finish();
            group_ = runtime::group_of(tag);
            if (is_length || wanted == GroupLength::create) start();
        }
        return is_length;
    }

    void finish() {
        if (!is_open_) return;
        is_open_ = false;
        const std::uint64_t length = encoder_.pieces_.size() - begin_;
        if (length > max_length) {
            // 32 bit cannot say it. As libdcmdata does, none is written then.
            encoder_.pieces_.remove(piece_);
            return;
        }
        char bytes[4];
        runtime::store(static_cast<std::uint32_t>(length), bytes, encoder_.encoding_.big_endian);
        encoder_.pieces_.patch(length_at_, {bytes, sizeof bytes});
    }

  private:
    void start() {
        Header header(encoder_.encoding_.big_endian);
        header.tag(runtime::make_tag(group_, 0));
        if (encoder_.encoding_.explicit_vr) {
            header.vr(Vr::UL).number(std::uint16_t{4});
        } else {
            header.number(std::uint32_t{4});
        }
        header.number(std::uint32_t{0});
        piece_ = encoder_.pieces_.add_removable(header.bytes());
        length_at_ = encoder_.pieces_.own_size() - 4;
        begin_ = encoder_.pieces_.size();
        is_open_ = true;
    }

    Encoder& encoder_;
    std::uint32_t group_ = 0x10000;  // none
    std::size_t piece_ = 0;
    std::size_t length_at_ = 0;
    std::uint64_t begin_ = 0;
    bool is_open_ = false;
};

Encoder::Encoder(const Draft& draft, const WriteOptions& options, const runtime::Encoding& encoding,
                 Pieces& pieces)
    : draft_(draft), options_(options), encoding_(encoding), pieces_(pieces) {
    if (!draft.dataset) return;
    VerbatimRules rules{};
    rules.encoding = encoding;
    rules.group_lengths_stay_away = true;
    rules.group_lengths_everywhere = options.group_length == GroupLength::create;
    rules.explicit_lengths = options.length_encoding == LengthEncoding::explicit_length;
    rules.padding_elements_stay = options.padding == Padding::retain;
    rules.pads_items = options.padding == Padding::to_multiple && options.item_pad != 0;
    rules.new_vrs = options.enable_new_vr;
    rules.correct_padding = options.correct_padding;
    verbatim_ = find_verbatim(*draft.dataset, rules);
}

void Encoder::encode(const Item& root, std::uint64_t bytes_before) {
    const std::uint64_t begin = pieces_.size();
    bytes_before_ = bytes_before;
    add_nodes(root.nodes);
    offsets_.settle(pieces_, encoding_.big_endian);
    if (options_.padding == Padding::to_multiple)
        add_trailing_padding(bytes_before + pieces_.size() - begin, options_.file_pad);
}

void Encoder::add_nodes(const std::vector<Node>& nodes) {
    GroupLengths groups(*this);
    for (const Node& node : nodes) {
        runtime::checkpoint();
        if (is_dropped(node.tag) || groups.take(node.tag)) continue;
        add_node(node);
    }
    groups.finish();
}

void Encoder::add_entries(std::uint32_t begin, std::uint32_t end) {
    const auto& entries = draft_.dataset->elements().entries;
    GroupLengths groups(*this);
    for (std::uint32_t at = begin; at < end; at = entries[at].next) {
        runtime::checkpoint();
        if (is_dropped(entries[at].tag) || groups.take(entries[at].tag)) continue;
        add_entry(at);
    }
    groups.finish();
}

bool Encoder::is_dropped(Tag tag) const {
    return tag == runtime::tags::data_set_trailing_padding && options_.padding != Padding::retain;
}

void Encoder::add_node(const Node& node) {
    if (const auto* value = std::get_if<Value>(&node.content)) {
        add_value(node.tag, node.vr, value->bytes);
    } else if (const auto* items = std::get_if<std::vector<Item>>(&node.content)) {
        add_items(node.tag, *items);
    } else if (const auto* fragments = std::get_if<Fragments>(&node.content)) {
        add_fragments(node.tag, *fragments);
    } else {
        add_entry(std::get<Stored>(node.content).entry);
    }
}

void Encoder::add_entry(std::uint32_t at) {
    const auto& entries = draft_.dataset->elements().entries;
    const intake::Entry& entry = entries[at];
    if (verbatim_[at]) {
        pieces_.add_source(entry.header_offset(), entry.end, 1);
        return;
    }
    if (entry.is_encapsulated()) {
        add_header(entry.tag, Vr::OB, intake::undefined_length);
        pieces_.add_source(entry.offset, entry.end, 1);
        return;
    }
    if (!entry.is_sequence()) {
        add_stored_value(entry);
        return;
    }
    const Opened sequence = open_sequence(entry.tag);
    for (std::uint32_t child = at + 1; child < entry.next; child = entries[child].next) {
        note_record(entry.tag, entries[child].header_offset());
        if (verbatim_[child]) {
            pieces_.add_source(entries[child].header_offset(), entries[child].end, 1);
            continue;
        }
        const Opened item = open_item();
        add_entries(child + 1, entries[child].next);
        close_item(item);
    }
    close(sequence, runtime::tags::sequence_delimitation);
}

void Encoder::add_stored_value(const intake::Entry& entry) {
    if (options_.correct_padding && runtime::is_text(entry.vr)) {
        std::string store;
        const std::string text = without_padding(entry.vr, draft_.dataset->bytes(entry, store));
        const Vr vr = vr_to_write(entry.vr, text.size());
        add_header(entry.tag, vr, text.size());
        pieces_.add(text);
        add_pad_byte(entry.vr, text.size());
        return;
    }
    const Vr vr = vr_to_write(entry.vr, entry.length);
    const unsigned from = draft_.dataset->is_big_endian(entry) ? runtime::value_width(entry.vr) : 1;
    const unsigned to = width_of_big_endian(entry.tag, entry.vr, vr);
    add_header(entry.tag, vr, entry.length);
    add_stored_bytes(entry, from == to ? 1 : std::max(from, to));
    add_pad_byte(entry.vr, entry.length);
    if (is_record_offset(entry.tag) && entry.vr == Vr::UL && entry.length == 4 &&
        entry.value != nullptr)
        offsets_.add_reference(
            pieces_.own_size() - 4,
            runtime::load<std::uint32_t>(entry.value, draft_.dataset->is_big_endian(entry)));
}

void Encoder::note_record(Tag sequence, std::uint64_t source_offset) {
    if (sequence == directory_record_sequence)
        offsets_.add_record(draft_.dataset->record_offset_in_input(source_offset),
                            bytes_before_ + pieces_.size());
}

void Encoder::add_stored_bytes(const intake::Entry& entry, unsigned width) {
    if (entry.value == nullptr) {
        pieces_.add_source(entry.offset, entry.offset + entry.length, width);
    } else {
        add_bytes({reinterpret_cast<const char*>(entry.value), entry.length}, width);
    }
}

void Encoder::add_bytes(std::string_view bytes, unsigned width) {
    if (bytes.size() > max_copied_value) {
        pieces_.add_memory(bytes, width);
    } else {
        const std::size_t position = pieces_.add(bytes);
        runtime::reverse_numbers(pieces_.at(position), bytes.size(), width);
    }
}

void Encoder::add_value(Tag tag, Vr given, std::string_view bytes) {
    const Vr vr = vr_to_write(given, bytes.size());
    add_header(tag, vr, bytes.size());
    add_bytes(bytes, width_of_big_endian(tag, given, vr));
    add_pad_byte(given, bytes.size());
}

void Encoder::add_items(Tag tag, const std::vector<Item>& items) {
    const Opened sequence = open_sequence(tag);
    for (const Item& content : items) {
        if (content.source_offset != 0) note_record(tag, content.source_offset);
        const Opened item = open_item();
        add_nodes(content.nodes);
        close_item(item);
    }
    close(sequence, runtime::tags::sequence_delimitation);
}

void Encoder::add_fragments(Tag tag, const Fragments& fragments) {
    add_header(tag, Vr::OB, intake::undefined_length);
    for (const runtime::Buffer& part : fragments.parts) {
        runtime::checkpoint();
        const std::uint64_t length = part.bytes.size() + part.bytes.size() % 2;
        if (length > max_length)
            runtime::raise_limit("fragment of " + runtime::to_string(tag), "bytes of a fragment",
                                 length, max_length);
        pieces_.add(item_header(runtime::tags::item, static_cast<std::uint32_t>(length)));
        pieces_.add_memory(part.bytes, 1);
        add_pad_byte(Vr::OB, part.bytes.size());
    }
    pieces_.add(item_header(runtime::tags::sequence_delimitation, 0));
}

/// DCMTK's rule: what lacks to the next multiple, and one more multiple if the element's own header
/// does not fit.
void Encoder::add_trailing_padding(std::uint64_t size, std::uint32_t multiple) {
    if (multiple == 0 || size % multiple == 0) return;
    const std::uint64_t header = encoding_.explicit_vr ? 12 : 8;
    std::uint64_t room = multiple - size % multiple;
    while (room < header) room += multiple;
    const auto count = static_cast<std::size_t>(room - header);
    add_header(runtime::tags::data_set_trailing_padding, Vr::OB, count);
    pieces_.add_zeros(count);
}

/// A value too long for the 16 bit length of its VR is written as UN (PS3.5 section 6.2.2, note 2,
/// and libdcmdata).
Vr Encoder::vr_to_write(Vr vr, std::uint64_t length) const {
    const Vr allowed = writable_vr(vr == Vr::none ? Vr::UN : vr, options_.enable_new_vr);
    if (!encoding_.explicit_vr) return vr;
    if (length + length % 2 <= 0xFFFF || runtime::has_long_header(allowed)) return allowed;
    return writable_vr(Vr::UN, options_.enable_new_vr);
}

/// The width of the numbers that are to be big endian in the output; 1 if none are. `vr` is the one
/// to be written.
unsigned Encoder::width_of_big_endian(Tag tag, Vr given, Vr vr) const {
    const bool is_pixel_data = tag == runtime::tags::pixel_data;
    if (!(is_pixel_data ? encoding_.big_endian_pixel_data : encoding_.big_endian)) return 1;
    // Implicit VR knows pixel data as words only.
    if (is_pixel_data && !encoding_.explicit_vr && given == Vr::OB)
        return runtime::value_width(Vr::OW);
    // Whatever the encoding, OB and UN are bytes in their order.
    return vr == Vr::OB || vr == Vr::UN ? 1 : runtime::value_width(given);
}

std::size_t Encoder::add_header(Tag tag, Vr vr, std::uint64_t length) {
    const std::uint64_t even = length == intake::undefined_length ? length : length + length % 2;
    if (even > max_length && length != intake::undefined_length)
        runtime::raise_limit("element " + runtime::to_string(tag), "bytes of a value", even,
                             max_length);
    Header header(encoding_.big_endian);
    header.tag(tag);
    if (!encoding_.explicit_vr) {
        header.number(static_cast<std::uint32_t>(even));
    } else if (runtime::has_long_header(vr)) {
        header.vr(vr).number(std::uint16_t{0}).number(static_cast<std::uint32_t>(even));
    } else {
        header.vr(vr).number(static_cast<std::uint16_t>(even));
    }
    return pieces_.add(header.bytes()) + header.bytes().size();
}

void Encoder::add_pad_byte(Vr vr, std::uint64_t length) {
    if (length % 2 == 0) return;
    const char pad = runtime::is_text(vr) && vr != Vr::UI ? ' ' : '\0';
    pieces_.add({&pad, 1});
}

std::string Encoder::item_header(Tag tag, std::uint32_t length) const {
    Header header(encoding_.big_endian);
    return std::string(header.tag(tag).number(length).bytes());
}

Encoder::Opened Encoder::open_sequence(Tag tag) {
    const std::size_t end = add_header(tag, Vr::SQ, intake::undefined_length);
    return {tag, end - 4, pieces_.size()};
}

Encoder::Opened Encoder::open_item() {
    const std::string header = item_header(runtime::tags::item, intake::undefined_length);
    const std::size_t end = pieces_.add(header) + header.size();
    return {runtime::tags::item, end - 4, pieces_.size()};
}

void Encoder::close_item(const Opened& item) {
    if (options_.padding == Padding::to_multiple)
        add_trailing_padding(pieces_.size() - item.begin, options_.item_pad);
    close(item, runtime::tags::item_delimitation);
}

void Encoder::close(const Opened& opened, Tag delimiter) {
    const std::uint64_t length = pieces_.size() - opened.begin;
    if (options_.length_encoding == LengthEncoding::explicit_length) {
        if (length <= max_length) {
            char bytes[4];
            runtime::store(static_cast<std::uint32_t>(length), bytes, encoding_.big_endian);
            pieces_.patch(opened.length_at, {bytes, sizeof bytes});
            return;
        }
        if (!options_.write_oversized)
            runtime::raise(runtime::ErrorKind::operation,
                           "the content of " + runtime::to_string(opened.tag) +
                               " is too long for an explicit length: " + std::to_string(length) +
                               " bytes");
    }
    pieces_.add(item_header(delimiter, 0));
}

}  // namespace dcmtk_native::data
