// Rows of values, one a file: what a scan comes to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "scan/column.hpp"
#include "scan/request.hpp"

namespace dcmtk_native::scan {

/// A file that has no row, or a value that is none of its column's kind.
struct Failure {
    std::string path;
    std::string column;  // empty: the file itself
    runtime::Error error;
};

struct Table {
    explicit Table(const Request& request);

    Column paths;
    std::vector<Column> columns;
    std::vector<Failure> failures;
    std::size_t count = 0;  // files that were looked at
    bool stopped = false;   // the call was to end before all were

    [[nodiscard]] std::size_t rows() const noexcept { return paths.rows(); }
    /// Takes over what another table of the same request holds.
    void append(const Table& other);
};

}  // namespace dcmtk_native::scan
