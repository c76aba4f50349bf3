#include "runtime/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "runtime/error.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::runtime {

namespace {

bool has_no_hard_links(int number) {
    return number == EPERM || number == EOPNOTSUPP || number == ENOSYS || number == EXDEV ||
           number == EMLINK;
}

void copy_file(const std::string& path, const std::string& copy_path) {
    const FileDescriptor file = open_for_reading(path);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) raise_system("cannot read", path);
    FileSink copy(copy_path);
    copy.copy(file.get(), 0, static_cast<std::uint64_t>(status.st_size));
    copy.take_attributes_of(file.get());
    copy.commit();
}

}  // namespace

void keep_backup(const std::string& path, const std::string& backup_path) {
    if (::unlink(backup_path.c_str()) != 0 && errno != ENOENT)
        raise_system("cannot replace", backup_path);
    if (::linkat(AT_FDCWD, path.c_str(), AT_FDCWD, backup_path.c_str(), AT_SYMLINK_FOLLOW) == 0)
        return;
    if (!has_no_hard_links(errno)) raise_system("cannot make the backup", backup_path);
    copy_file(path, backup_path);
}

}  // namespace dcmtk_native::runtime
