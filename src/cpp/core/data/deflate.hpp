// A sink that deflates what is written and hands it on (PS3.5 section A.5: RFC 1951 without a
// header).
#pragma once

#include <memory>
#include <string>

#include "runtime/files.hpp"

namespace dcmtk_native::data {

class DeflateSink final : public runtime::Sink {
  public:
    /// `level` is zlib's, 0 to 9.
    DeflateSink(runtime::Sink& out, int level);
    ~DeflateSink() override;
    DeflateSink(const DeflateSink&) = delete;
    DeflateSink& operator=(const DeflateSink&) = delete;

    using Sink::write;
    void write(const void* data, std::size_t size) override;
    void copy(int fd, std::uint64_t offset, std::uint64_t size) override;
    /// To be called after the last byte. What is odd gets a trailing zero byte, as the section
    /// demands.
    void finish();

  private:
    struct Stream;
    void run(const void* data, std::size_t size, int flush);

    runtime::Sink& out_;
    std::unique_ptr<Stream> stream_;
};

}  // namespace dcmtk_native::data
