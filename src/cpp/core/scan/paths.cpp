#include "scan/paths.hpp"

#include <algorithm>
#include <utility>

namespace dcmtk_native::scan {

void Paths::add(std::string_view folder, std::string_view name) {
    bytes_.append(folder).append(name);
    ends_.push_back(bytes_.size());
}

void Paths::extend(Paths& other) {
    if (&other == this) return;
    if (size() == 0) {
        std::swap(*this, other);
    } else {
        for (std::size_t i = 0; i < other.size(); ++i) add(other[i]);
    }
    other = {};
}

void Paths::reserve(std::size_t paths, std::size_t bytes) {
    ends_.reserve(paths + 1);
    bytes_.reserve(bytes);
}

void Paths::drop(std::size_t count) {
    first_ += std::min(count, size());
    // What is left is moved when it is the smaller half: never more than has been taken.
    if (first_ < size()) return;
    const std::size_t gone = ends_[first_];
    bytes_.erase(0, gone);
    ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(first_));
    for (std::size_t& end : ends_) end -= gone;
    first_ = 0;
}

}  // namespace dcmtk_native::scan
