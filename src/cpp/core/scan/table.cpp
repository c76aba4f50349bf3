#include "scan/table.hpp"

namespace dcmtk_native::scan {

Table::Table(const Request& request) : paths(Kind::text, false) {
    columns.reserve(request.columns.size());
    for (const Wanted& wanted : request.columns)
        columns.emplace_back(wanted.kind, wanted.is_list);
}

void Table::append(const Table& other) {
    paths.append(other.paths);
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].append(other.columns[i]);
    failures.insert(failures.end(), other.failures.begin(), other.failures.end());
    count += other.count;
    stopped = stopped || other.stopped;
}

}  // namespace dcmtk_native::scan
