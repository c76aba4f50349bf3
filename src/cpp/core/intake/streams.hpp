// Our ends of libdcmdata's streams: it reads from a Source and writes to a Sink, as long as the
// current call may go on and the stack lasts. No exception passes through libdcmdata: it sees a bad
// status, `rethrow` has the reason.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>

#include "intake/source.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrma.h>
#include <dcmtk/dcmdata/dcostrma.h>

namespace dcmtk_native::intake {

/// Why libdcmdata was told that a stream is bad; shared by all streams over one file.
class StreamFailure {
  public:
    /// Keeps the exception that is being handled, if it is the first.
    void keep_current() noexcept {
        if (!first_) first_ = std::current_exception();
    }
    [[nodiscard]] bool happened() const noexcept { return first_ != nullptr; }
    /// Throws what was kept, or the end of the call; returns when libdcmdata's own word is to be
    /// taken.
    void rethrow() const;

  private:
    std::exception_ptr first_;
};

/// What is shared by the streams over one input.
struct StreamInput {
    std::shared_ptr<const Source> source;
    std::shared_ptr<StreamFailure> failure;
    /// What is read past the end counts as read, and is zeros: libdcmdata else drops the value that
    /// is cut short. Not where more is missing than the whole source has.
    bool ends_in_zeros = false;
};

class SourceProducer final : public DcmProducer {
  public:
    SourceProducer(StreamInput input, std::uint64_t begin);

    OFBool good() const override;
    OFCondition status() const override;
    OFBool eos() override;
    offile_off_t avail() override;
    offile_off_t read(void* out, offile_off_t count) override;
    offile_off_t skip(offile_off_t count) override;
    void putback(offile_off_t count) override;

    /// Goes on with other bytes.
    void switch_to(std::shared_ptr<const Source> source);
    [[nodiscard]] const StreamInput& input() const noexcept { return input_; }
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

  private:
    [[nodiscard]] bool may_continue() const noexcept;
    [[nodiscard]] std::uint64_t left() const noexcept;
    void copy(unsigned char* out, std::size_t count);
    void fill_window();

    StreamInput input_;
    std::uint64_t position_;
    /// A stretch of a file that is read in small steps.
    std::unique_ptr<unsigned char[]> window_;
    std::uint64_t window_begin_ = 0;
    std::size_t window_size_ = 0;
    /// How far down the stack may grow.
    const char* stack_limit_;
    bool overrun_ = false;
};

/// Reads a source. Values longer than libdcmdata's limit stay there and are read when they are
/// asked for; the source then must not change.
class InputStream final : public DcmInputStream {
  public:
    explicit InputStream(StreamInput input, std::uint64_t begin = 0);

    /// What a deflated data set holds, inflated under our limits; libdcmdata has none.
    void set_inflated(std::shared_ptr<const Source> inflated) { inflated_ = std::move(inflated); }
    OFCondition installCompressionFilter(E_StreamCompression filter) override;
    DcmInputStreamFactory* newFactory() const override;

  private:
    SourceProducer producer_;
    std::shared_ptr<const Source> inflated_;
    bool is_inflated_ = false;
};

class SinkConsumer final : public DcmConsumer {
  public:
    explicit SinkConsumer(runtime::Sink& sink) : sink_(sink) {}

    OFBool good() const override;
    OFCondition status() const override;
    OFBool isFlushed() const override { return OFTrue; }
    offile_off_t avail() const override;
    offile_off_t write(const void* data, offile_off_t count) override;
    void flush() override {}
    [[nodiscard]] const StreamFailure& failure() const noexcept { return failure_; }

  private:
    runtime::Sink& sink_;
    StreamFailure failure_;
};

/// Writes to a sink of any size.
class OutputStream final : public DcmOutputStream {
  public:
    explicit OutputStream(runtime::Sink& sink);
    /// Ends a compression and throws why the stream stopped, if it did. To be called after
    /// libdcmdata has written, before its condition is looked at.
    void finish();

  private:
    SinkConsumer consumer_;
};

}  // namespace dcmtk_native::intake
