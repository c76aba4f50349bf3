#include "data/input_files.hpp"

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace dcmtk_native::data {

namespace {

using runtime::Input;

bool stat_of_directory(const std::string& path, struct stat& status) {
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// As DCMTK joins them: "." is left out, a slash at the end counts once.
std::string join(std::string_view directory, const std::string& name) {
    while (directory.size() > 1 && directory.back() == '/')
        directory.remove_suffix(1);
    if (directory == ".") return name;
    std::string path(directory);
    if (path.back() != '/') path += '/';
    return path + name;
}

std::vector<std::string> names_in(const std::string& directory) {
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(directory.c_str()), &::closedir);
    if (!opened) runtime::raise_system("cannot read", directory);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(opened.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
}

/// Collects the files below a directory. The way down is kept on the heap: how deep it goes is not
/// ours to say.
class Collector {
  public:
    Collector(const DirectoryScan& scan, std::vector<Input>& files) : scan_(scan), files_(files) {}

    void collect(const std::string& directory) {
        std::vector<Level> way;
        enter(directory, way);
        while (!way.empty()) {
            runtime::checkpoint_now();
            Level& level = way.back();
            if (level.next == level.names.size()) {
                way.pop_back();
                continue;
            }
            const std::string& name = level.names[level.next++];
            const std::string path = join(level.directory, name);
            struct stat status{};
            if (stat_of_directory(path, status)) {
                if (scan_.recurse) enter_below(path, way);
            } else if (scan_.pattern.empty() ||
                       ::fnmatch(scan_.pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0) {
                files_.push_back({path});
            }
        }
    }

  private:
    struct Level {
        std::string directory;
        std::vector<std::string> names;
        std::size_t next;
    };

    void enter(const std::string& directory, std::vector<Level>& way) {
        struct stat status{};
        if (!stat_of_directory(directory, status)) runtime::raise_system("cannot read", directory);
        if (!seen_.insert({status.st_dev, status.st_ino}).second) return;
        way.push_back({directory, names_in(directory), 0});
    }

    /// What cannot be read further down is told and left out.
    void enter_below(const std::string& directory, std::vector<Level>& way) {
        try {
            enter(directory, way);
        } catch (const runtime::Error& error) {
            if (error.kind != runtime::ErrorKind::file) throw;
            runtime::log(runtime::log_level::warn, "data", error.message);
        }
    }

    const DirectoryScan& scan_;
    std::vector<Input>& files_;
    std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

std::vector<Input> list_files(const std::vector<Input>& inputs, const DirectoryScan& scan) {
    std::vector<Input> files;
    for (const Input& input : inputs) {
        struct stat status{};
        if (scan.enabled && input.is_path() && stat_of_directory(input.name(), status))
            Collector(scan, files).collect(input.name());
        else
            files.push_back(input);
    }
    return files;
}

}  // namespace dcmtk_native::data
