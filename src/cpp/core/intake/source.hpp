// The bytes of one file or buffer for the scanner: windows of a file are kept, big values stay
// where they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/files.hpp"

namespace dcmtk_native::intake {

/// Bytes in memory. Those that are not kept are gone with the next window.
struct Window {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    bool kept = false;
};

/// How much of a file is likely to be asked for.
enum class Appetite : std::uint8_t { all, header };

class Source {
  public:
    /// Opens the path or takes the buffer; nothing but the first window is read.
    explicit Source(const runtime::Input& input, Appetite appetite = Appetite::all);
    /// Takes bytes of our own making (an inflated or rewritten data set).
    Source(std::string bytes, std::string name);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// The path, or what the bytes are: for messages.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// What can be had at `offset` in one step, at least `minimum` bytes, which must exist. It is
    /// kept as long as the source, unless very much is kept already.
    [[nodiscard]] Window window(std::uint64_t offset, std::size_t minimum);
    /// The same for a look at a few bytes of which none is wanted later (fragment headers): little
    /// is read, nothing kept that is not in memory anyway.
    [[nodiscard]] Window glance(std::uint64_t offset, std::size_t minimum);

    /// `count` bytes at `offset`, valid as long as the source; nullptr when they reach past the
    /// end.
    [[nodiscard]] const std::uint8_t* need(std::uint64_t offset, std::size_t count);
    /// Copies bytes without keeping them; false when they reach past the end. From any thread.
    /// Throws Error: file (the file has shrunk, or is another one under that name).
    [[nodiscard]] bool read(std::uint64_t offset, void* out, std::size_t count) const;

    /// The descriptor to copy big values from, or -1 when all is in memory or the file was closed.
    [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
    /// All bytes at once when they are in memory already, else empty.
    [[nodiscard]] std::string_view memory() const noexcept { return memory_; }
    /// Gives the descriptor back to the system: thousands of data sets may be held at a time.
    /// `read` then opens the path anew each time, and refuses a file that has changed.
    void close_file() noexcept { file_.close(); }
    /// The descriptor again, for a source whose file was closed: opened anew, and the same file as
    /// ever.
    [[nodiscard]] runtime::FileDescriptor reopen() const;

  private:
    /// What tells that a path still leads to the file that was scanned.
    struct Identity {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::uint64_t size = 0;
        std::timespec modified{};
    };

    [[nodiscard]] static Identity identity_of(const struct stat& status);
    void open(const std::string& path, Appetite appetite);
    /// Reads a block and keeps it.
    [[nodiscard]] const std::uint8_t* keep(std::uint64_t offset, std::size_t count);
    [[nodiscard]] bool may_keep(std::size_t count) const noexcept;

    std::string name_;
    std::uint64_t size_ = 0;
    std::string_view memory_;
    std::shared_ptr<const void> owner_;  // of memory_ when somebody else's

    runtime::FileDescriptor file_;
    Identity identity_;
    std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;  // what of the file is kept
    std::uint64_t kept_ = 0;
    std::string_view first_;             // the first window: most files are asked for little else
    std::vector<std::uint8_t> passing_;  // the one window that is not kept
    std::uint64_t behind_glance_ = 0;
    std::uint64_t behind_window_ = 0;
    std::size_t step_ = 0;  // how much to read next
};

}  // namespace dcmtk_native::intake
