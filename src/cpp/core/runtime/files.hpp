// Where foreign bytes come from and where ours go: a path or memory, on both sides.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace dcmtk_native::runtime {

/// Memory that somebody else owns, and what keeps it alive.
struct Buffer {
    std::string_view bytes;
    std::shared_ptr<const void> owner;
};

/// A file's path, or the content of one.
struct Input {
    std::variant<std::string, Buffer> from;

    [[nodiscard]] bool is_path() const noexcept { return from.index() == 0; }
    /// The path, or "<bytes>": for messages.
    [[nodiscard]] std::string name() const;
};

/// An open file that closes itself.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept;
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
    void close() noexcept;

  private:
    int fd_ = -1;
};

/// Opens for reading (O_CLOEXEC, regular files only: a FIFO or device would block or never end).
[[nodiscard]] FileDescriptor open_for_reading(const std::string& path);
/// The same, and what the system says of the file.
[[nodiscard]] FileDescriptor open_for_reading(const std::string& path, struct stat& status);

/// Takes a finished or growing stream of bytes.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual void write(const void* data, std::size_t size) = 0;
    /// `size` bytes of the file `fd` from `offset`; without a pass through user space where the kernel can.
    virtual void copy(int fd, std::uint64_t offset, std::uint64_t size) = 0;
    void write(std::string_view bytes) { write(bytes.data(), bytes.size()); }
};

class MemorySink final : public Sink {
  public:
    using Sink::write;
    void write(const void* data, std::size_t size) override;
    void copy(int fd, std::uint64_t offset, std::uint64_t size) override;
    [[nodiscard]] std::string take() { return std::move(bytes_); }
    void reserve(std::size_t size) { bytes_.reserve(size); }

  private:
    std::string bytes_;
};

/// Writes beside the final name and takes that name only in `commit`: a failure, an abort or a killed
/// process leaves neither a partial file under the final name nor damage to an earlier one.
class FileSink final : public Sink {
  public:
    explicit FileSink(std::string path, bool durable = false);
    ~FileSink() override;
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;

    using Sink::write;
    void write(const void* data, std::size_t size) override;
    void copy(int fd, std::uint64_t offset, std::uint64_t size) override;
    /// Whether there is a file of that name already.
    [[nodiscard]] bool replaces() const noexcept { return attributes_.has_value(); }
    /// Gives the file the attributes of another one instead of those of the file it replaces.
    void take_attributes_of(int fd);
    /// Where all that was written so far can be read, until `commit`.
    [[nodiscard]] const std::string& path_until_commit();
    /// Flushes (to the disk if durable) and renames. Without it the temporary file is removed.
    void commit();
    /// The same under another name, of the same file system: for who knows it only from the content.
    void commit_as(std::string path);
    /// The same, but never in the place of another file. False: something has that name; the next
    /// may be tried.
    [[nodiscard]] bool commit_as_new(std::string path);

  private:
    /// Mode and owner, as a program that opens the path and overwrites it would have kept them.
    struct Attributes {
        mode_t mode;
        uid_t owner;
        gid_t group;
    };

    void look_at_target();
    void open_temporary();
    void flush();
    /// `size` bytes from the file `fd` through a buffer, such that writes begin at page borders.
    void copy_through_buffer(int fd, std::uint64_t offset, std::uint64_t size);
    void copy_in_kernel(int fd, std::uint64_t offset, std::uint64_t size);
    void apply_attributes();
    void end_writing();
    /// The file has got its name.
    void settle();

    std::string path_;
    std::string temporary_path_;
    FileDescriptor file_;
    std::optional<Attributes> attributes_;
    std::unique_ptr<char[]> buffer_;
    std::size_t used_ = 0;
    std::uint64_t written_ = 0;  // to the file, without what is in the buffer
    bool durable_;
};

/// The file has the new name, which nothing had. Else errno; EEXIST: something has it.
[[nodiscard]] int rename_to_new(const std::string& from, const std::string& to) noexcept;

/// A path to write, or nothing: then the bytes come back in the result.
struct Output {
    std::optional<std::string> path;
    bool durable = false;
};

/// Runs `produce(Sink&)` into the output; bytes when there is no path.
template <typename Produce>
[[nodiscard]] std::optional<std::string> write_output(const Output& output, Produce&& produce) {
    if (!output.path) {
        MemorySink sink;
        produce(static_cast<Sink&>(sink));
        return sink.take();
    }
    FileSink sink(*output.path, output.durable);
    produce(static_cast<Sink&>(sink));
    sink.commit();
    return std::nullopt;
}

}  // namespace dcmtk_native::runtime
