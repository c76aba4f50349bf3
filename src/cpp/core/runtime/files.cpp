#include "runtime/files.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

namespace {

constexpr std::size_t buffer_size = 256 * 1024;
// Between two looks at the abort flag; a disk takes some 10 ms for it.
constexpr std::size_t copy_step = 16UL << 20;
constexpr int max_name_attempts = 100;

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

/// Calls `take(data, size)` with every block of a range of a file.
template <typename Take>
void for_each_block(int fd, std::uint64_t offset, std::uint64_t size, Take&& take) {
    std::unique_ptr<char[]> block(new char[buffer_size]);
    while (size != 0) {
        checkpoint_now();
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer_size));
        const ssize_t got = ::pread(fd, block.get(), wanted, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) raise_system("cannot read", "input");
        if (got == 0) raise(ErrorKind::file, "input has become shorter while it was read");
        take(block.get(), static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::uint64_t>(got);
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

/// A symbolic link is written through, as every program does that opens its path.
std::string resolve_link(std::string path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
    std::unique_ptr<char, decltype(&std::free)> target(::realpath(path.c_str(), nullptr), &std::free);
    if (!target) raise_system("cannot write", path);
    return target.get();
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
    // O_NONBLOCK: opening a FIFO must not wait for a writer; it means nothing for regular files.
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) raise_system("cannot open", path);
    struct stat status{};
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
    for_each_block(fd, offset, size, [&](const char* data, std::size_t n) { bytes_.append(data, n); });
}

FileSink::FileSink(std::string path, bool durable)
    : path_(resolve_link(std::move(path))), buffer_(new char[buffer_size]), durable_(durable) {
    const auto slash = path_.rfind('/');
    const std::size_t name_at = slash == std::string::npos ? 0 : slash + 1;
    // A long name leaves no room for ours in NAME_MAX.
    const std::string stem = path_.substr(0, name_at) + "." + path_.substr(name_at, 200) + ".";
    struct stat status{};
    if (name_at == path_.size() || (::stat(path_.c_str(), &status) == 0 && S_ISDIR(status.st_mode))) {
        errno = EISDIR;
        raise_system("cannot write", path_);
    }
    for (int attempt = 0; attempt < max_name_attempts && !file_.is_open(); ++attempt) {
        temporary_path_ = stem + random_suffix() + ".part";
        file_ = FileDescriptor(::open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (!file_.is_open() && errno != EEXIST) break;
    }
    if (!file_.is_open()) {
        temporary_path_.clear();
        raise_system("cannot write", path_);
    }
}

FileSink::~FileSink() {
    if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

void FileSink::write(const void* data, std::size_t size) {
    checkpoint();
    const char* bytes = static_cast<const char*>(data);
    if (size > buffer_size - used_) {
        flush();
        if (size >= buffer_size) {
            write_all(file_.get(), bytes, size, path_);
            return;
        }
    }
    std::memcpy(buffer_.get() + used_, bytes, size);
    used_ += size;
}

void FileSink::copy(int fd, std::uint64_t offset, std::uint64_t size) {
    flush();
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

void FileSink::keep_mode_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) == 0 && ::fchmod(file_.get(), status.st_mode & 07777) != 0)
        raise_system("cannot set the mode of", temporary_path_);
}

void FileSink::flush() {
    if (used_ != 0) write_all(file_.get(), buffer_.get(), std::exchange(used_, 0), path_);
}

void FileSink::commit() {
    flush();
    checkpoint_now();
    if (durable_ && ::fsync(file_.get()) != 0) raise_system("cannot write", path_);
    file_.close();
    if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) raise_system("cannot write", path_);
    temporary_path_.clear();
    if (!durable_) return;
    const auto slash = path_.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    const FileDescriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.is_open()) ::fsync(opened.get());
}

}  // namespace dcmtk_native::runtime
