#include "scan/reader.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "data/dataset.hpp"
#include "data/json_values.hpp"
#include "scan/values.hpp"

namespace dcmtk_native::scan {

namespace {

using data::Dataset;
using data::PathSegment;
using intake::Entry;
using intake::Index;
using runtime::CharacterSet;
using runtime::ErrorKind;
using runtime::Tag;
using runtime::Vr;

/// The values of one column in one data set.
class Cell {
  public:
    Cell(const Dataset& dataset, const Request& request, const Wanted& wanted, Column& column,
         std::vector<Failure>& failures)
        : dataset_(dataset), wanted_(wanted), column_(column), failures_(failures),
          is_single_(request.fixed && !wanted.is_list) {}

    void read() {
        const Tag tag = wanted_.path.front().tag;
        const bool is_meta = runtime::group_of(tag) == 0x0002;
        const Index& index = is_meta ? dataset_.meta() : dataset_.elements();
        follow(index, index.position(tag), 0, dataset_.character_set());
        column_.end_row(is_present_);
    }

  private:
    /// Goes into the sequence of a segment of the path, or takes the value of the last one.
    void follow(const Index& index, std::size_t at, std::size_t depth, const CharacterSet& set) {
        if (at == Index::nowhere) return;
        const Entry& entry = index.entries[at];
        if (depth + 1 == wanted_.path.size()) return take(entry, set);
        if (!entry.is_sequence()) return;
        const PathSegment& segment = wanted_.path[depth];
        const bool all = segment.select == PathSegment::Select::all;
        std::size_t number = 0;
        for (std::size_t item = at + 1; item < entry.next; item = index.entries[item].next) {
            if (all || number == segment.index) follow_item(index, item, depth + 1, set);
            if (!all && number == segment.index) return;
            ++number;
        }
    }

    void follow_item(const Index& index, std::size_t item, std::size_t depth,
                     const CharacterSet& set) {
        const std::optional<CharacterSet> own = dataset_.own_character_set(item);
        const std::size_t at = index.position_in(item, wanted_.path[depth].tag);
        follow(index, at, depth, own ? *own : set);
    }

    void take(const Entry& entry, const CharacterSet& set) {
        is_present_ = true;
        if (entry.is_container) return fail("it is a sequence, or encapsulated");
        const bool is_meta = runtime::group_of(entry.tag) == 0x0002;
        bool big_endian = !is_meta && dataset_.is_big_endian(entry);
        Vr vr = entry.vr;
        if (vr == Vr::UN && wanted_.vr != Vr::none) {
            // PS3.5 section 6.2.2, note 2: implicit VR little endian, whatever the encoding around.
            vr = wanted_.vr;
            big_endian = false;
        }
        const std::string_view bytes = dataset_.bytes(entry, store_);
        if (runtime::is_text(vr)) return take_text(bytes, vr, set);
        const std::size_t width = width_of(vr);
        if (width == 0) return fail("its VR in this file has no values for a column");
        take_numbers(bytes, vr, width, big_endian);
    }

    void take_text(std::string_view bytes, Vr vr, const CharacterSet& set) {
        data::TextValues values;
        const std::size_t count = values.open(bytes, vr, set);
        if (is_single_ && column_.kind() == Kind::text) return take_joined(values, count);
        for (std::size_t i = 0; i < count; ++i) {
            if (is_full(i, count)) return;
            if (!add_text_value(values.next(), column_)) refuse();
        }
    }

    void take_joined(data::TextValues& values, std::size_t count) {
        if (count == 0) return;
        std::string joined(values.next());
        for (std::size_t i = 1; i < count; ++i) joined.append("\\").append(values.next());
        column_.add_text(joined);
    }

    void take_numbers(std::string_view bytes, Vr vr, std::size_t width, bool big_endian) {
        const std::size_t count = bytes.size() / width;
        for (std::size_t i = 0; i < count; ++i) {
            if (is_full(i, count)) return;
            if (!add_binary_value(bytes.data() + i * width, vr, big_endian, column_)) refuse();
        }
    }

    /// A column that is to stay one of single values cannot take several, and shows none of them.
    bool is_full(std::size_t value, std::size_t count) {
        if (!is_single_ || count <= 1) return false;
        if (value == 0) fail("several values where the dictionary allows one");
        return true;
    }

    void refuse() {
        column_.add_null();
        fail("a value that is none of the kind of its column");
    }

    void fail(const char* why) {
        failures_.push_back({dataset_.source().name(), wanted_.name,
                             runtime::Error(ErrorKind::operation, wanted_.name + ": " + why)});
    }

    const Dataset& dataset_;
    const Wanted& wanted_;
    Column& column_;
    std::vector<Failure>& failures_;
    const bool is_single_;
    bool is_present_ = false;
    std::string store_;
};

}  // namespace

void read_row(const runtime::Input& input, const Request& request, Table& table) {
    const auto dataset = Dataset::read(input, request.read);
    const std::size_t failures = table.failures.size();
    try {
        for (std::size_t i = 0; i < request.columns.size(); ++i)
            Cell(*dataset, request, request.columns[i], table.columns[i], table.failures).read();
    } catch (...) {
        for (Column& column : table.columns)
            column.truncate(std::min(column.rows(), table.rows()));
        table.failures.erase(table.failures.begin() + static_cast<std::ptrdiff_t>(failures),
                             table.failures.end());
        throw;
    }
    table.paths.add_text(input.name());
    table.paths.end_row(true);
}

}  // namespace dcmtk_native::scan
