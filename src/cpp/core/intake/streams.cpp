#include "intake/streams.hpp"

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/ofstd/ofcond.h>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace dcmtk_native::intake {

namespace {

using runtime::CallScope;

// Only to make libdcmdata return: what is reported is kept in StreamFailure.
makeOFConditionConst(stream_stopped, OFM_dcmdata, 9001, OF_error,
                     "the call that reads or writes was stopped");

// A level of nested sequences costs libdcmdata's parser about 1.5 KiB of stack. Honest depth needs
// a tenth of it.
constexpr std::size_t max_stack_budget = 1UL << 20;
constexpr std::size_t window_capacity = 64 * 1024;
// From here on it is cheaper to let the system forget pages than to write zeros.
constexpr std::size_t smallest_forgotten = 1UL << 20;

/// The lowest address of this thread's stack.
const char* bottom_of_stack() {
    thread_local const char* bottom = [] {
        pthread_attr_t attributes;
        void* address = nullptr;
        std::size_t size = 0;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            pthread_attr_getstack(&attributes, &address, &size);
            pthread_attr_destroy(&attributes);
        }
        return static_cast<const char*>(address);
    }();
    return bottom;
}

const char* top_of_stack() { return static_cast<const char*>(__builtin_frame_address(0)); }

/// How far the stack may grow: half of what is left, since what was parsed must also be printed and
/// destroyed.
const char* stack_limit() {
    const char* here = top_of_stack();
    const auto left = static_cast<std::size_t>(here - bottom_of_stack());
    return here - std::min(left / 2, max_stack_budget);
}

/// Fills with zeros. libdcmdata takes what it asked for as read, in headers and, when it is told to
/// ignore errors, in values of any claimed length: it must find neither old memory there nor cost
/// new.
void clear(unsigned char* begin, std::size_t size) {
    if (size >= smallest_forgotten) {
        const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        const auto address = reinterpret_cast<std::uintptr_t>(begin);
        const std::size_t head = (page - address % page) % page;
        const std::size_t pages = (size - head) / page * page;
        // Anonymous memory reads as zeros afterwards (madvise(2), MADV_DONTNEED).
        if (::madvise(begin + head, pages, MADV_DONTNEED) == 0) {
            std::memset(begin, 0, head);
            std::memset(begin + head + pages, 0, size - head - pages);
            return;
        }
    }
    std::memset(begin, 0, size);
}

/// Values left in the source are read by a stream of their own.
class SourceStreamFactory final : public DcmInputStreamFactory {
  public:
    SourceStreamFactory(StreamInput input, std::uint64_t position)
        : input_(std::move(input)), position_(position) {}

    DcmInputStream* create() const override {
        return std::make_unique<InputStream>(input_, position_).release();
    }
    DcmInputStreamFactory* clone() const override {
        return std::make_unique<SourceStreamFactory>(input_, position_).release();
    }
    // One of DCMTK's two must be named; this one says that there is no temporary file to delete.
    DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }

  private:
    StreamInput input_;
    std::uint64_t position_;
};

bool call_may_continue() noexcept {
    CallScope* scope = CallScope::current();
    return scope == nullptr || scope->may_continue();
}

}  // namespace

void StreamFailure::rethrow() const {
    if (first_) std::rethrow_exception(first_);
    runtime::checkpoint_now();
}

SourceProducer::SourceProducer(StreamInput input, std::uint64_t begin)
    : input_(std::move(input)), position_(begin), stack_limit_(stack_limit()) {}

bool SourceProducer::may_continue() const noexcept {
    if (top_of_stack() < stack_limit_ && !input_.failure->happened()) {
        try {
            runtime::Error error(runtime::ErrorKind::limit,
                                 input_.source->name() +
                                     ": sequences are nested too deeply for the stack of a thread");
            error.limit = "max_depth";
            throw error;
        } catch (...) {
            input_.failure->keep_current();
        }
    }
    return !input_.failure->happened() && call_may_continue();
}

OFBool SourceProducer::good() const { return !overrun_ && may_continue(); }

OFCondition SourceProducer::status() const {
    if (!may_continue()) return stream_stopped;
    return overrun_ ? EC_PutbackFailed : EC_Normal;
}

std::uint64_t SourceProducer::left() const noexcept { return input_.source->size() - position_; }

OFBool SourceProducer::eos() { return left() == 0; }

offile_off_t SourceProducer::avail() { return static_cast<offile_off_t>(left()); }

offile_off_t SourceProducer::read(void* out, offile_off_t count) {
    if (out == nullptr || count <= 0) return 0;
    auto* bytes = static_cast<unsigned char*>(out);
    const auto wanted = static_cast<std::size_t>(count);
    std::size_t got = 0;
    if (good()) {
        try {
            const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left()));
            copy(bytes, there);
            position_ += there;
            got = there;
        } catch (...) {
            input_.failure->keep_current();
        }
    }
    if (got == wanted) return count;
    const std::size_t missing = wanted - got;
    clear(bytes + got, missing);
    const bool is_cut_short = got != 0 && missing <= input_.source->size();
    return input_.ends_in_zeros && is_cut_short ? count : static_cast<offile_off_t>(got);
}

void SourceProducer::copy(unsigned char* out, std::size_t count) {
    const Source& source = *input_.source;
    const std::string_view memory = source.memory();
    if (!memory.empty()) {
        std::memcpy(out, memory.data() + position_, count);
        return;
    }
    if (count >= window_capacity / 2) {
        if (!source.read(position_, out, count))
            runtime::raise(runtime::ErrorKind::internal, "read past the end");
        return;
    }
    if (position_ < window_begin_ || position_ + count > window_begin_ + window_size_)
        fill_window();
    std::memcpy(out, window_.get() + (position_ - window_begin_), count);
}

void SourceProducer::fill_window() {
    if (!window_) window_.reset(new unsigned char[window_capacity]);
    // What was read can be put back: some of it is kept in front.
    const std::uint64_t begin = position_ - std::min<std::uint64_t>(position_, 1024);
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(window_capacity, input_.source->size() - begin));
    window_size_ = 0;
    if (!input_.source->read(begin, window_.get(), size))
        runtime::raise(runtime::ErrorKind::internal, "read past the end");
    window_begin_ = begin;
    window_size_ = size;
}

offile_off_t SourceProducer::skip(offile_off_t count) {
    if (count <= 0 || !good()) return 0;
    const std::uint64_t skipped = std::min(static_cast<std::uint64_t>(count), left());
    position_ += skipped;
    return static_cast<offile_off_t>(skipped);
}

void SourceProducer::putback(offile_off_t count) {
    if (count <= 0) return;
    if (static_cast<std::uint64_t>(count) > position_) {
        overrun_ = true;
        return;
    }
    position_ -= static_cast<std::uint64_t>(count);
}

void SourceProducer::switch_to(std::shared_ptr<const Source> source) {
    input_.source = std::move(source);
    position_ = 0;
    window_size_ = 0;
}

// The base class keeps the pointer only, so the producer may be made after it.
InputStream::InputStream(StreamInput input, std::uint64_t begin)
    : DcmInputStream(&producer_), producer_(std::move(input), begin) {}

OFCondition InputStream::installCompressionFilter(E_StreamCompression filter) {
    if (is_inflated_) return EC_DoubleCompressionFilters;
    if (filter != ESC_zlib || !inflated_) return EC_UnsupportedEncoding;
    producer_.switch_to(inflated_);
    is_inflated_ = true;
    return EC_Normal;
}

DcmInputStreamFactory* InputStream::newFactory() const {
    // As libdcmdata does: values of a deflated data set are always read.
    if (is_inflated_) return nullptr;
    return std::make_unique<SourceStreamFactory>(producer_.input(), producer_.position()).release();
}

OFBool SinkConsumer::good() const { return !failure_.happened() && call_may_continue(); }

OFCondition SinkConsumer::status() const {
    return good() ? EC_Normal : OFCondition(stream_stopped);
}

// There is no word for "unlimited"; libdcmdata's own file stream says 2 GiB.
offile_off_t SinkConsumer::avail() const { return std::numeric_limits<std::int32_t>::max(); }

offile_off_t SinkConsumer::write(const void* data, offile_off_t count) {
    if (count <= 0 || !good()) return 0;
    try {
        sink_.write(data, static_cast<std::size_t>(count));
        return count;
    } catch (...) {
        failure_.keep_current();
        return 0;
    }
}

OutputStream::OutputStream(runtime::Sink& sink) : DcmOutputStream(&consumer_), consumer_(sink) {}

void OutputStream::finish() {
    flush();
    consumer_.failure().rethrow();
}

}  // namespace dcmtk_native::intake
