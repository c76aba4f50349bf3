#include "scan/column.hpp"

#include <algorithm>

namespace dcmtk_native::scan {

namespace {

/// Offsets into a buffer that now lies behind another one.
void append_offsets(std::vector<std::int64_t>& offsets, const std::vector<std::int64_t>& other) {
    const std::int64_t base = offsets.back();
    const auto first = static_cast<std::ptrdiff_t>(offsets.size());
    // Unlike `reserve`, which would copy all offsets for each of many small additions.
    offsets.insert(offsets.end(), other.begin() + 1, other.end());
    std::for_each(offsets.begin() + first, offsets.end(), [base](auto& at) { at += base; });
}

template <typename Number>
void append_all(std::vector<Number>& numbers, const std::vector<Number>& other) {
    numbers.insert(numbers.end(), other.begin(), other.end());
}

}  // namespace

Column::Column(Kind kind, bool is_list) : kind_(kind), is_list_(is_list) {}

void Column::add_text(std::string_view utf8) {
    text_.append(utf8);
    text_offsets_.push_back(static_cast<std::int64_t>(text_.size()));
    valid_.append(true);
}

void Column::add_number(std::int64_t number) {
    if (kind_ == Kind::date) {
        days_.push_back(static_cast<std::int32_t>(number));
    } else {
        numbers_.push_back(number);
    }
    valid_.append(true);
}

void Column::add_real(double number) {
    reals_.push_back(number);
    valid_.append(true);
}

void Column::add_null() {
    switch (kind_) {
    case Kind::text: text_offsets_.push_back(text_offsets_.back()); break;
    case Kind::real: reals_.push_back(0); break;
    case Kind::date: days_.push_back(0); break;
    case Kind::integer:
    case Kind::time:
    case Kind::datetime: numbers_.push_back(0); break;
    }
    valid_.append(false);
}

void Column::end_row(bool is_present) {
    if (!is_list_) {
        if (values() == rows_) add_null();
        if (values() > rows_ + 1) make_list();
    }
    ++rows_;
    if (!is_list_) return;
    list_offsets_.push_back(static_cast<std::int64_t>(values()));
    present_.append(is_present);
}

/// A row without a value has a place for it until now, and none from now on: that would be a list
/// of one null. It keeps the place, for the sake of its buffers, but is no list at all.
void Column::make_list() {
    is_list_ = true;
    for (std::size_t row = 0; row < rows_; ++row) {
        list_offsets_.push_back(static_cast<std::int64_t>(row + 1));
        present_.append(valid_[row]);
    }
}

void Column::truncate(std::size_t rows) {
    const std::size_t values = values_begin(rows);
    rows_ = rows;
    valid_.truncate(values);
    if (is_list_) {
        present_.truncate(rows);
        list_offsets_.resize(rows + 1);
    }
    switch (kind_) {
    case Kind::text:
        text_offsets_.resize(values + 1);
        text_.resize(static_cast<std::size_t>(text_offsets_.back()));
        break;
    case Kind::real: reals_.resize(values); break;
    case Kind::date: days_.resize(values); break;
    case Kind::integer:
    case Kind::time:
    case Kind::datetime: numbers_.resize(values); break;
    }
}

void Column::append(const Column& other) {
    if (other.is_list_ && !is_list_) make_list();
    if (is_list_ && !other.is_list_) {
        Column lists = other;
        lists.make_list();
        return append(lists);
    }
    if (is_list_) {
        append_offsets(list_offsets_, other.list_offsets_);
        present_.append(other.present_);
    }
    rows_ += other.rows_;
    valid_.append(other.valid_);
    append_offsets(text_offsets_, other.text_offsets_);
    text_.append(other.text_);
    append_all(numbers_, other.numbers_);
    append_all(days_, other.days_);
    append_all(reals_, other.reals_);
}

std::string_view Column::text(std::size_t value) const {
    const auto begin = static_cast<std::size_t>(text_offsets_[value]);
    const auto end = static_cast<std::size_t>(text_offsets_[value + 1]);
    return std::string_view(text_).substr(begin, end - begin);
}

std::int64_t Column::number(std::size_t value) const {
    return kind_ == Kind::date ? days_[value] : numbers_[value];
}

const void* Column::numbers() const noexcept {
    switch (kind_) {
    case Kind::real: return reals_.data();
    case Kind::date: return days_.data();
    default: return numbers_.data();
    }
}

}  // namespace dcmtk_native::scan
