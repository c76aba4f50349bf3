// The paths that are still to be read, in their order.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dcmtk_native::scan {

/// Added at the end, taken from the front. All lie in one buffer: there may be millions, and what
/// is small costs its own allocation more than its bytes.
class Paths {
  public:
    /// `folder` and `name` are joined as they are.
    void add(std::string_view folder, std::string_view name);
    void add(std::string_view path) { add({}, path); }
    /// Takes over the paths of another one, which has none then.
    void extend(Paths& other);
    /// Makes room for so many paths of so many bytes in all.
    void reserve(std::size_t paths, std::size_t bytes);
    /// Takes away the first `count`.
    void drop(std::size_t count);

    [[nodiscard]] std::size_t size() const noexcept { return ends_.size() - 1 - first_; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const {
        const std::size_t begin = ends_[first_ + i];
        return std::string_view(bytes_).substr(begin, ends_[first_ + i + 1] - begin);
    }

  private:
    std::string bytes_;
    std::vector<std::size_t> ends_{0};  // each path begins where the one before it ends
    std::size_t first_ = 0;             // those before it are gone
};

}  // namespace dcmtk_native::scan
