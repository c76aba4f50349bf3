// What is in a folder: its files and its folders, by name.
#pragma once

#include <dirent.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scan/paths.hpp"

namespace dcmtk_native::scan {

class Folder {
  public:
    struct Problem {
        std::string name;
        int system_errno;
    };
    using Matches = std::function<bool(std::string_view name)>;

    /// Throws Error: file (missing, no folder, not to be read).
    explicit Folder(std::string path);

    /// Takes in the next so many entries; false: there were no more. Throws Error: file.
    [[nodiscard]] bool read(std::size_t count);

    // What was taken in; names are sorted by their bytes, whatever the language of the machine.

    /// Regular files and links to such; those that match, if there is something to match.
    [[nodiscard]] Paths files(const Matches& matches) const;
    /// No links: they may lead in circles.
    [[nodiscard]] Paths folders() const;
    /// Links that lead nowhere.
    [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }

  private:
    void sort_in(const dirent& entry);
    [[nodiscard]] Paths inside(const Paths& names, const Matches& matches) const;

    struct Close {
        void operator()(DIR* folder) const { ::closedir(folder); }
    };
    std::string path_;
    std::unique_ptr<DIR, Close> folder_;
    Paths files_;  // their names, as are the next ones
    Paths folders_;
    std::vector<Problem> problems_;
};

}  // namespace dcmtk_native::scan
