#include "scan/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::scan {

Folder::Folder(std::string path) : path_(std::move(path)), folder_(::opendir(path_.c_str())) {
    if (!folder_) runtime::raise_system("cannot read", path_);
}

Entries Folder::read(std::size_t count) {
    Entries entries;
    for (std::size_t i = 0; i < count; ++i) {
        errno = 0;
        const dirent* entry = ::readdir(folder_.get());
        if (entry == nullptr) {
            if (errno != 0) runtime::raise_system("cannot read", path_);
            entries.is_end = true;
            break;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") sort_in(*entry, entries);
    }
    return entries;
}

void Folder::sort_in(const dirent& entry, Entries& entries) const {
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
            entries.problems.push_back({entry.d_name, errno});
        }
    }
    if (type == DT_REG) entries.files.emplace_back(entry.d_name);
    if (type == DT_DIR) entries.folders.emplace_back(entry.d_name);
}

}  // namespace dcmtk_native::scan
