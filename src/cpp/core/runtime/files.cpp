#include "runtime/files.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

// Small enough to be had from the heap again and again, without fresh pages from the system.
constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::size_t copy_buffer_size = 512 * 1024;
constexpr std::uint64_t page_size = 4096;
// Between two looks at the abort flag; a disk takes some 10 ms for it.
constexpr std::size_t copy_step = 16UL << 20;
constexpr int max_name_attempts = 100;
// The system takes 10 ms and more to free what is beyond it.
constexpr std::uint64_t longest_to_free_here = 16U << 20;

void write_all(int fd, const char* data, std::size_t size, const std::string& path) {
    while (size != 0) {
        checkpoint_now();
        const ssize_t written = ::write(fd, data, std::min(size, copy_step));
        if (written < 0) {
            if (errno == EINTR) continue;
            raise_system("cannot write", path);
        }
        data += written;
        size -= static_cast<std::size_t>(written);
    }
}

/// Up to `size` bytes at `offset`, at least one.
std::size_t read_some(int fd, std::uint64_t offset, char* out, std::size_t size) {
    while (true) {
        checkpoint_now();
        const ssize_t got = ::pread(fd, out, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) raise_system("cannot read", "input");
        if (got == 0) raise(ErrorKind::file, "input has become shorter while it was read");
        return static_cast<std::size_t>(got);
    }
}

std::string random_suffix() {
    static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    thread_local std::mt19937_64 generator{std::random_device{}()};
    std::string suffix(12, '\0');
    std::uniform_int_distribution<std::size_t> pick(0, sizeof letters - 2);
    for (char& c : suffix) c = letters[pick(generator)];
    return suffix;
}

/// For a file without a name: its end frees all that was written, which whoever has to keep a
/// deadline cannot wait for.
void close_elsewhere(FileDescriptor file) noexcept {
    try {
        std::thread([last = std::move(file)] {}).detach();
    } catch (const std::system_error&) {
        // No thread to be had: it is closed here.
    }
}

}  // namespace

std::string Input::name() const { return is_path() ? std::get<std::string>(from) : "<bytes>"; }

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

FileDescriptor::~FileDescriptor() { close(); }

void FileDescriptor::close() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

FileDescriptor open_for_reading(const std::string& path) {
    struct stat status{};
    return open_for_reading(path, status);
}

FileDescriptor open_for_reading(const std::string& path, struct stat& status) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer; it means nothing for regular files.
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) raise_system("cannot open", path);
    if (::fstat(file.get(), &status) != 0) raise_system("cannot read", path);
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        raise_system("cannot read", path);
    }
    if (!S_ISREG(status.st_mode)) raise(ErrorKind::file, "cannot read: " + path + ": not a regular file");
    return file;
}

void MemorySink::write(const void* data, std::size_t size) {
    checkpoint();
    bytes_.append(static_cast<const char*>(data), size);
}

void MemorySink::copy(int fd, std::uint64_t offset, std::uint64_t size) {
    bytes_.reserve(bytes_.size() + static_cast<std::size_t>(size));
    const auto largest = static_cast<std::size_t>(std::min<std::uint64_t>(size, copy_buffer_size));
    const std::unique_ptr<char[]> block(new char[largest]);
    while (size != 0) {
        const std::size_t got = read_some(
            fd, offset, block.get(), static_cast<std::size_t>(std::min<std::uint64_t>(size, largest)));
        bytes_.append(block.get(), got);
        offset += got;
        size -= got;
    }
}

FileSink::FileSink(std::string path, bool durable)
    : path_(std::move(path)), buffer_(new char[buffer_size]), durable_(durable) {
    look_at_target();
    open_temporary();
}

void FileSink::look_at_target() {
    struct stat status{};
    bool exists = ::lstat(path_.c_str(), &status) == 0;
    if (exists && S_ISLNK(status.st_mode)) {
        // Written through, as every program does that opens its path.
        const std::unique_ptr<char, decltype(&std::free)> target(
            ::realpath(path_.c_str(), nullptr), &std::free);
        if (!target) raise_system("cannot write", path_);
        path_ = target.get();
        exists = ::lstat(path_.c_str(), &status) == 0;
    }
    if (path_.empty() || path_.back() == '/' || (exists && S_ISDIR(status.st_mode))) {
        errno = EISDIR;
        raise_system("cannot write", path_);
    }
    // Renaming would put a file in the place of a device.
    if (exists && !S_ISREG(status.st_mode))
        raise(ErrorKind::file, "cannot write: " + path_ + ": not a regular file");
    if (exists) attributes_ = Attributes{status.st_mode, status.st_uid, status.st_gid};
}

void FileSink::open_temporary() {
    const auto slash = path_.rfind('/');
    const std::size_t name_at = slash == std::string::npos ? 0 : slash + 1;
    // A long name leaves no room for ours in NAME_MAX.
    const std::string stem = path_.substr(0, name_at) + "." + path_.substr(name_at, 200) + ".";
    // Nobody may read what will be secret, not even for a moment.
    const mode_t mode = attributes_ ? attributes_->mode & 0777 : 0666;
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    for (int attempt = 0; attempt < max_name_attempts && !file_.is_open(); ++attempt) {
        temporary_path_ = stem + random_suffix() + ".part";
        file_ = FileDescriptor(::open(temporary_path_.c_str(), flags, mode));
        if (!file_.is_open() && errno != EEXIST) break;
    }
    if (!file_.is_open()) {
        temporary_path_.clear();
        raise_system("cannot write", path_);
    }
}

FileSink::~FileSink() {
    if (temporary_path_.empty()) return;
    ::unlink(temporary_path_.c_str());
    if (written_ > longest_to_free_here) close_elsewhere(std::move(file_));
}

void FileSink::write(const void* data, std::size_t size) {
    checkpoint();
    const char* bytes = static_cast<const char*>(data);
    if (size > buffer_size - used_) {
        flush();
        if (size >= buffer_size) {
            write_all(file_.get(), bytes, size, path_);
            written_ += size;
            return;
        }
    }
    std::memcpy(buffer_.get() + used_, bytes, size);
    used_ += size;
}

void FileSink::copy(int fd, std::uint64_t offset, std::uint64_t size) {
    flush();
    // The kernel copies page by page; where each one falls onto two, a buffer is faster.
    if (offset % page_size == written_ % page_size)
        copy_in_kernel(fd, offset, size);
    else
        copy_through_buffer(fd, offset, size);
    written_ += size;
}

void FileSink::copy_in_kernel(int fd, std::uint64_t offset, std::uint64_t size) {
    auto from = static_cast<off_t>(offset);
    while (size != 0) {
        checkpoint_now();
        const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(size, copy_step));
        ssize_t copied = ::copy_file_range(fd, &from, file_.get(), nullptr, step, 0);
        // Some file systems refuse between themselves; sendfile serves every pair.
        if (copied < 0 && errno != EINTR) copied = ::sendfile(file_.get(), fd, &from, step);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0) raise_system("cannot write", path_);
        if (copied == 0) raise(ErrorKind::file, "input has become shorter while it was read");
        size -= static_cast<std::uint64_t>(copied);
    }
}

void FileSink::copy_through_buffer(int fd, std::uint64_t offset, std::uint64_t size) {
    const std::unique_ptr<char[]> block(new char[copy_buffer_size]);
    auto wanted = static_cast<std::size_t>(copy_buffer_size - written_ % page_size);
    while (size != 0) {
        const std::size_t got = read_some(
            fd, offset, block.get(), static_cast<std::size_t>(std::min<std::uint64_t>(size, wanted)));
        write_all(file_.get(), block.get(), got, path_);
        offset += got;
        size -= got;
        wanted = copy_buffer_size;
    }
}

void FileSink::take_attributes_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) raise_system("cannot read", "input");
    attributes_ = Attributes{status.st_mode, status.st_uid, status.st_gid};
}

void FileSink::apply_attributes() {
    struct stat status{};
    if (::fstat(file_.get(), &status) != 0) raise_system("cannot read", temporary_path_);
    const Attributes& wanted = *attributes_;
    const bool is_theirs = status.st_uid != wanted.owner || status.st_gid != wanted.group;
    // Only root may give a file away; anybody else keeps it.
    if (is_theirs && ::fchown(file_.get(), wanted.owner, wanted.group) != 0 && errno != EPERM)
        raise_system("cannot set the owner of", temporary_path_);
    // A change of the owner takes the set-ID bits away.
    if ((is_theirs || status.st_mode != wanted.mode) &&
        ::fchmod(file_.get(), wanted.mode & 07777) != 0)
        raise_system("cannot set the mode of", temporary_path_);
}

void FileSink::flush() {
    if (used_ == 0) return;
    write_all(file_.get(), buffer_.get(), used_, path_);
    written_ += std::exchange(used_, 0);
}

const std::string& FileSink::path_until_commit() {
    flush();
    return temporary_path_;
}

void FileSink::commit_as(std::string path) {
    if (path != path_) {
        path_ = std::move(path);
        attributes_.reset();
        look_at_target();
    }
    commit();
}

bool FileSink::commit_as_new(std::string path) {
    path_ = std::move(path);
    attributes_.reset();
    end_writing();
    if (const int error = rename_to_new(temporary_path_, path_); error != 0) {
        if (error == EEXIST) return false;
        errno = error;
        raise_system("cannot write", path_);
    }
    settle();
    return true;
}

void FileSink::commit() {
    end_writing();
    if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) raise_system("cannot write", path_);
    settle();
}

void FileSink::end_writing() {
    if (!file_.is_open()) return;  // another name was tried before
    flush();
    if (attributes_) apply_attributes();
    checkpoint_now();
    if (durable_ && ::fsync(file_.get()) != 0) raise_system("cannot write", path_);
    file_.close();
}

void FileSink::settle() {
    temporary_path_.clear();
    if (!durable_) return;
    const auto slash = path_.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    const FileDescriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.is_open()) ::fsync(opened.get());
}

int rename_to_new(const std::string& from, const std::string& to) noexcept {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // A file system that cannot do it in one step (NFS).
    struct stat status{};
    if (::lstat(to.c_str(), &status) == 0) return EEXIST;
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace dcmtk_native::runtime
