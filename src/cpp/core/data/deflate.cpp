#include "data/deflate.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

constexpr std::size_t block_size = 64 * 1024;
// zlib counts in 32 bit; a step also bounds the time between two looks at the abort flag.
constexpr std::size_t max_step = 1UL << 20;
constexpr int raw = -MAX_WBITS;
constexpr int memory_level = 8;  // zlib's default

}  // namespace

struct DeflateSink::Stream {
    z_stream zlib{};
    std::array<Bytef, block_size> block;
    std::uint64_t written = 0;
};

DeflateSink::DeflateSink(runtime::Sink& out, int level) : out_(out), stream_(new Stream) {
    if (deflateInit2(&stream_->zlib, level, Z_DEFLATED, raw, memory_level, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        runtime::raise(runtime::ErrorKind::internal, "zlib cannot be initialised");
}

DeflateSink::~DeflateSink() { deflateEnd(&stream_->zlib); }

void DeflateSink::write(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size != 0) {
        runtime::checkpoint_now();
        const std::size_t step = std::min(size, max_step);
        run(bytes, step, Z_NO_FLUSH);
        bytes += step;
        size -= step;
    }
}

void DeflateSink::copy(int fd, std::uint64_t offset, std::uint64_t size) {
    const std::unique_ptr<char[]> block(new char[max_step]);
    while (size != 0) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, max_step));
        const ssize_t got = ::pread(fd, block.get(), wanted, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) runtime::raise_system("cannot read", "input");
        if (got == 0)
            runtime::raise(runtime::ErrorKind::file, "input has become shorter while it was read");
        write(block.get(), static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::uint64_t>(got);
    }
}

void DeflateSink::finish() {
    run(nullptr, 0, Z_FINISH);
    if (stream_->written % 2 != 0) out_.write("\0", 1);
}

void DeflateSink::run(const void* data, std::size_t size, int flush) {
    z_stream& zlib = stream_->zlib;
    zlib.next_in = static_cast<Bytef*>(const_cast<void*>(data));  // zlib only reads it
    zlib.avail_in = static_cast<uInt>(size);
    int state = Z_OK;
    do {
        zlib.next_out = stream_->block.data();
        zlib.avail_out = static_cast<uInt>(stream_->block.size());
        state = deflate(&zlib, flush);
        const std::size_t made = stream_->block.size() - zlib.avail_out;
        if (made != 0) out_.write(stream_->block.data(), made);
        stream_->written += made;
    } while (zlib.avail_out == 0 || (flush == Z_FINISH && state != Z_STREAM_END));
}

}  // namespace dcmtk_native::data
