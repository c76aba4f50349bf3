#include "data/verbatim.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "data/record_offsets.hpp"
#include "runtime/call_scope.hpp"

namespace dcmtk_native::data {

namespace {

using intake::Entry;
using runtime::Vr;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// True if `without_padding` and even length would give the same bytes again.
bool is_padded_well(Vr vr, std::string_view bytes) {
    const char pad = vr == Vr::UI ? '\0' : ' ';
    if (vr == Vr::UI && std::any_of(bytes.begin(), bytes.end(), is_space)) return false;
    const std::size_t size = bytes.size();
    return size < 2 || bytes[size - 1] != pad || bytes[size - 2] != pad;
}

class Finder {
  public:
    Finder(const Dataset& dataset, const VerbatimRules& rules)
        : dataset_(dataset), entries_(dataset.elements().entries), rules_(rules) {}

    std::vector<bool> find() {
        flags_.assign(entries_.size(), false);
        const runtime::Encoding from = dataset_.encoding();
        if (from.explicit_vr != rules_.encoding.explicit_vr ||
            from.big_endian != rules_.encoding.big_endian ||
            from.big_endian_pixel_data != rules_.encoding.big_endian_pixel_data)
            return std::move(flags_);
        // Backwards, children are known before what holds them.
        for (std::size_t at = entries_.size(); at-- != 0;) {
            runtime::checkpoint();
            flags_[at] = is_container(at) ? stays_as_container(at) : stays_as_leaf(entries_[at]);
        }
        return std::move(flags_);
    }

  private:
    [[nodiscard]] bool is_container(std::size_t at) const {
        const Entry& entry = entries_[at];
        return entry.is_sequence() || entry.has_undefined_length() || entry.next != at + 1;
    }

    [[nodiscard]] bool stays_as_container(std::size_t at) const {
        const Entry& entry = entries_[at];
        // The header may say OW; that of what is written does not (PS3.5 section A.4).
        if (entry.is_encapsulated() || is_encoded_otherwise(entry)) return false;
        if (rules_.explicit_lengths == entry.has_undefined_length()) return false;
        // libdcmtk forgives a directory record that reaches out of its item.
        if (!entry.has_undefined_length() && entry.offset + entry.length != entry.end) return false;
        if (entry.is_item() && (rules_.group_lengths_everywhere || rules_.pads_items)) return false;
        for (std::size_t child = at + 1; child < entry.next; child = entries_[child].next)
            if (!flags_[child]) return false;
        return true;
    }

    /// What lies in a sequence of VR UN is implicit VR little endian.
    [[nodiscard]] bool is_encoded_otherwise(const Entry& entry) const {
        return entry.in_unknown && rules_.encoding.explicit_vr;
    }

    [[nodiscard]] bool stays_as_leaf(const Entry& entry) const {
        // An empty item, or a fragment, which is copied with its pixel data.
        if (entry.is_item())
            return rules_.explicit_lengths && !rules_.pads_items && entry.length % 2 == 0;
        if (entry.length % 2 != 0 || is_encoded_otherwise(entry)) return false;
        if (is_record_offset(entry.tag)) return false;
        if (runtime::is_group_length(entry.tag) && rules_.group_lengths_stay_away) return false;
        if (entry.tag == runtime::tags::data_set_trailing_padding && !rules_.padding_elements_stay)
            return false;
        if (rules_.encoding.explicit_vr && writable_vr(entry.vr, rules_.new_vrs) != entry.vr)
            return false;
        return !rules_.correct_padding || !runtime::is_text(entry.vr) || has_good_padding(entry);
    }

    [[nodiscard]] bool has_good_padding(const Entry& entry) const {
        if (entry.value != nullptr)
            return is_padded_well(entry.vr,
                                  {reinterpret_cast<const char*>(entry.value), entry.length});
        char tail[2];
        const std::size_t count = std::min<std::size_t>(entry.length, sizeof tail);
        return dataset_.source().read(entry.offset + entry.length - count, tail, count) &&
               is_padded_well(entry.vr, {tail, count});
    }

    const Dataset& dataset_;
    const intake::Blocks<Entry>& entries_;
    const VerbatimRules& rules_;
    std::vector<bool> flags_;
};

}  // namespace

std::vector<bool> find_verbatim(const Dataset& dataset, const VerbatimRules& rules) {
    return Finder(dataset, rules).find();
}

std::string without_padding(Vr vr, std::string_view bytes) {
    if (vr != Vr::UI) return std::string(bytes.substr(0, bytes.find_last_not_of(' ') + 1));
    std::string kept;
    std::copy_if(bytes.begin(), bytes.end(), std::back_inserter(kept),
                 [](char c) { return !is_space(c); });
    kept.erase(kept.find_last_not_of('\0') + 1);
    return kept;
}

}  // namespace dcmtk_native::data
