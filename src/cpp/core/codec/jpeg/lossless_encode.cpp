#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "codec/jpeg/huffman.hpp"
#include "codec/jpeg/lossless.hpp"
#include "codec/jpeg/predictor.hpp"
#include "intake/jpeg_markers.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr unsigned categories = 17;  // SSSS: the bits of a difference

unsigned category_of(std::uint16_t difference) noexcept {
    const int value = static_cast<std::int16_t>(difference);
    if (value == 0) return 0;
    return 32 - static_cast<unsigned>(__builtin_clz(static_cast<unsigned>(value < 0 ? -value : value)));
}

template <int Predictor>
void subtract_predictions(const std::uint16_t* row, const std::uint16_t* above,
                          std::size_t components, std::size_t count, std::uint16_t* differences) {
    for (std::size_t i = components; i < count; ++i) {
        const int predicted = predict<Predictor>(row[i - components], above[i], above[i - components]);
        differences[i] = static_cast<std::uint16_t>(row[i] - predicted);
    }
}

using Subtract = void (*)(const std::uint16_t*, const std::uint16_t*, std::size_t, std::size_t,
                          std::uint16_t*);

Subtract subtract_of(int predictor) {
    constexpr std::array<Subtract, 7> table{
        subtract_predictions<1>, subtract_predictions<2>, subtract_predictions<3>,
        subtract_predictions<4>, subtract_predictions<5>, subtract_predictions<6>,
        subtract_predictions<7>};
    return table[static_cast<std::size_t>(predictor - 1)];
}

/// The differences of a frame, a row at a time.
class Differences {
  public:
    Differences(const std::uint8_t* pixels, const FrameFormat& format, unsigned precision,
                int predictor, int point_transform)
        : pixels_(pixels), components_(format.samples), width_(format.sample_bytes()),
          count_(std::size_t{format.columns} * format.samples),
          mask_(static_cast<std::uint16_t>((1U << format.bits_stored) - 1)), shift_(point_transform),
          start_(static_cast<std::uint16_t>(1U << (static_cast<int>(precision) - shift_ - 1))),
          subtract_(subtract_of(predictor)), buffer_(3 * count_), row_(buffer_.data()),
          above_(row_ + count_), differences_(above_ + count_) {}

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// Of row `y`; rows come in order, as often as wanted.
    [[nodiscard]] const std::uint16_t* of_row(std::size_t y) {
        std::swap(row_, above_);
        load(pixels_ + y * count_ * width_);
        for (std::size_t i = 0; i < components_; ++i)
            differences_[i] = static_cast<std::uint16_t>(row_[i] - (y == 0 ? start_ : above_[i]));
        (y == 0 ? subtract_predictions<1> : subtract_)(row_, above_, components_, count_,
                                                       differences_);
        return differences_;
    }

  private:
    void load(const std::uint8_t* from) {
        if (width_ == 1)
            std::copy_n(from, count_, row_);
        else
            std::memcpy(row_, from, 2 * count_);
        for (std::size_t i = 0; i < count_; ++i)
            row_[i] = static_cast<std::uint16_t>((row_[i] & mask_) >> shift_);
    }

    const std::uint8_t* pixels_;
    std::size_t components_;
    std::size_t width_;
    std::size_t count_;
    std::uint16_t mask_;
    int shift_;
    std::uint16_t start_;
    Subtract subtract_;
    std::vector<std::uint16_t> buffer_;
    std::uint16_t* row_;
    std::uint16_t* above_;
    std::uint16_t* differences_;
};

using Frequencies = std::array<std::uint64_t, categories>;

/// Puts bits into memory, the highest first, and a zero behind every FF.
class BitSink {
  public:
    /// Up to 32 bits.
    void put(std::uint32_t bits, unsigned count) noexcept {
        bits_ = bits_ << count | bits;
        count_ += count;
        if (count_ < 32) return;
        count_ -= 32;
        const auto word = static_cast<std::uint32_t>(bits_ >> count_);
        // Of the bytes from 80 on, only FF loses its highest bit when one is added.
        if (__builtin_expect((word & ~(word + 0x01010101U) & 0x80808080U) == 0, 1)) {
            runtime::store(word, at_, true);
            at_ += 4;
        } else {
            for (unsigned shift = 32; shift > 0; shift -= 8) put_byte(word >> (shift - 8) & 0xFF);
        }
    }
    /// What is left, filled with ones to a whole byte.
    void finish() noexcept {
        while (count_ > 0) {
            const unsigned count = std::min(count_, 8U);
            count_ -= count;
            const auto bits = static_cast<std::uint32_t>(bits_ >> count_ & ((1U << count) - 1));
            put_byte(bits << (8 - count) | 0xFFU >> count);
        }
    }

  private:
    friend class BitWriter;

    void put_byte(std::uint32_t byte) noexcept {
        *at_++ = static_cast<std::uint8_t>(byte);
        if (byte == 0xFF) *at_++ = 0;
    }

    std::uint8_t* at_ = nullptr;
    std::uint64_t bits_ = 0;
    unsigned count_ = 0;
};

/// Appends to a string through a sink that writes without looking.
class BitWriter {
  public:
    explicit BitWriter(std::string& out) : out_(out), size_(out.size()) {}

    void reserve(std::size_t bytes) {
        if (out_.size() < size_ + bytes)
            out_.resize(std::max(size_ + bytes, out_.size() + out_.size() / 2));
    }
    /// `write(sink)` puts at most `bits` bits.
    template <typename Write>
    void write(std::size_t bits, const Write& write) {
        reserve(bits / 4 + 16);  // every byte stuffed
        BitSink sink = sink_;    // a copy that can live in registers
        sink.at_ = reinterpret_cast<std::uint8_t*>(out_.data()) + size_;
        write(sink);
        size_ = static_cast<std::size_t>(sink.at_ - reinterpret_cast<std::uint8_t*>(out_.data()));
        sink_ = sink;
    }
    void finish() {
        write(64, [](BitSink& sink) { sink.finish(); });
        out_.resize(size_);
    }

  private:
    std::string& out_;
    std::size_t size_;  // of what is written; the string is larger
    BitSink sink_;
};

struct Code {
    std::uint32_t bits = 0;
    unsigned length = 0;
};

std::array<Code, categories> codes_of(const HuffmanTable& table) {
    std::array<Code, categories> codes;
    std::uint32_t code = 0;
    std::size_t symbol = 0;
    for (unsigned length = 1; length <= max_code_length; ++length, code <<= 1)
        for (unsigned i = 0; i < table.counts[length]; ++i)
            codes[table.symbols[symbol++]] = {code++, length};
    return codes;
}

void put_row(const std::uint16_t* differences, std::size_t count,
             const std::array<Code, categories>& codes, BitSink& sink) {
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned category = category_of(differences[i]);
        const Code code = codes[category];
        const unsigned bits = category & 15;  // 32768 alone has 16, and they need not be told
        const int value = static_cast<std::int16_t>(differences[i]);
        const auto told = static_cast<std::uint32_t>(value + (value >> 15)) & ((1U << bits) - 1);
        sink.put(code.bits << bits | told, code.length + bits);
    }
}

void append_byte(std::string& out, unsigned byte) { out += static_cast<char>(byte); }

void append_word(std::string& out, std::size_t word) {
    append_byte(out, static_cast<unsigned>(word >> 8 & 0xFF));
    append_byte(out, static_cast<unsigned>(word & 0xFF));
}

void append_segment(std::string& out, std::uint8_t code, std::string_view content) {
    append_byte(out, 0xFF);
    append_byte(out, code);
    append_word(out, content.size() + 2);
    out += content;
}

/// As DCMTK writes them: JFIF is for monochrome, and samples of a colour have numbers from 0.
std::string headers(const FrameFormat& format, unsigned precision, int predictor,
                    int point_transform, const HuffmanTable& table) {
    const unsigned first_id = format.samples == 1 ? 1 : 0;
    std::string out("\xFF\xD8", 2);
    if (format.samples == 1)
        append_segment(out, intake::jpeg::app0, {"JFIF\0\1\1\0\0\1\0\1\0\0", 14});
    std::string frame;
    append_byte(frame, precision);
    append_word(frame, format.rows);
    append_word(frame, format.columns);
    append_byte(frame, format.samples);
    std::string huffman(1, '\0');
    huffman.append(reinterpret_cast<const char*>(table.counts.data()) + 1, max_code_length);
    huffman.append(table.symbols.begin(), table.symbols.end());
    std::string scan;
    append_byte(scan, format.samples);
    for (unsigned i = 0; i < format.samples; ++i) {
        append_byte(frame, first_id + i);
        frame.append("\x11\0", 2);
        append_byte(scan, first_id + i);
        append_byte(scan, 0);
    }
    append_byte(scan, static_cast<unsigned>(predictor));
    append_byte(scan, 0);
    append_byte(scan, static_cast<unsigned>(point_transform));
    append_segment(out, intake::jpeg::sof3, frame);
    append_segment(out, intake::jpeg::dht, huffman);
    append_segment(out, intake::jpeg::sos, scan);
    return out;
}

}  // namespace

std::string encode_jpeg_lossless(const std::uint8_t* pixels, const FrameFormat& format,
                                 int predictor, int point_transform) {
    const unsigned precision = std::max<unsigned>(format.bits_stored, 2);
    if (point_transform >= static_cast<int>(precision))
        runtime::raise(runtime::ErrorKind::codec,
                       "lossless JPEG: point transform " + std::to_string(point_transform) +
                           " leaves nothing of " + std::to_string(precision) + " bits");
    Differences differences(pixels, format, precision, predictor, point_transform);
    Frequencies frequencies{};
    for (std::size_t y = 0; y < format.rows; ++y) {
        runtime::checkpoint();
        const std::uint16_t* row = differences.of_row(y);
        for (std::size_t i = 0; i < differences.count(); ++i) ++frequencies[category_of(row[i])];
    }
    const HuffmanTable table = optimal_table({frequencies.begin(), frequencies.end()});
    const std::array<Code, categories> codes = codes_of(table);
    std::string out = headers(format, precision, predictor, point_transform, table);
    std::uint64_t bits = 0;
    for (unsigned category = 0; category < categories; ++category)
        bits += frequencies[category] * (codes[category].length + (category & 15));
    BitWriter writer(out);
    writer.reserve(bits / 8 + bits / 256 + 8 * differences.count());
    for (std::size_t y = 0; y < format.rows; ++y) {
        runtime::checkpoint();
        const std::uint16_t* row = differences.of_row(y);
        writer.write(32 * differences.count(),
                     [&](BitSink& sink) { put_row(row, differences.count(), codes, sink); });
    }
    writer.finish();
    out.append("\xFF\xD9", 2);
    return out;
}

}  // namespace dcmtk_native::codec
