#include "intake/source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::intake {

namespace {

using runtime::ErrorKind;

// Most headers end within it: one pread.
constexpr std::size_t first_window = 32 * 1024;
// Of a file whose header alone is wanted: what is read in vain costs as much as what is not.
constexpr std::size_t header_window = 16 * 1024;
// A file up to this size is read whole: the second pread would cost more.
constexpr std::uint64_t small_file = 64 * 1024;
// Behind a value that was skipped another one is likely; what goes on in small steps earns bigger
// ones.
constexpr std::size_t smallest_window = 4 * 1024;
constexpr std::size_t biggest_window = 256 * 1024;
// Past this, windows are no longer kept: the memory of a scan is bounded, whatever the size of the
// file.
constexpr std::uint64_t max_kept = 256ULL << 20;
// A disk takes some 10 ms for it; between two of them a call can be aborted.
constexpr std::size_t read_step = 16UL << 20;

void read_exactly(int fd, std::uint64_t offset, std::uint8_t* out, std::size_t count,
                  const std::string& name) {
    while (count != 0) {
        if (count > biggest_window) runtime::checkpoint_now();
        const ssize_t got =
            ::pread(fd, out, std::min(count, read_step), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) runtime::raise_system("cannot read", name);
        if (got == 0)
            raise(ErrorKind::file,
                  "cannot read: " + name + ": it has become shorter while it was read");
        out += got;
        offset += static_cast<std::uint64_t>(got);
        count -= static_cast<std::size_t>(got);
    }
}

std::string_view view_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

Source::Source(const runtime::Input& input, Appetite appetite) : name_(input.name()) {
    if (input.is_path()) {
        open(name_, appetite);
        return;
    }
    const auto& buffer = std::get<runtime::Buffer>(input.from);
    memory_ = buffer.bytes;
    owner_ = buffer.owner;
    size_ = memory_.size();
}

Source::Source(std::string bytes, std::string name) : name_(std::move(name)), size_(bytes.size()) {
    const auto owned = std::make_shared<const std::string>(std::move(bytes));
    memory_ = *owned;
    owner_ = owned;
}

void Source::open(const std::string& path, Appetite appetite) {
    struct stat status{};
    file_ = runtime::open_for_reading(path, status);
    identity_ = identity_of(status);
    size_ = identity_.size;
    const std::uint64_t wanted = appetite == Appetite::header ? header_window
                                 : size_ <= small_file        ? size_
                                                              : first_window;
    const auto count = static_cast<std::size_t>(std::min(size_, wanted));
    first_ = view_of(keep(0, count), count);
    behind_window_ = count;
    step_ = first_window;
    if (count == size_) {
        memory_ = first_;
        file_.close();
    }
}

Source::Identity Source::identity_of(const struct stat& status) {
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
            static_cast<std::uint64_t>(status.st_size), status.st_mtim};
}

bool Source::may_keep(std::size_t count) const noexcept { return kept_ + count <= max_kept; }

const std::uint8_t* Source::keep(std::uint64_t offset, std::size_t count) {
    // Not make_unique: that would fill with zeros what is overwritten at once.
    std::unique_ptr<std::uint8_t[]> block(new std::uint8_t[count]);
    read_exactly(file_.get(), offset, block.get(), count, name_);
    kept_ += count;
    blocks_.push_back(std::move(block));
    return blocks_.back().get();
}

Window Source::window(std::uint64_t offset, std::size_t minimum) {
    if (!memory_.empty())
        return {reinterpret_cast<const std::uint8_t*>(memory_.data()) + offset,
                memory_.size() - offset, true};
    if (offset + minimum <= first_.size())
        return {reinterpret_cast<const std::uint8_t*>(first_.data()) + offset,
                first_.size() - offset, true};
    // The last window ended within the header that is asked for again.
    const bool goes_on = offset <= behind_window_ && offset + minimum > behind_window_;
    step_ = goes_on ? std::min(step_ * 2, biggest_window) : smallest_window;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(step_, minimum), size_ - offset));
    behind_window_ = offset + count;
    if (may_keep(count)) return {keep(offset, count), count, true};
    return glance(offset, count);
}

Window Source::glance(std::uint64_t offset, std::size_t minimum) {
    if (!memory_.empty() || offset + minimum <= first_.size()) return window(offset, minimum);
    // Of fragments that are far apart no more than a header is of any use.
    const bool is_near = offset - behind_glance_ < smallest_window;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(
        is_near ? std::max(minimum, smallest_window) : minimum, size_ - offset));
    behind_glance_ = offset + count;
    if (passing_.size() < count) passing_.resize(count);
    read_exactly(file_.get(), offset, passing_.data(), count, name_);
    return {passing_.data(), count, false};
}

const std::uint8_t* Source::need(std::uint64_t offset, std::size_t count) {
    if (offset > size_ || count > size_ - offset) return nullptr;
    const std::string_view here = memory_.empty() ? first_ : memory_;
    if (offset + count <= here.size())
        return reinterpret_cast<const std::uint8_t*>(here.data()) + offset;
    return keep(offset, count);
}

bool Source::read(std::uint64_t offset, void* out, std::size_t count) const {
    if (offset > size_ || count > size_ - offset) return false;
    const std::string_view here = memory_.empty() ? first_ : memory_;
    if (offset + count <= here.size()) {
        if (count != 0) std::memcpy(out, here.data() + offset, count);
        return true;
    }
    const runtime::FileDescriptor opened = file_.is_open() ? runtime::FileDescriptor() : reopen();
    read_exactly(file_.is_open() ? file_.get() : opened.get(), offset,
                 static_cast<std::uint8_t*>(out), count, name_);
    return true;
}

runtime::FileDescriptor Source::reopen() const {
    struct stat status{};
    runtime::FileDescriptor file = runtime::open_for_reading(name_, status);
    const Identity found = identity_of(status);
    const bool same = found.device == identity_.device && found.inode == identity_.inode &&
                      found.size == identity_.size &&
                      found.modified.tv_sec == identity_.modified.tv_sec &&
                      found.modified.tv_nsec == identity_.modified.tv_nsec;
    if (!same)
        raise(ErrorKind::file,
              "cannot read: " + name_ + ": it has changed since it was first read");
    return file;
}

}  // namespace dcmtk_native::intake
