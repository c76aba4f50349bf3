// What is in a folder: the names of its files and of its folders, some at a time.
#pragma once

#include <dirent.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace dcmtk_native::scan {

struct Entries {
    std::vector<std::string> files;    // regular files, and links to such
    std::vector<std::string> folders;  // no links: they may lead in circles
    struct Problem {
        std::string name;
        int system_errno;
    };
    std::vector<Problem> problems;  // links that lead nowhere
    bool is_end = false;
};

class Folder {
  public:
    /// Throws Error: file (missing, no folder, not to be read).
    explicit Folder(std::string path);
    /// What the next so many entries are, in the order of the system. Throws Error: file.
    [[nodiscard]] Entries read(std::size_t count);

  private:
    void sort_in(const dirent& entry, Entries& entries) const;

    struct Close {
        void operator()(DIR* folder) const { ::closedir(folder); }
    };
    std::string path_;
    std::unique_ptr<DIR, Close> folder_;
};

}  // namespace dcmtk_native::scan
