#include "scan/table_state.hpp"

#include <cstddef>
#include <cstdint>

#include "runtime/byte_order.hpp"

namespace dcmtk_native::scan {

namespace {

using runtime::Error;
using runtime::ErrorKind;

class Writer {
  public:
    template <typename Number> void number(Number value) {
        char bytes[sizeof value];
        runtime::store_little_endian(value, bytes);
        bytes_.append(bytes, sizeof value);
    }
    void text(std::string_view value) {
        number<std::uint64_t>(value.size());
        bytes_.append(value);
    }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    template <typename Number> Number number() {
        return runtime::load_little_endian<Number>(take(sizeof(Number)).data());
    }
    std::string_view text() { return take(number<std::uint64_t>()); }
    void end() const {
        if (!rest_.empty()) fail();
    }
    [[noreturn]] static void fail() {
        runtime::raise(ErrorKind::format, "no rows of a scan: the bytes are damaged");
    }

  private:
    std::string_view take(std::uint64_t size) {
        if (size > rest_.size()) fail();
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view rest_;
};

void write_value(const Column& column, std::size_t value, Writer& out) {
    const bool is_valid = column.is_valid(value);
    out.number<std::uint8_t>(is_valid ? 1 : 0);
    if (!is_valid) return;
    switch (column.kind()) {
    case Kind::text: return out.text(column.text(value));
    case Kind::real: return out.number(column.real(value));
    default: return out.number(column.number(value));
    }
}

void read_value(Reader& in, Column& column) {
    if (in.number<std::uint8_t>() == 0) return column.add_null();
    switch (column.kind()) {
    case Kind::text: return column.add_text(in.text());
    case Kind::real: return column.add_real(in.number<double>());
    default: return column.add_number(in.number<std::int64_t>());
    }
}

void write_column(const Column& column, Writer& out) {
    out.number(static_cast<std::uint8_t>(column.kind()));
    out.number<std::uint8_t>(column.is_list() ? 1 : 0);
    out.number<std::uint64_t>(column.rows());
    for (std::size_t row = 0; row < column.rows(); ++row) {
        const std::size_t begin = column.values_begin(row);
        const std::size_t end = column.values_begin(row + 1);
        const bool is_present = column.is_list() ? column.present()[row] : column.is_valid(row);
        out.number<std::uint8_t>(is_present ? 1 : 0);
        out.number<std::uint64_t>(end - begin);
        for (std::size_t value = begin; value < end; ++value) write_value(column, value, out);
    }
}

Column read_column(Reader& in) {
    const auto kind = in.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(Kind::datetime)) Reader::fail();
    Column column(static_cast<Kind>(kind), in.number<std::uint8_t>() != 0);
    const auto rows = in.number<std::uint64_t>();
    for (std::uint64_t row = 0; row < rows; ++row) {
        const bool is_present = in.number<std::uint8_t>() != 0;
        const auto values = in.number<std::uint64_t>();
        for (std::uint64_t value = 0; value < values; ++value) read_value(in, column);
        column.end_row(is_present);
    }
    return column;
}

void write_failure(const Failure& failure, Writer& out) {
    const Error& error = failure.error;
    out.text(failure.path);
    out.text(failure.column);
    out.number(static_cast<std::uint8_t>(error.kind));
    out.text(error.message);
    out.number(error.module);
    out.number(error.code);
    out.text(error.condition_text);
    out.text(error.limit);
    out.number(error.value);
    out.number(error.maximum);
    out.number<std::int64_t>(error.system_errno);
}

Failure read_failure(Reader& in) {
    std::string path(in.text());
    std::string column(in.text());
    const auto kind = in.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(ErrorKind::internal)) Reader::fail();
    Error error(static_cast<ErrorKind>(kind), std::string(in.text()));
    error.module = in.number<std::uint16_t>();
    error.code = in.number<std::uint16_t>();
    error.condition_text = in.text();
    error.limit = in.text();
    error.value = in.number<std::uint64_t>();
    error.maximum = in.number<std::uint64_t>();
    error.system_errno = static_cast<int>(in.number<std::int64_t>());
    return {std::move(path), std::move(column), std::move(error)};
}

}  // namespace

std::string to_bytes(const Table& table) {
    Writer out;
    out.number<std::uint64_t>(table.count);
    out.number<std::uint8_t>(table.stopped ? 1 : 0);
    write_column(table.paths, out);
    out.number<std::uint64_t>(table.columns.size());
    for (const Column& column : table.columns) write_column(column, out);
    out.number<std::uint64_t>(table.failures.size());
    for (const Failure& failure : table.failures) write_failure(failure, out);
    return out.take();
}

Table from_bytes(std::string_view bytes) {
    Reader in(bytes);
    Table table{Request{}};
    table.count = static_cast<std::size_t>(in.number<std::uint64_t>());
    table.stopped = in.number<std::uint8_t>() != 0;
    table.paths = read_column(in);
    for (auto left = in.number<std::uint64_t>(); left > 0; --left)
        table.columns.push_back(read_column(in));
    for (auto left = in.number<std::uint64_t>(); left > 0; --left)
        table.failures.push_back(read_failure(in));
    in.end();
    for (const Column& column : table.columns)
        if (column.rows() != table.rows()) Reader::fail();
    return table;
}

}  // namespace dcmtk_native::scan
