// Scans: what is wanted, the rows of many files, and their ways to Python and to Arrow.
#include <pybind11/pybind11.h>

#include <datetime.h>  // behind Python.h

#include <chrono>
#include <optional>

#include "arrow.hpp"
#include "bindings.hpp"
#include "choices.hpp"
#include "native_error.hpp"
#include "scan/folder.hpp"
#include "scan/reader.hpp"
#include "scan/scan.hpp"
#include "scan/table_state.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::scan::Dates, {"text", dcmtk_native::scan::Dates::text},
                     {"date", dcmtk_native::scan::Dates::date});

namespace dcmtk_native::bindings {

namespace {

using scan::Column;
using scan::Kind;

bool is_date(Kind kind) {
    return kind == Kind::date || kind == Kind::time || kind == Kind::datetime;
}

const char* word(Kind kind) {
    switch (kind) {
    case Kind::text: return "text";
    case Kind::integer: return "integer";
    case Kind::real: return "real";
    case Kind::date: return "date";
    case Kind::time: return "time";
    case Kind::datetime: return "datetime";
    }
    return "text";
}

py::tuple kinds_of(const scan::Request& request) {
    py::tuple kinds(request.columns.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = word(request.columns[i].kind);
    return kinds;
}

std::vector<std::string> names_of(const scan::Request& request) {
    std::vector<std::string> names;
    for (const scan::Wanted& wanted : request.columns) names.push_back(wanted.name);
    return names;
}

py::object taken(PyObject* made) {
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

/// What is certain to be a path: any bytes.
py::str path_object(std::string_view path) {
    return taken(PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size())));
}

struct ClockTime {
    int hour;
    int minute;
    int second;
    int microsecond;
};

ClockTime clock_time(std::int64_t microseconds) {
    const std::int64_t seconds = microseconds / 1'000'000;
    return {static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
            static_cast<int>(seconds % 60), static_cast<int>(microseconds % 1'000'000)};
}

struct CalendarDay {
    int year;
    int month;
    int day;
};

/// The day so many days after 1970-01-01, in the proleptic Gregorian calendar; years from 1 on.
CalendarDay calendar_day(std::int64_t days) {
    // Eras of 400 years, which begin in March of a year 0.
    constexpr std::int64_t days_in_era = 146097;
    const std::int64_t since = days + 719468;
    const std::int64_t era = since / days_in_era;
    const std::int64_t of_era = since % days_in_era;
    const std::int64_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t from_march = (5 * of_year + 2) / 153;
    const auto day = static_cast<int>(of_year - (153 * from_march + 2) / 5 + 1);
    const auto month = static_cast<int>(from_march < 10 ? from_march + 3 : from_march - 9);
    return {static_cast<int>(era * 400 + year_of_era + (month <= 2 ? 1 : 0)), month, day};
}

py::object datetime_object(std::int64_t microseconds) {
    constexpr std::int64_t day = 86'400'000'000;
    std::int64_t days = microseconds / day;
    std::int64_t rest = microseconds % day;
    if (rest < 0) {
        rest += day;
        --days;
    }
    const CalendarDay date = calendar_day(days);
    const ClockTime time = clock_time(rest);
    return taken(PyDateTime_FromDateAndTime(date.year, date.month, date.day, time.hour, time.minute,
                                            time.second, time.microsecond));
}

/// Python's module of dates is loaded by the first scan that makes some, not by every import.
void need_datetime() {
    if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
    if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

py::object value_object(const Column& column, std::size_t value) {
    if (!column.is_valid(value)) return py::none();
    switch (column.kind()) {
    case Kind::text: return to_str(column.text(value));
    case Kind::integer: return taken(PyLong_FromLongLong(column.number(value)));
    case Kind::real: return taken(PyFloat_FromDouble(column.real(value)));
    case Kind::date: {
        const CalendarDay date = calendar_day(column.number(value));
        return taken(PyDate_FromDate(date.year, date.month, date.day));
    }
    case Kind::time: {
        const ClockTime time = clock_time(column.number(value));
        return taken(PyTime_FromTime(time.hour, time.minute, time.second, time.microsecond));
    }
    case Kind::datetime: return datetime_object(column.number(value));
    }
    return py::none();
}

/// None, one value, or a list of several.
py::object row_object(const Column& column, std::size_t row) {
    const std::size_t begin = column.values_begin(row);
    const std::size_t end = column.values_begin(row + 1);
    if (begin == end) return py::none();
    if (end - begin == 1) return value_object(column, begin);
    py::list values(end - begin);
    for (std::size_t i = begin; i < end; ++i) values[i - begin] = value_object(column, i);
    return std::move(values);
}

/// A text that the row before has too, as most rows of one patient or series do: one object will do.
bool is_same_as_before(const Column& column, std::size_t row) {
    if (row == 0 || column.kind() != Kind::text || column.is_list()) return false;
    return column.is_valid(row) && column.is_valid(row - 1) &&
           column.text(row) == column.text(row - 1);
}

/// Rows as Python has them. Arrow arrays share the buffers, so they are copied before a change.
class Table {
  public:
    Table(scan::Table table, std::vector<std::string> names)
        : table_(std::make_shared<scan::Table>(std::move(table))), names_(std::move(names)) {}

    [[nodiscard]] std::size_t size() const { return table_->rows(); }
    [[nodiscard]] std::size_t count() const { return table_->count; }
    [[nodiscard]] bool stopped() const { return table_->stopped; }
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

    [[nodiscard]] py::list paths() const {
        py::list paths(size());
        for (std::size_t row = 0; row < size(); ++row)
            paths[row] = path_object(table_->paths.text(row));
        return paths;
    }

    [[nodiscard]] py::list column(std::size_t index) const {
        if (index >= table_->columns.size()) throw py::index_error("no such column");
        const Column& column = table_->columns[index];
        if (is_date(column.kind())) need_datetime();
        py::list values(size());
        for (std::size_t row = 0; row < size(); ++row)
            values[row] = is_same_as_before(column, row) ? py::object(values[row - 1])
                                                         : row_object(column, row);
        return values;
    }

    [[nodiscard]] py::list errors() const {
        py::list errors;
        for (const scan::Failure& failure : table_->failures)
            errors.append(py::make_tuple(path_object(failure.path), failure.column,
                                         native_error_args(failure.error)));
        return errors;
    }

    void extend(const Table& other) {
        if (other.names_ != names_) throw py::value_error("rows of another request");
        if (table_.use_count() > 1) table_ = std::make_shared<scan::Table>(*table_);
        table_->append(*other.table_);
    }

    [[nodiscard]] py::tuple arrow() const { return arrow_capsules(table_, names_); }

    [[nodiscard]] py::tuple state() const {
        return py::make_tuple(names_, py::bytes(to_bytes(*table_)));
    }
    static Table from_state(const py::tuple& state) {
        return {scan::from_bytes(state[1].cast<std::string>()),
                state[0].cast<std::vector<std::string>>()};
    }

  private:
    std::shared_ptr<scan::Table> table_;
    std::vector<std::string> names_;
};

Table scan_files(const scan::Paths& paths, std::size_t most, const scan::Request& request,
                 unsigned threads, std::int64_t budget_ms) {
    return {scan::scan_files(paths, most, request, threads, std::chrono::milliseconds(budget_ms)),
            names_of(request)};
}

Table read_file(const runtime::Input& input, const scan::Request& request) {
    scan::Table table(request);
    scan::read_row(input, request, table);
    table.count = 1;
    return {std::move(table), names_of(request)};
}

scan::Paths paths_of(const py::iterable& given) {
    scan::Paths paths;
    for (const py::handle path : given) paths.add(path_bytes(path));
    return paths;
}

py::str path_at(const scan::Paths& paths, std::size_t index) {
    if (index >= paths.size()) throw py::index_error("no such path");
    return path_object(paths[index]);
}

scan::Paths files_of(const scan::Folder& folder, const std::optional<py::function>& matches) {
    if (matches)
        return folder.files([&matches](std::string_view name) {
            return PyObject_IsTrue((*matches)(path_object(name)).ptr()) == 1;
        });
    const py::gil_scoped_release released;
    return folder.files({});
}

py::list problems_of(const scan::Folder& folder) {
    py::list problems;
    for (const scan::Folder::Problem& problem : folder.problems())
        problems.append(py::make_tuple(path_object(problem.name), problem.system_errno));
    return problems;
}

}  // namespace

void bind_scan(py::module_& scan) {
    py::class_<scan::Request>(scan, "Request")
        .def(py::init([](const std::vector<std::string>& tags, scan::Dates dates, bool fixed,
                         const data::ReadOptions& read) {
                 return scan::make_request(tags, dates, fixed, read);
             }),
             py::arg("tags"), py::arg("dates"), py::arg("fixed"), py::arg("read"))
        .def_property_readonly("names", [](const scan::Request& r) { return py::tuple(py::cast(names_of(r))); })
        .def_property_readonly("kinds", &kinds_of);
    py::class_<Table>(scan, "Table")
        .def_property_readonly("count", &Table::count)
        .def_property_readonly("stopped", &Table::stopped)
        .def_property_readonly("names", &Table::names)
        .def("__len__", &Table::size)
        .def("paths", &Table::paths)
        .def("column", &Table::column, py::arg("index"))
        .def("errors", &Table::errors)
        .def("extend", &Table::extend, py::arg("other"))
        .def("arrow", &Table::arrow)
        .def(py::pickle([](const Table& table) { return table.state(); },
                        &Table::from_state));
    py::class_<scan::Paths>(scan, "Paths")
        .def(py::init<>())
        .def(py::init(&paths_of), py::arg("paths"))
        .def("__len__", &scan::Paths::size)
        .def("__getitem__", &path_at, py::arg("index"))
        .def("append", [](scan::Paths& paths, py::handle path) { paths.add(path_bytes(path)); },
             py::arg("path"))
        .def("extend", &scan::Paths::extend, py::arg("other"))
        .def("drop", &scan::Paths::drop, py::arg("count"));
    py::class_<scan::Folder>(scan, "Folder")
        .def(py::init([](py::handle path) { return scan::Folder(path_bytes(path)); }),
             py::arg("path"))
        .def("read", &scan::Folder::read, py::arg("count"),
             py::call_guard<py::gil_scoped_release>())
        .def("files", &files_of, py::arg("matches") = py::none())
        .def("folders", &scan::Folder::folders)
        .def("problems", &problems_of);
    def_tool(scan, "read_file", &read_file, py::arg("input"), py::arg("request"));
    def_tool(scan, "scan_files", &scan_files, py::arg("paths"), py::arg("most"),
             py::arg("request"), py::arg("threads"), py::arg("budget_ms"));
}

}  // namespace dcmtk_native::bindings
