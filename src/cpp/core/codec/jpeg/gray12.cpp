#include "codec/jpeg/gray12.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "codec/jpeg/entropy.hpp"
#include "codec/jpeg/huffman.hpp"
#include "codec/jpeg/idct12.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::size_t block_size = 8;

[[noreturn]] void refuse(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG stream of 12 bits: " + why);
}

/// Where the k-th coefficient of a scan stands in its block (ITU-T T.81 figure A.6).
constexpr std::array<std::uint8_t, 64> zigzag = [] {
    std::array<std::uint8_t, 64> order{};
    int row = 0;
    int column = 0;
    for (auto& place : order) {
        place = static_cast<std::uint8_t>(row * 8 + column);
        const bool goes_up = (row + column) % 2 == 0;
        if (goes_up && column == 7) ++row;
        else if (goes_up && row == 0) ++column;
        else if (!goes_up && row == 7) ++column;
        else if (!goes_up && column == 0) ++row;
        else row += goes_up ? -1 : 1, column += goes_up ? 1 : -1;
    }
    return order;
}();

/// Quantisers in the order of a scan.
using Quantisers = std::array<std::uint16_t, 64>;

struct QuantisationTables {
    std::array<Quantisers, 4> table{};
    std::array<bool, 4> is_there{};

    /// Reads DQT.
    void read(std::string_view content) {
        while (!content.empty()) {
            const auto destination = static_cast<std::uint8_t>(content[0]);
            const std::size_t width = destination >> 4 == 0 ? 1 : 2;
            if (destination >> 4 > 1 || (destination & 15) > 3 || content.size() < 1 + 64 * width)
                refuse("a bad quantisation table");
            Quantisers& read = table[destination & 15];
            for (std::size_t i = 0; i < read.size(); ++i)
                read[i] = width == 1 ? static_cast<std::uint8_t>(content[1 + i])
                                     : runtime::load<std::uint16_t>(&content[1 + 2 * i], true);
            is_there[destination & 15] = true;
            content.remove_prefix(1 + 64 * width);
        }
    }
};

enum class Outcome : std::uint8_t { good, corrupt, ended };

/// Decodes blocks one after the other, across restart markers.
class BlockDecoder {
  public:
    BlockDecoder(std::string_view coded, std::size_t position, const HuffmanTable& dc,
                 const HuffmanTable& ac, const Quantisers& quantisers, std::uint32_t interval)
        : source_(coded, position, max_block_bytes), dc_(dc, false), ac_(ac),
          quantisers_(quantisers), interval_(interval), left_(interval) {}

    /// Into a block of zeros.
    [[nodiscard]] Outcome next(DctBlock& block) {
        if (interval_ != 0 && left_ == 0) {
            if (!source_.restart(bits_, restarts_++ % 8)) return Outcome::ended;
            left_ = interval_;
            mean_ = 0;
        }
        --left_;
        source_.provide(bits_);
        const bool is_good = read(block);
        if (source_.is_exceeded(bits_)) return Outcome::ended;
        return is_good ? Outcome::good : Outcome::corrupt;
    }

  private:
    static constexpr std::size_t max_block_bytes =
        (DifferenceDecoder::max_bits + 63 * CoefficientDecoder::max_bits) / 8 + 1;

    [[nodiscard]] bool read(DctBlock& block) {
        BitReader bits = bits_;  // a copy that can live in registers
        bits.refill();
        const std::uint32_t difference = dc_.next(bits);
        mean_ += static_cast<std::uint32_t>(static_cast<std::int16_t>(difference));
        block.coefficient[0] = mean_ * quantisers_[0];
        bool is_good = difference != DifferenceDecoder::no_difference;
        for (std::size_t k = 1; k < 64 && is_good; ++k) {
            bits.refill();
            const CoefficientDecoder::Coefficient coefficient = ac_.next(bits);
            if (coefficient.run == CoefficientDecoder::end_of_block) break;
            k += coefficient.run;
            is_good = k < 64;
            if (is_good)
                block.coefficient[zigzag[k]] =
                    static_cast<std::uint32_t>(coefficient.value) * quantisers_[k];
        }
        bits_ = bits;
        return is_good;
    }

    EntropySource source_;
    BitReader bits_;
    DifferenceDecoder dc_;
    CoefficientDecoder ac_;
    const Quantisers& quantisers_;
    std::uint32_t interval_;
    std::uint32_t left_;
    unsigned restarts_ = 0;
    std::uint32_t mean_ = 0;
};

class Gray12Decoder {
  public:
    Gray12Decoder(std::string_view coded, const intake::JpegHeader& header,
                  const DecodeOptions& options, std::uint8_t* out)
        : coded_(coded), rows_(header.rows), columns_(header.columns), header_(header),
          options_(options), out_(out) {}

    void decode() {
        const std::size_t position = read_tables();
        const std::uint8_t quantiser = header_.component[0].quantiser;
        const std::uint8_t dc = header_.first_scan.dc_table[0];
        const std::uint8_t ac = header_.first_scan.ac_table[0];
        if (quantiser > 3 || dc > 3 || ac > 3) refuse("a table of no such number");
        if (!quantisers_.is_there[quantiser]) refuse("its quantisation table is missing");
        BlockDecoder blocks(coded_, position, codes_.table[0][dc], codes_.table[1][ac],
                            quantisers_.table[quantiser], header_.restart_interval);
        for (std::size_t row = 0; row < rows_; row += block_size) {
            runtime::checkpoint();
            if (decode_row(blocks, row)) continue;
            std::memset(out_ + 2 * row * columns_, 0, 2 * (rows_ - row) * columns_);
            return;
        }
    }

  private:
    /// The place behind the scan header.
    [[nodiscard]] std::size_t read_tables() {
        intake::JpegReader reader(coded_);
        while (true) {
            const intake::JpegSegment segment = reader.next();
            if (segment.code == intake::jpeg::dht) codes_.read(segment.content);
            if (segment.code == intake::jpeg::dqt) quantisers_.read(segment.content);
            if (segment.code == intake::jpeg::sos) return reader.position();
        }
    }

    /// False when the data end early and may.
    [[nodiscard]] bool decode_row(BlockDecoder& blocks, std::size_t row) {
        for (std::size_t column = 0; column < columns_; column += block_size) {
            const Outcome outcome = blocks.next(coefficients_);
            if (outcome == Outcome::ended && options_.workaround_incomplete) return false;
            if (outcome == Outcome::ended) refuse("it ends before the frame does");
            if (outcome == Outcome::corrupt) refuse("corrupt data");
            SampleBlock samples;
            inverse_dct_(coefficients_, samples);
            put(samples, row, column);
        }
        return true;
    }

    void put(const SampleBlock& block, std::size_t row, std::size_t column) const {
        const std::size_t height = std::min(block_size, rows_ - row);
        const std::size_t width = std::min(block_size, columns_ - column);
        std::uint8_t* to = out_ + 2 * (row * columns_ + column);
        for (std::size_t y = 0; y < height; ++y)
            std::memcpy(to + 2 * y * columns_, block.sample.data() + y * block_size, 2 * width);
    }

    std::string_view coded_;
    std::size_t rows_;
    std::size_t columns_;
    const intake::JpegHeader& header_;
    const DecodeOptions& options_;
    std::uint8_t* out_;
    HuffmanTables codes_;
    QuantisationTables quantisers_;
    InverseDct inverse_dct_ = inverse_dct_12();
    DctBlock coefficients_;
};

}  // namespace

void decode_jpeg_gray12(std::string_view coded, const intake::JpegHeader& header,
                        const DecodeOptions& options, std::uint8_t* out) {
    Gray12Decoder(coded, header, options, out).decode();
}

}  // namespace dcmtk_native::codec
