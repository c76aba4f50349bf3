#include "data/json.hpp"

#include <cmath>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "data/json_values.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/charset.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using intake::Entry;
using intake::Index;
using runtime::CharacterSet;
using runtime::Tag;
using runtime::Vr;
namespace tags = runtime::tags;

// A pause costs about as much as an element; nothing between two of them takes long.
constexpr unsigned steps_between_pauses = 256;
// Text of which decoding takes so long that other threads should run meanwhile.
constexpr std::size_t long_text = 256 * 1024;

/// Something that does not get into the model, counted; a file can have millions of it.
struct Loss {
    std::size_t count = 0;
    Tag first = 0;

    void add(std::size_t more, Tag tag) {
        if (count == 0) first = tag;
        count += more;
    }
    void report(const char* what, std::vector<std::string>& warnings) const {
        if (count == 0) return;
        warnings.push_back(std::to_string(count) + what + ", the first in " + runtime::to_string(first));
    }
};

/// The text that a number which JSON cannot write has in the native XML model.
std::string_view text_of_non_finite(double number) {
    if (std::isnan(number)) return "nan";
    return number < 0 ? "-inf" : "inf";
}

/// Of the meta header, and of the VRs that know no other.
const CharacterSet& default_set() {
    static const CharacterSet set;
    return set;
}

/// Where a top-level element stands.
struct Place {
    const Index* index = nullptr;
    std::size_t position = 0;
};

/// The first one of the tag. What is odd even in libdcmtk's reading need not be in order.
Place find_place(const Index& index, Tag tag) {
    const bool is_ordered = index.oddities.empty();
    std::size_t first = 0;
    std::size_t behind = index.top_level.size();
    while (first < behind) {
        const std::size_t middle = is_ordered ? first + (behind - first) / 2 : first;
        const std::size_t position = index.top_level[middle];
        const Tag found = index.entries[position].tag;
        if (found == tag) return {&index, position};
        if (found < tag || !is_ordered) first = middle + 1;
        else behind = middle;
    }
    return {};
}

/// A broken meta header may hold what belongs to the data set, which then has the last word.
Place find_place(const Dataset& dataset, Tag tag) {
    if (runtime::is_group_length(tag)) return {};
    const Place place = find_place(dataset.elements(), tag);
    if (place.index != nullptr) return place;
    // A broken header need not be in order, and a whole one is short.
    const Index& meta = dataset.meta();
    for (std::size_t i = 0; i < meta.top_level.size(); ++i)
        if (meta.entries[meta.top_level[i]].tag == tag) return {&meta, meta.top_level[i]};
    return {};
}

class Walk {
  public:
    Walk(const Dataset& dataset, const JsonOptions& options, JsonSink& sink)
        : dataset_(dataset), options_(options), sink_(sink) {}

    void whole();
    void one(const Place& place) { element(*place.index, place.position, set_of(*place.index)); }
    [[nodiscard]] JsonReport report() const;

  private:
    [[nodiscard]] const CharacterSet& set_of(const Index& index) const {
        return &index == &dataset_.meta() ? default_set() : dataset_.character_set();
    }
    void elements(const Index& index, std::size_t first, std::size_t behind,
                  const CharacterSet& set);
    void element(const Index& index, std::size_t position, const CharacterSet& set);
    void value(const Index& index, std::size_t position, const CharacterSet& set);
    void items(const Index& index, std::size_t first, std::size_t behind, const CharacterSet& set);
    void bulk(const Index& index, const Entry& entry);
    void text(const Entry& entry, const CharacterSet& set);
    void text_value(const Entry& entry, std::string_view value);
    void number_text(const NumberText& number, std::string_view value);
    void character_set(const Entry& entry);
    void tag_values(const Entry& entry);
    template <typename Number>
    void numbers(const Entry& entry);
    void number(std::int64_t value) { sink_.integer(value); }
    void number(std::uint64_t value) { sink_.unsigned_integer(value); }
    void number(double value);
    void not_direct(const std::string& why);
    [[nodiscard]] std::size_t count_values(const Entry& entry, std::string_view bytes,
                                           std::size_t width);
    [[nodiscard]] std::string_view bytes_of(const Entry& entry);
    void step() {
        if (++steps_ % steps_between_pauses == 0) sink_.pause();
    }

    template <typename Work>
    void maybe_slow(bool is_slow, const Work& work) {
        if (is_slow) sink_.run_slow(work);
        else work();
    }

    const Dataset& dataset_;
    const JsonOptions& options_;
    JsonSink& sink_;
    TextValues values_;
    NameParts name_;
    std::string store_;
    unsigned steps_ = 0;

    JsonSource source_ = JsonSource::direct;
    Loss undecodable_;
    Loss surplus_groups_;
    Loss surplus_bytes_;
};

void Walk::whole() {
    sink_.begin_model();
    visit_json_elements(dataset_, options_.write_meta,
                        [this](const Index& index, std::size_t position) { one({&index, position}); });
    sink_.end_model();
}

void Walk::elements(const Index& index, std::size_t first, std::size_t behind,
                    const CharacterSet& set) {
    for (std::size_t i = first; i < behind; i = index.entries[i].next)
        if (!runtime::is_group_length(index.entries[i].tag)) element(index, i, set);
}

void Walk::element(const Index& index, std::size_t position, const CharacterSet& set) {
    step();
    const Entry& entry = index.entries[position];
    sink_.begin_element(entry.tag, entry.vr);
    if (entry.is_encapsulated()) {
        if (options_.binary == JsonBinary::inline_base64)
            not_direct(runtime::to_string(entry.tag) + ": compressed pixel data cannot be InlineBinary");
    } else if (entry.tag == tags::specific_character_set && entry.vr == Vr::CS) {
        character_set(entry);
    } else if (entry.length != 0) {
        value(index, position, set);
    }
    sink_.end_element();
}

void Walk::value(const Index& index, std::size_t position, const CharacterSet& set) {
    const Entry& entry = index.entries[position];
    switch (entry.vr) {
    case Vr::SQ: return items(index, position + 1, entry.next, set);
    case Vr::AT: return tag_values(entry);
    case Vr::SS: return numbers<std::int16_t>(entry);
    case Vr::US: return numbers<std::uint16_t>(entry);
    case Vr::SL: return numbers<std::int32_t>(entry);
    case Vr::UL: return numbers<std::uint32_t>(entry);
    case Vr::SV: return numbers<std::int64_t>(entry);
    case Vr::UV: return numbers<std::uint64_t>(entry);
    case Vr::FL: return numbers<float>(entry);
    case Vr::FD: return numbers<double>(entry);
    default: return runtime::is_text(entry.vr) ? text(entry, set) : bulk(index, entry);
    }
}

void Walk::items(const Index& index, std::size_t first, std::size_t behind,
                 const CharacterSet& set) {
    std::size_t count = 0;
    for (std::size_t i = first; i < behind; i = index.entries[i].next) ++count;
    if (count == 0) return;
    sink_.begin_values(count);
    for (std::size_t i = first; i < behind; i = index.entries[i].next) {
        step();
        // The meta header has no character set; positions are those of the data set.
        const auto own = &index == &dataset_.elements() ? dataset_.own_character_set(i) : std::nullopt;
        sink_.begin_model();
        elements(index, i + 1, index.entries[i].next, own ? *own : set);
        sink_.end_model();
    }
    sink_.end_values();
}

void Walk::bulk(const Index& index, const Entry& entry) {
    if (options_.binary == JsonBinary::omit) return;
    const bool in_meta = &index == &dataset_.meta();
    const bool turn = dataset_.is_big_endian(entry);
    InlineBinary binary(in_meta ? dataset_.meta_source() : dataset_.source(), entry,
                        turn ? runtime::value_width(entry.vr) : 1);
    sink_.binary(binary);
}

/// The value, wherever it is.
std::string_view Walk::bytes_of(const Entry& entry) {
    std::string_view bytes;
    maybe_slow(entry.value == nullptr, [&] { bytes = dataset_.bytes(entry, store_); });
    return bytes;
}

void Walk::text(const Entry& entry, const CharacterSet& set) {
    const CharacterSet& own_set = runtime::uses_character_set(entry.vr) ? set : default_set();
    const std::string_view bytes = bytes_of(entry);
    const bool is_long = bytes.size() > long_text;
    std::size_t count = 0;
    maybe_slow(is_long, [&] { count = values_.open(bytes, entry.vr, own_set); });
    if (count == 0) return;
    sink_.begin_values(count);
    for (std::size_t i = 0; i < count; ++i) {
        step();
        std::string_view value;
        maybe_slow(is_long && count == 1, [&] { value = values_.next(); });
        if (values_.replaced() != 0) undecodable_.add(values_.replaced(), entry.tag);
        text_value(entry, value);
    }
    sink_.end_values();
}

void Walk::text_value(const Entry& entry, std::string_view value) {
    if (value.empty()) return sink_.null();
    switch (entry.vr) {
    case Vr::IS: return number_text(parse_integer_string(value), value);
    case Vr::DS: return number_text(parse_decimal_string(value), value);
    case Vr::PN: {
        const PersonName name = name_.read(value);
        if (name_.had_more()) surplus_groups_.add(1, entry.tag);
        return name.is_empty() ? sink_.null() : sink_.person_name(name);
    }
    default: return sink_.string(value);
    }
}

void Walk::number_text(const NumberText& number, std::string_view value) {
    switch (number.kind) {
    case NumberText::Kind::text: return sink_.string(value);
    case NumberText::Kind::integer: return sink_.integer(number.integer);
    case NumberText::Kind::decimal: return sink_.decimal(number.decimal, number.json);
    }
}

/// What the model's text is encoded in, and not what the file's is. As dcm2json, which converts
/// nothing when one of the two terms says that there is nothing to convert.
void Walk::character_set(const Entry& entry) {
    const std::string_view bytes = bytes_of(entry);
    const bool stays =
        values_.open(bytes, Vr::CS, default_set()) == 1 && values_.next() == "ISO_IR 6";
    sink_.begin_values(1);
    sink_.string(stays ? "ISO_IR 6" : "ISO_IR 192");
    sink_.end_values();
}

std::size_t Walk::count_values(const Entry& entry, std::string_view bytes, std::size_t width) {
    if (bytes.size() % width != 0) surplus_bytes_.add(bytes.size() % width, entry.tag);
    return bytes.size() / width;
}

void Walk::tag_values(const Entry& entry) {
    const std::string_view bytes = bytes_of(entry);
    const std::size_t count = count_values(entry, bytes, sizeof(Tag));
    if (count == 0) return;
    const bool big_endian = dataset_.is_big_endian(entry);
    sink_.begin_values(count);
    for (std::size_t i = 0; i < count; ++i) {
        step();
        const char* at = bytes.data() + i * sizeof(Tag);
        const auto group = runtime::load<std::uint16_t>(at, big_endian);
        const auto element = runtime::load<std::uint16_t>(at + 2, big_endian);
        char digits[8];
        write_tag(runtime::make_tag(group, element), digits);
        sink_.string({digits, sizeof digits});
    }
    sink_.end_values();
}

template <typename Number>
void Walk::numbers(const Entry& entry) {
    using Wide = std::conditional_t<std::is_floating_point_v<Number>, double,
                                    std::conditional_t<std::is_same_v<Number, std::uint64_t>,
                                                       std::uint64_t, std::int64_t>>;
    const std::string_view bytes = bytes_of(entry);
    const std::size_t count = count_values(entry, bytes, sizeof(Number));
    if (count == 0) return;
    const bool big_endian = dataset_.is_big_endian(entry);
    sink_.begin_values(count);
    for (std::size_t i = 0; i < count; ++i) {
        step();
        const auto one = runtime::load<Number>(bytes.data() + i * sizeof(Number), big_endian);
        number(static_cast<Wide>(one));
    }
    sink_.end_values();
}

void Walk::number(double value) {
    if (std::isfinite(value) || options_.encode_extended) return sink_.real(value);
    const std::string_view text = text_of_non_finite(value);
    not_direct("JSON numbers cannot be " + std::string(text));
    sink_.string(text);
}

void Walk::not_direct(const std::string& why) {
    if (options_.direct_only) raise(runtime::ErrorKind::operation, "cannot write JSON: " + why);
    source_ = JsonSource::xml;
}

JsonReport Walk::report() const {
    JsonReport report{source_, {}};
    undecodable_.report(" characters could not be decoded and are U+FFFD", report.warnings);
    surplus_groups_.report(" person names have more than three component groups, of which the "
                           "others are left out", report.warnings);
    surplus_bytes_.report(" bytes are no whole number and left out", report.warnings);
    return report;
}

}  // namespace

void write_tag(Tag tag, char* digits) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    for (int i = 7; i >= 0; --i, tag >>= 4) digits[i] = hex[tag & 0xF];
}

JsonReport write_json(const Dataset& dataset, const JsonOptions& options, JsonSink& sink) {
    Walk walk(dataset, options, sink);
    walk.whole();
    return walk.report();
}

std::optional<JsonReport> write_json_element(const Dataset& dataset, Tag tag,
                                             const JsonOptions& options, JsonSink& sink) {
    const Place place = find_place(dataset, tag);
    if (place.index == nullptr) return std::nullopt;
    Walk walk(dataset, options, sink);
    walk.one(place);
    return walk.report();
}

void visit_json_elements(const Dataset& dataset, bool with_meta,
                         const std::function<void(const Index&, std::size_t)>& visit) {
    const auto visit_all = [&](const Index& index, bool is_meta) {
        std::unordered_set<Tag> seen;  // where a tag may come twice
        for (const std::uint32_t position : index.top_level) {
            runtime::checkpoint();
            const Tag tag = index.entries[position].tag;
            if (runtime::is_group_length(tag)) continue;
            if (is_meta && find_place(dataset.elements(), tag).index != nullptr) continue;
            if (!index.oddities.empty() && !seen.insert(tag).second) continue;
            visit(index, position);
        }
    };
    if (with_meta) visit_all(dataset.meta(), true);
    visit_all(dataset.elements(), false);
}

bool has_json_element(const Dataset& dataset, Tag tag) {
    return find_place(dataset, tag).index != nullptr;
}

}  // namespace dcmtk_native::data
