#include "intake/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::intake {

namespace {

using runtime::ErrorKind;

// A millisecond of work between two looks at the abort flag.
constexpr std::size_t step = 256 * 1024;

/// Feeds a source through zlib.
class Inflater {
  public:
    Inflater(const Source& source, std::uint64_t begin, std::uint64_t end, Deflation deflation)
        : source_(source), at_(begin), end_(end), input_(step) {
        // A negative number of window bits means: no header.
        if (inflateInit2(&stream_, deflation == Deflation::raw ? -MAX_WBITS : MAX_WBITS) != Z_OK)
            raise(ErrorKind::internal, "cannot start zlib");
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    [[nodiscard]] bool ended() const { return ended_; }
    /// What is left behind the end of the stream.
    [[nodiscard]] std::uint64_t rest() const {
        return end_ - at_ + (padded_ ? 0 : stream_.avail_in);
    }

    /// Writes up to `room` bytes; returns how many.
    std::size_t next(void* out, std::size_t room) {
        runtime::checkpoint_now();
        stream_.next_out = static_cast<Bytef*>(out);
        stream_.avail_out = static_cast<uInt>(room);
        while (stream_.avail_out != 0 && !ended_) {
            if (stream_.avail_in == 0) refill();
            const int status = ::inflate(&stream_, Z_NO_FLUSH);
            ended_ = status == Z_STREAM_END;
            // Z_BUF_ERROR: nothing to be done without more input.
            if (!ended_ && status != Z_OK && status != Z_BUF_ERROR)
                fail(stream_.msg == nullptr ? "corrupt" : stream_.msg);
        }
        return room - stream_.avail_out;
    }

    [[noreturn]] void fail(const std::string& why) const {
        raise(ErrorKind::format, source_.name() + ": cannot inflate the data set: " + why);
    }

  private:
    void refill() {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(step, end_ - at_));
        if (count == 0) {
            // Old zlib wanted a byte behind the stream, and libdcmtk still gives one: without it
            // there are streams that libdcmtk reads and this would not.
            if (padded_) fail("cut short");
            padded_ = true;
            input_[0] = 0;
        } else if (!source_.read(at_, input_.data(), count)) {
            fail("cut short");
        }
        at_ += count;
        stream_.next_in = input_.data();
        stream_.avail_in = static_cast<uInt>(std::max<std::size_t>(count, 1));
    }

    const Source& source_;
    std::uint64_t at_;
    std::uint64_t end_;
    std::vector<std::uint8_t> input_;
    z_stream stream_{};
    bool ended_ = false;
    bool padded_ = false;
};

std::uint64_t largest_allowed(std::uint64_t compressed, const Limits& limits) {
    const std::uint64_t ratio = std::max<std::uint64_t>(limits.max_inflate_ratio, 1);
    const bool overflows = compressed > std::numeric_limits<std::uint64_t>::max() / ratio;
    return std::max(limits.min_inflate_allowance,
                    overflows ? std::numeric_limits<std::uint64_t>::max() : compressed * ratio);
}

std::uint64_t inflated_size(Inflater& inflater, const std::string& name, std::uint64_t allowed) {
    std::vector<std::uint8_t> scratch(step);
    std::uint64_t size = 0;
    while (!inflater.ended()) {
        size += inflater.next(scratch.data(), scratch.size());
        if (size > allowed)
            runtime::raise_limit(name, "size of the inflated data set", size, allowed);
    }
    // One byte makes an odd length even (PS3.5 section A.5).
    if (inflater.rest() > 1)
        runtime::log(runtime::log_level::warn, "intake",
                     name + ": " + std::to_string(inflater.rest()) +
                         " bytes behind the deflated data set are ignored");
    return size;
}

}  // namespace

std::string inflate(const Source& source, std::uint64_t begin, std::uint64_t end,
                    Deflation deflation, const Limits& limits) {
    if (begin == end) return {};
    Inflater first(source, begin, end, deflation);
    const std::uint64_t size =
        inflated_size(first, source.name(), largest_allowed(end - begin, limits));
    Inflater second(source, begin, end, deflation);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        if (second.ended()) second.fail("it has changed while it was read");
        done += second.next(bytes.data() + done, std::min(step, bytes.size() - done));
    }
    return bytes;
}

}  // namespace dcmtk_native::intake
