#include "scan/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::scan {

Folder::Folder(std::string path) : path_(std::move(path)), folder_(::opendir(path_.c_str())) {
    if (!folder_) runtime::raise_system("cannot read", path_);
}

bool Folder::read(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        errno = 0;
        const dirent* entry = ::readdir(folder_.get());
        if (entry == nullptr) {
            if (errno != 0) runtime::raise_system("cannot read", path_);
            return false;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") sort_in(*entry);
    }
    return true;
}

void Folder::sort_in(const dirent& entry) {
    unsigned char type = entry.d_type;
    struct stat status{};
    // Some file systems do not tell.
    if (type == DT_UNKNOWN &&
        ::fstatat(::dirfd(folder_.get()), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        type = static_cast<unsigned char>(IFTODT(status.st_mode));
    if (type == DT_LNK) {
        if (::fstatat(::dirfd(folder_.get()), entry.d_name, &status, 0) == 0) {
            if (S_ISREG(status.st_mode)) type = DT_REG;
        } else if (errno != ENOENT) {
            problems_.push_back({entry.d_name, errno});
        }
    }
    if (type == DT_REG) files_.add(entry.d_name);
    if (type == DT_DIR) folders_.add(entry.d_name);
}

Paths Folder::files(const Matches& matches) const { return inside(files_, matches); }

Paths Folder::folders() const { return inside(folders_, {}); }

Paths Folder::inside(const Paths& names, const Matches& matches) const {
    std::vector<std::string_view> sorted;
    std::size_t bytes = 0;
    sorted.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (matches && !matches(names[i])) continue;
        sorted.push_back(names[i]);
        bytes += names[i].size();
    }
    std::sort(sorted.begin(), sorted.end());
    const std::string folder = path_.back() == '/' ? path_ : path_ + "/";
    Paths paths;
    paths.reserve(sorted.size(), bytes + sorted.size() * folder.size());
    for (const std::string_view name : sorted) paths.add(folder, name);
    return paths;
}

}  // namespace dcmtk_native::scan
