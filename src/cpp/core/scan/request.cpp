#include "scan/request.hpp"

#include <algorithm>
#include <string_view>

#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::scan {

namespace {

using runtime::ErrorKind;
using runtime::Vr;
using Select = data::PathSegment::Select;

/// DCMTK's VR letters, its internal ones included, as the kind of a column.
Kind kind_of(std::string_view vr, Dates dates, const std::string& name) {
    if (vr == "SQ" || vr == "OB" || vr == "OW" || vr == "OF" || vr == "OD" || vr == "OL" ||
        vr == "OV" || vr == "ox" || vr == "px" || vr == "lt" || vr == "na")
        runtime::raise(ErrorKind::options,
                       "\"" + name + "\": no column holds values of its VR " + std::string(vr));
    if (vr == "US" || vr == "SS" || vr == "xs" || vr == "UL" || vr == "SL" || vr == "up" ||
        vr == "UV" || vr == "SV" || vr == "IS")
        return Kind::integer;
    if (vr == "FL" || vr == "FD" || vr == "DS") return Kind::real;
    if (dates == Dates::date) {
        if (vr == "DA") return Kind::date;
        if (vr == "TM") return Kind::time;
        if (vr == "DT") return Kind::datetime;
    }
    return Kind::text;
}

Wanted make_wanted(const std::string& name, Dates dates) {
    Wanted wanted{name, data::parse_tag_path(name), Vr::none, Kind::text, false};
    const data::PathSegment& last = wanted.path.back();
    if (last.select != Select::none)
        runtime::raise(ErrorKind::options, "\"" + name + "\": an item has no value");
    wanted.is_list = std::any_of(wanted.path.begin(), wanted.path.end(),
                                 [](const auto& segment) { return segment.select == Select::all; });
    // What is private has a meaning only within its file.
    const auto* definition =
        runtime::is_private(last.tag) ? nullptr : runtime::find_entry(last.tag);
    if (definition == nullptr) return wanted;
    wanted.vr = runtime::vr_from(runtime::vr_for_writing(definition->vr()));
    wanted.kind = kind_of(definition->vr(), dates, name);
    wanted.is_list = wanted.is_list || definition->vm_max != 1;
    return wanted;
}

/// Behind it nothing is wanted. The character set stands at the beginning, and is needed for all
/// text.
runtime::Tag last_tag(const std::vector<Wanted>& columns) {
    runtime::Tag last = runtime::tags::specific_character_set;
    for (const Wanted& wanted : columns)
        if (runtime::group_of(wanted.path.front().tag) != 0x0002)
            last = std::max(last, wanted.path.front().tag);
    return last;
}

}  // namespace

Request make_request(const std::vector<std::string>& tags, Dates dates, bool fixed,
                     const data::ReadOptions& read) {
    if (tags.empty()) runtime::raise(ErrorKind::options, "no tag is asked for");
    Request request{{}, fixed, read};
    for (const std::string& name : tags) {
        const bool is_known =
            name == "path" || std::any_of(request.columns.begin(), request.columns.end(),
                                          [&](const Wanted& other) { return other.name == name; });
        if (is_known) runtime::raise(ErrorKind::options, "\"" + name + "\" is a column already");
        request.columns.push_back(make_wanted(name, dates));
    }
    request.read.last_tag = last_tag(request.columns);
    return request;
}

}  // namespace dcmtk_native::scan
