// The values of one attribute over many files, in the buffers that Arrow wants: nothing has to be
// copied on the way to pyarrow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/bitmap.hpp"

namespace dcmtk_native::scan {

enum class Kind : std::uint8_t {
    text,
    integer,
    real,
    date,      // days since 1970
    time,      // microseconds since midnight
    datetime,  // microseconds since 1970
};

/// A row has one value or none as long as every row has; the first one with more makes all of them
/// lists.
class Column {
  public:
    Column(Kind kind, bool is_list);

    // The values of the row that comes next, by kind; then `end_row`.
    void add_text(std::string_view utf8);
    void add_number(std::int64_t number);  // of every kind but text and real
    void add_real(double number);
    void add_null();
    /// `is_present`: the file has the element, though perhaps without a value.
    void end_row(bool is_present);

    /// Takes away the rows behind the first `rows`, one that has not ended included.
    void truncate(std::size_t rows);
    /// Takes over the rows of another column of the same kind.
    void append(const Column& other);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_list() const noexcept { return is_list_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    /// Values of a row: `values_begin(row)` up to `values_begin(row + 1)`.
    [[nodiscard]] std::size_t values_begin(std::size_t row) const {
        return is_list_ ? static_cast<std::size_t>(list_offsets_[row]) : row;
    }
    [[nodiscard]] std::size_t values() const noexcept { return valid_.size(); }

    [[nodiscard]] bool is_valid(std::size_t value) const { return valid_[value]; }
    [[nodiscard]] std::string_view text(std::size_t value) const;
    [[nodiscard]] std::int64_t number(std::size_t value) const;
    [[nodiscard]] double real(std::size_t value) const { return reals_[value]; }

    // The buffers.
    [[nodiscard]] const Bitmap& valid() const noexcept { return valid_; }
    [[nodiscard]] const Bitmap& present() const noexcept { return present_; }  // of lists
    [[nodiscard]] const std::vector<std::int64_t>& list_offsets() const { return list_offsets_; }
    [[nodiscard]] const std::vector<std::int64_t>& text_offsets() const { return text_offsets_; }
    [[nodiscard]] const std::string& text_bytes() const noexcept { return text_; }
    /// Of 8 bytes each (days: 4).
    [[nodiscard]] const void* numbers() const noexcept;

  private:
    void make_list();

    Kind kind_;
    bool is_list_;
    std::size_t rows_ = 0;
    Bitmap valid_;    // of each value
    Bitmap present_;  // of each row of lists
    std::vector<std::int64_t> list_offsets_{0};
    std::vector<std::int64_t> text_offsets_{0};
    std::string text_;
    std::vector<std::int64_t> numbers_;
    std::vector<std::int32_t> days_;
    std::vector<double> reals_;
};

}  // namespace dcmtk_native::scan
