#include "intake/scanner.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "intake/cursor.hpp"
#include "intake/explicit_vr.hpp"
#include "intake/implicit_vr.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::intake {

namespace {

using runtime::ErrorKind;
using runtime::Tag;
using runtime::Vr;
namespace tags = runtime::tags;

constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();
// An element in 127 sequences has depth 254, and a fragment there 255: what Entry::depth can hold.
constexpr std::uint32_t deepest = 127;
constexpr std::size_t max_oddities = 8;
// Every item and every position is a 32 bit number.
constexpr std::uint64_t max_entries = 0xFFFFFFFE;

constexpr Tag any_tag = 0xFFFFFFFF;
constexpr Tag directory_record_sequence = 0x00041220;
constexpr Tag voi_lut_sequence = 0x00283010;

constexpr bool is_structure(Tag tag) {
    return tag == tags::item || tag == tags::item_delimitation ||
           tag == tags::sequence_delimitation;
}

enum class Kind : std::uint8_t { elements, sequence, fragments };

/// What the short way leaves to the long one: structure, and what matters to the elements behind
/// it.
constexpr bool is_special(Tag tag) {
    return is_structure(tag) || tag == voi_lut_sequence || VrContext::matters(tag);
}

/// The data set, or an item, sequence or encapsulated pixel data that has not ended yet.
struct Level {
    Kind kind;
    std::uint32_t position = 0;  // of its entry
    std::uint64_t end = no_end;  // no_end when the length is undefined
    std::int64_t last_tag = -1;
    VrContext context = {};
};

Vr resolve_implicit(Tag tag, const Level& level) {
    const runtime::DictionaryEntry* definition = level.context.find_definition(tag);
    return definition == nullptr ? Vr::UN : level.context.resolve(*definition, tag);
}

/// The walk.
class Scan {
  public:
    Scan(Source& source, const ScanOptions& options, const Limits& limits);
    Index run();

  private:
    /// An element as its header describes it.
    struct Header {
        Tag tag;
        Vr vr;
        Form form;
        std::uint8_t size;
        std::uint32_t length;
    };

    template <bool explicit_vr, bool big_endian> void walk(std::size_t height);
    template <bool explicit_vr, bool big_endian> void walk_elements();
    template <bool explicit_vr, bool big_endian> void pass_plain_elements();
    template <bool explicit_vr, bool big_endian> void take_element();
    template <bool explicit_vr, bool big_endian> Header read_header(Tag tag, const Level& level);
    void meet_delimiter(Tag tag);
    template <bool big_endian> void step_in_sequence();
    template <bool big_endian> void step_in_fragments();

    Header describe_strange(Tag tag, std::string_view letters);
    Form resolve_undefined_length(const Header& header, const Level& level);
    void check_element(const Header& header, const Level& level);

    /// Goes on behind a value, which is seen_ then if it was worth reading.
    void pass_value(std::uint32_t length);

    void add_entry(const Header& header, std::uint64_t offset, std::uint64_t end,
                   const std::uint8_t* value);
    void open(Kind kind, const Header& header);
    void close(std::uint64_t end);
    void checkpoint() {
        if (scope_ != nullptr && !scope_->may_continue()) scope_->stop();
    }

    [[nodiscard]] bool is_behind_all_wanted(Tag tag) const {
        return tag > options_.last_tag ||
               (options_.only_group_0002 && runtime::group_of(tag) != 0x0002);
    }

    void note(const char* what, Tag tag, std::uint64_t offset);
    [[noreturn]] void fail(const std::string& what, Tag tag, std::uint64_t offset) const;
    [[noreturn]] void fail_cut_short(std::uint64_t offset) const;
    void check_reach(Tag tag, std::uint32_t length, std::uint64_t offset) const;

    Source& source_;
    const ScanOptions& options_;
    const Limits& limits_;
    const std::uint64_t max_elements_;
    const std::uint32_t max_depth_;
    runtime::CallScope* const scope_;
    Index index_;
    std::vector<Level> levels_;
    bool in_unknown_ = false;
    Cursor cursor_;
    const std::uint8_t* seen_ = nullptr;  // the value last passed, while its window lasts
};

Scan::Scan(Source& source, const ScanOptions& options, const Limits& limits)
    : source_(source), options_(options), limits_(limits),
      max_elements_(std::min(limits.max_elements, max_entries)),
      max_depth_(std::min(limits.max_depth, deepest)), scope_(runtime::CallScope::current()),
      cursor_(source, options.begin, options.end) {
    // An element has 20 to 40 bytes, but most of a file is pixel data.
    const std::uint64_t guess =
        std::clamp<std::uint64_t>((options.end - options.begin) / 128, 16, 512);
    index_.entries.expect(static_cast<std::size_t>(guess));
    index_.top_level.expect(static_cast<std::size_t>(guess));
    levels_.reserve(8);
}

Index Scan::run() {
    Level root{Kind::elements};
    root.end = options_.end;
    levels_.push_back(std::move(root));
    const runtime::Encoding& encoding = options_.encoding;
    if (encoding.explicit_vr)
        encoding.big_endian ? walk<true, true>(0) : walk<true, false>(0);
    else
        encoding.big_endian ? walk<false, true>(0) : walk<false, false>(0);
    return std::move(index_);
}

template <bool explicit_vr, bool big_endian> void Scan::walk(std::size_t height) {
    while (levels_.size() > height) {
        switch (levels_.back().kind) {
        case Kind::elements:
            walk_elements<explicit_vr, big_endian>();
            break;
        case Kind::sequence:
            step_in_sequence<big_endian>();
            break;
        case Kind::fragments:
            step_in_fragments<big_endian>();
            break;
        }
    }
}

template <bool explicit_vr, bool big_endian> void Scan::walk_elements() {
    const std::size_t height = levels_.size();
    while (levels_.size() == height) {
        pass_plain_elements<explicit_vr, big_endian>();
        take_element<explicit_vr, big_endian>();
    }
}

/// The short way for what nearly all elements are: values in the window, nothing about them of any
/// interest. Stops at the first other one; what that is, `take_element` finds out.
template <bool explicit_vr, bool big_endian> void Scan::pass_plain_elements() {
    Level& level = levels_.back();
    const std::uint8_t* p = cursor_.at;
    const std::uint64_t behind = cursor_.position() + cursor_.in_memory();
    std::int64_t last_tag = level.last_tag;
    const std::uint64_t longest = limits_.max_element_length;
    const auto depth = static_cast<std::uint8_t>(levels_.size() - 1);
    const Tag last_wanted = depth == 0 ? options_.last_tag : any_tag;
    while (cursor_.stop() - p >= 12 && !options_.only_group_0002) {
        const auto left = static_cast<std::size_t>(cursor_.stop() - p);
        const std::uint64_t start = behind - left;
        const Tag tag = tag_at(p, big_endian);
        if (static_cast<std::int64_t>(tag) <= last_tag || is_special(tag) || tag > last_wanted) break;
        Vr vr = Vr::UN;
        std::uint32_t header = 8;
        std::uint32_t length = 0;
        if constexpr (explicit_vr) {
            const Form form = form_of_letters(p + 4);
            if (form == Form::strange || form == Form::sequence) break;
            vr = runtime::vr_from(static_cast<char>(p[4]), static_cast<char>(p[5]));
            header = form == Form::brief ? 8 : 12;
            length = form == Form::brief ? runtime::load<std::uint16_t>(p + 6, big_endian)
                                         : runtime::load<std::uint32_t>(p + 8, big_endian);
        } else {
            vr = resolve_implicit(tag, level);
            if (vr == Vr::SQ) break;
            length = runtime::load<std::uint32_t>(p + 4, big_endian);
        }
        const std::uint64_t end = start + header + length;
        const bool is_plain = (length & 1U) == 0 && left >= std::uint64_t{header} + length &&
                              end <= level.end && length <= longest &&
                              index_.entries.size() < max_elements_;
        if (!is_plain) break;
        checkpoint();
        // Field by field into its place: a copy of a whole entry would wait for these stores.
        Entry& entry = index_.entries.append();
        entry.tag = tag;
        entry.vr = vr;
        entry.depth = depth;
        entry.header_length = header & 0x3F;
        entry.is_container = false;
        entry.in_unknown = in_unknown_;
        entry.length = length;
        entry.next = static_cast<std::uint32_t>(index_.entries.size());
        entry.offset = start + header;
        entry.end = end;
        entry.value = cursor_.lasting(p + header);
        if (depth == 0) index_.top_level.append() = entry.next - 1;
        last_tag = tag;
        p += header + length;
    }
    cursor_.at = p;
    level.last_tag = last_tag;
}

/// Any element, or whatever stands in the place of one.
template <bool explicit_vr, bool big_endian> void Scan::take_element() {
    const std::size_t height = levels_.size();
    Level& level = levels_.back();
    const std::uint64_t start = cursor_.position();
    if (start >= level.end) return close(start);
    checkpoint();
    if (start == options_.end) {
        // Not an error for libdcmtk if the sequences around it end here, too.
        note("end of the data within", tags::item, start);
        return close(start);
    }
    if (!cursor_.require(8)) fail_cut_short(start);
    const Tag tag = tag_at(cursor_.at, big_endian);
    if (is_structure(tag)) return meet_delimiter(tag);
    if (height == 1 && is_behind_all_wanted(tag)) return close(start);

    Header header = read_header<explicit_vr, big_endian>(tag, level);
    const std::uint64_t offset = start + header.size;
    if (static_cast<std::int64_t>(tag) <= level.last_tag)
        note("tags not in ascending order at", tag, start);
    level.last_tag = std::max(level.last_tag, static_cast<std::int64_t>(tag));
    if (header.length == undefined_length)
        header.form = resolve_undefined_length(header, level);
    else
        check_element(header, level);

    if (header.form == Form::sequence) {
        const bool changes_encoding = header.vr == Vr::UN && (explicit_vr || big_endian);
        header.vr = Vr::SQ;
        if (!changes_encoding) return open(Kind::sequence, header);
        in_unknown_ = true;
        open(Kind::sequence, header);
        walk<false, false>(height);  // which meets no further change
        in_unknown_ = false;
    } else if (header.length == undefined_length) {
        header.vr = Vr::OB;
        open(Kind::fragments, header);
    } else {
        cursor_.skip(header.size);
        pass_value(header.length);
        add_entry(header, offset, offset + header.length,
                  seen_ == nullptr ? nullptr : cursor_.lasting(seen_));
        if (VrContext::matters(tag) && header.length <= VrContext::max_length)
            level.context.remember(
                tag, header.vr, {reinterpret_cast<const char*>(seen_), header.length}, big_endian);
    }
}

template <bool explicit_vr, bool big_endian>
Scan::Header Scan::read_header(Tag tag, const Level& level) {
    if constexpr (!explicit_vr) {
        const Vr vr = resolve_implicit(tag, level);
        return {tag, vr, form_of(vr), 8, runtime::load<std::uint32_t>(cursor_.at + 4, big_endian)};
    }
    Header header{
        tag, runtime::vr_from(static_cast<char>(cursor_.at[4]), static_cast<char>(cursor_.at[5])),
        form_of_letters(cursor_.at + 4), 8, 0};
    if (header.form == Form::strange)
        header = describe_strange(tag, {reinterpret_cast<const char*>(cursor_.at + 4), 2});
    if (header.form == Form::brief) {
        header.length = runtime::load<std::uint16_t>(cursor_.at + 6, big_endian);
        return header;
    }
    if (!cursor_.require(12)) fail_cut_short(cursor_.position());
    header.size = 12;
    header.length = runtime::load<std::uint32_t>(cursor_.at + 8, big_endian);
    return header;
}

/// Letters that are no VR: libdcmtk goes on, with warnings.
Scan::Header Scan::describe_strange(Tag tag, std::string_view letters) {
    note("unknown VR of", tag, cursor_.position());
    const Form form = form_of_strange_letters(tag, letters);
    return {tag, form == Form::bytes ? Vr::OW : Vr::UN, form, 8, 0};
}

/// What the element is: a sequence, or encapsulated pixel data (then Form::bytes); nothing else has
/// no length.
Form Scan::resolve_undefined_length(const Header& header, const Level& level) {
    if (header.form == Form::sequence || header.form == Form::unknown) return Form::sequence;
    if (header.form == Form::bytes) {
        const runtime::DictionaryEntry* definition = level.context.find_definition(header.tag);
        if (definition != nullptr && definition->vr() == "px") return Form::bytes;
    }
    fail("undefined length is not allowed for its VR", header.tag, cursor_.position());
}

/// Of an element with a length.
void Scan::check_element(const Header& header, const Level& level) {
    const std::uint64_t start = cursor_.position();
    if (header.length > limits_.max_element_length)
        runtime::raise_limit(source_.name() + ": element " + runtime::to_string(header.tag),
                             "max_element_length", header.length, limits_.max_element_length);
    // A sequence may still end before by a delimiter.
    if (header.form != Form::sequence) check_reach(header.tag, header.length, start + header.size);
    if ((header.length & 1U) != 0) note("odd length of", header.tag, start);
    if (header.tag == voi_lut_sequence && header.form == Form::bytes)
        note("VR of", header.tag, start);
    const bool in_item = levels_.size() > 1;
    if (!in_item || level.end == no_end || start + header.size + header.length <= level.end) return;
    // libdcmtk refuses it too, but not where the header itself reaches out of the item, nor in a
    // DICOMDIR's record.
    const Level& sequence = levels_[levels_.size() - 2];
    const bool is_record = index_.entries[sequence.position].tag == directory_record_sequence;
    if (start + header.size <= level.end && !is_record)
        fail("it is larger than the item around it", header.tag, start);
}

/// An item or delimiter where an element should be: rightly so only the delimiter of an item
/// without length.
void Scan::meet_delimiter(Tag tag) {
    const std::uint64_t start = cursor_.position();
    const Level& level = levels_.back();
    if (tag == tags::item) fail("item outside of a sequence", tag, start);
    if (tag == tags::sequence_delimitation)
        fail("it stands where an item has not ended", tag, start);
    if (levels_.size() == 1) {
        // libdcmtk takes it for the end of the data set.
        note("delimiter at the top level:", tag, start);
        close(start);
        return;
    }
    if (level.end != no_end) note("delimiter in an item with a length:", tag, start);
    cursor_.skip(8);
    close(start + 8);
}

template <bool big_endian> void Scan::step_in_sequence() {
    const Level& level = levels_.back();
    const std::uint64_t start = cursor_.position();
    if (start >= level.end) return close(start);
    checkpoint();
    if (!cursor_.require(8)) fail_cut_short(start);
    const Tag tag = tag_at(cursor_.at, big_endian);
    if (tag == tags::sequence_delimitation) {
        if (level.end != no_end) note("delimiter in a sequence with a length:", tag, start);
        cursor_.skip(8);
        return close(start + 8);
    }
    if (tag != tags::item) fail("it stands where an item should be", tag, start);
    const Header item{tag, Vr::none, Form::brief, 8,
                      runtime::load<std::uint32_t>(cursor_.at + 4, big_endian)};
    open(Kind::elements, item);
}

template <bool big_endian> void Scan::step_in_fragments() {
    const std::uint64_t start = cursor_.position();
    checkpoint();
    if (!cursor_.glance(8)) fail_cut_short(start);
    const Header fragment{tag_at(cursor_.at, big_endian), Vr::none, Form::bytes, 8,
                          runtime::load<std::uint32_t>(cursor_.at + 4, big_endian)};
    if (fragment.tag == tags::sequence_delimitation) {
        cursor_.skip(8);
        cursor_.end_glance();
        return close(start + 8);
    }
    if (fragment.tag != tags::item)
        fail("it stands where a pixel fragment should be", fragment.tag, start);
    if (fragment.length == undefined_length)
        fail("a pixel fragment must have a length", fragment.tag, start);
    if (fragment.length > limits_.max_element_length)
        runtime::raise_limit(source_.name() + ": a pixel fragment", "max_element_length",
                             fragment.length, limits_.max_element_length);
    check_reach(fragment.tag, fragment.length, start + 8);
    cursor_.skip(8);
    const bool is_here = fragment.length <= cursor_.in_memory();
    add_entry(fragment, start + 8, start + 8 + fragment.length,
              is_here ? cursor_.lasting(cursor_.at) : nullptr);
    cursor_.skip(fragment.length);
}

void Scan::pass_value(std::uint32_t length) {
    const bool is_wanted = length <= cursor_.in_memory() ||
                           length <= std::max(options_.keep_in_memory, VrContext::max_length);
    seen_ = is_wanted && cursor_.require(length) ? cursor_.at : nullptr;
    cursor_.skip(length);
}

void Scan::add_entry(const Header& header, std::uint64_t offset, std::uint64_t end,
                     const std::uint8_t* value) {
    const std::size_t at = index_.entries.size();
    if (at >= max_elements_)
        runtime::raise_limit(source_.name(), "max_elements", at + 1, max_elements_);
    Entry& entry = index_.entries.append();
    entry.tag = header.tag;
    entry.vr = header.vr;
    entry.depth = static_cast<std::uint8_t>(levels_.size() - 1);
    entry.header_length = header.size & 0x3F;
    entry.is_container = false;
    entry.in_unknown = in_unknown_;
    entry.length = header.length;
    entry.next = static_cast<std::uint32_t>(at + 1);
    entry.offset = offset;
    entry.end = end;
    entry.value = value;
    if (levels_.size() == 1) index_.top_level.append() = static_cast<std::uint32_t>(at);
}

void Scan::open(Kind kind, const Header& header) {
    const std::size_t nesting = (levels_.size() + 1) / 2;
    if (kind == Kind::sequence && nesting > max_depth_)
        runtime::raise_limit(source_.name() + ": sequence " + runtime::to_string(header.tag),
                             "max_depth", nesting, max_depth_);
    const std::uint64_t offset = cursor_.position() + header.size;
    Level level{kind};
    level.position = static_cast<std::uint32_t>(index_.entries.size());
    if (header.length != undefined_length) level.end = offset + header.length;
    add_entry(header, offset, 0, nullptr);
    index_.entries[level.position].is_container = true;
    levels_.push_back(std::move(level));
    cursor_.skip(header.size);
}

void Scan::close(std::uint64_t end) {
    const Level& level = levels_.back();
    if (levels_.size() == 1) {
        index_.end = end;
    } else {
        Entry& entry = index_.entries[level.position];
        entry.end = end;
        entry.next = static_cast<std::uint32_t>(index_.entries.size());
        if (end > level.end)
            note("content larger than the length of", entry.tag, entry.header_offset());
    }
    levels_.pop_back();
}

void Scan::note(const char* what, Tag tag, std::uint64_t offset) {
    if (index_.oddities.size() < max_oddities)
        index_.oddities.push_back({std::string(what) + ' ' + runtime::to_string(tag), offset});
}

void Scan::fail(const std::string& what, Tag tag, std::uint64_t offset) const {
    raise(ErrorKind::format, source_.name() + ": " + runtime::to_string(tag) + " at offset " +
                                 std::to_string(offset) + ": " + what);
}

void Scan::fail_cut_short(std::uint64_t offset) const {
    const bool at_top = levels_.size() == 1;
    raise(ErrorKind::format,
          source_.name() + ": cut short at offset " + std::to_string(offset) + ": " +
              (at_top ? "no complete element header" : "the end of a sequence or item is missing"));
}

void Scan::check_reach(Tag tag, std::uint32_t length, std::uint64_t offset) const {
    const std::uint64_t left = options_.end - offset;
    if (length > left)
        fail("its length is " + std::to_string(length) + ", but the data ends " +
                 std::to_string(left) + " bytes behind its header",
             tag, offset);
}

}  // namespace

Index scan(Source& source, const ScanOptions& options, const Limits& limits) {
    return Scan(source, options, limits).run();
}

}  // namespace dcmtk_native::intake
