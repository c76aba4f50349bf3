// Where libdcmtk's printing functions print to.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <streambuf>
#include <string>

namespace dcmtk_native::data {

/// More text than this is not kept in memory.
constexpr std::uint64_t max_text_size = 2ULL << 30;

/// Keeps what is printed, as long as the call may go on and the text does not outgrow its input
/// beyond all measure. When either ends, the printing is left by an Error.
class TextBuffer final : private std::streambuf {
  public:
    TextBuffer();

    /// To be called before an input of that many bytes is printed.
    void expect_input(std::uint64_t size);

    [[nodiscard]] std::ostream& stream() noexcept { return stream_; }
    /// What was printed so far; the buffer is empty afterwards.
    [[nodiscard]] std::string take();

  private:
    int_type overflow(int_type character) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    void append(const char* text, std::size_t size);
    void flush_block();

    std::string text_;
    std::uint64_t max_size_ = max_text_size;
    std::array<char, 8192> block_;
    std::ostream stream_;
};

}  // namespace dcmtk_native::data
