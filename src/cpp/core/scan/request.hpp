// Which values are wanted of each file, and what columns they make.
#pragma once

#include <string>
#include <vector>

#include "data/read_options.hpp"
#include "data/tag_path.hpp"
#include "runtime/vr.hpp"
#include "scan/column.hpp"

namespace dcmtk_native::scan {

/// One column.
struct Wanted {
    std::string name;  // as the caller wrote it
    data::TagPath path;
    runtime::Vr vr;  // of the dictionary; none: unknown there
    Kind kind;
    bool is_list;  // the dictionary allows several values, or the path leads to several
};

enum class Dates : std::uint8_t { text, date };

struct Request {
    std::vector<Wanted> columns;
    /// The kinds and lists are as the dictionary has them, whatever the files hold: a further text
    /// is joined by a backslash, a further number is a Failure.
    bool fixed;
    /// Nothing behind the last wanted element is looked at.
    data::ReadOptions read;
};

/// Throws Error: options (a malformed path, an unknown keyword, values that no column can hold, a
/// name given twice).
[[nodiscard]] Request make_request(const std::vector<std::string>& tags, Dates dates, bool fixed,
                                   const data::ReadOptions& read);

}  // namespace dcmtk_native::scan
