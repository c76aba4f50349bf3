#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "codec/jpeg/entropy.hpp"
#include "codec/jpeg/huffman.hpp"
#include "codec/jpeg/lossless.hpp"
#include "codec/jpeg/predictor.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

[[noreturn]] void refuse(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "lossless JPEG stream: " + why);
}

/// A row of a scan: what it is decoded from and to. Samples of a pixel stand side by side.
struct Row {
    const std::uint16_t* start;  // the prediction of the first pixel
    const std::uint16_t* above;  // not read by predictor 1
    std::uint16_t* samples;
    std::size_t columns;
};

using Decoders = std::array<const DifferenceDecoder*, intake::max_jpeg_components>;

/// False: a code that the table has not.
template <int Predictor, unsigned Components, bool SixteenBit>
bool decode_row(BitReader& shared_reader, const Decoders& decoders, const Row& row) {
    // Copies of what the loop needs, so that they can live in registers.
    BitReader reader = shared_reader;
    std::array<const DifferenceDecoder*, Components> decoder;
    std::array<std::uint16_t, Components> left;
    std::array<std::uint16_t, Components> corner;
    std::uint32_t seen = 0;  // of all differences, so that one look finds an invalid one
    const std::uint16_t* above = row.above;
    std::uint16_t* out = row.samples;
    const auto decode_pixel = [&](const auto& predicted) {
        for (unsigned i = 0; i < Components; ++i) {
            const std::uint32_t difference = decoder[i]->next(reader);
            seen |= difference;
            left[i] = static_cast<std::uint16_t>(static_cast<std::uint32_t>(predicted(i)) +
                                                 difference);
            out[i] = left[i];
        }
        out += Components;
    };
    const auto by_neighbours = [&](unsigned i) {
        if constexpr (Predictor == 1) return static_cast<int>(left[i]);
        const std::uint16_t over = above[i];
        const int predicted = predict<Predictor, SixteenBit>(left[i], over, corner[i]);
        corner[i] = over;
        return predicted;
    };
    constexpr std::size_t per_refill = DifferenceDecoder::per_refill / Components;

    std::copy_n(decoders.begin(), Components, decoder.begin());
    reader.refill();
    decode_pixel([&](unsigned i) { return static_cast<int>(row.start[i]); });
    if constexpr (Predictor != 1) {
        std::copy_n(above, Components, corner.begin());
        above += Components;
    }
    std::size_t columns = row.columns - 1;
    const auto decode_pixels = [&](std::size_t count) {
        reader.refill();
        for (std::size_t i = 0; i < count; ++i) {
            decode_pixel(by_neighbours);
            if constexpr (Predictor != 1) above += Components;
        }
    };
    for (; columns >= per_refill; columns -= per_refill) decode_pixels(per_refill);
    decode_pixels(columns);
    shared_reader = reader;
    return (seen & DifferenceDecoder::no_difference) == 0;
}

using DecodeRow = bool (*)(BitReader&, const Decoders&, const Row&);

template <int Predictor, bool SixteenBit>
constexpr std::array<DecodeRow, intake::max_jpeg_components> by_components() {
    return {decode_row<Predictor, 1, SixteenBit>, decode_row<Predictor, 2, SixteenBit>,
            decode_row<Predictor, 3, SixteenBit>, decode_row<Predictor, 4, SixteenBit>};
}

template <bool SixteenBit>
DecodeRow decode_row_of(unsigned predictor, unsigned components) {
    static constexpr std::array table{
        by_components<1, SixteenBit>(), by_components<2, SixteenBit>(),
        by_components<3, SixteenBit>(), by_components<4, SixteenBit>(),
        by_components<5, SixteenBit>(), by_components<6, SixteenBit>(),
        by_components<7, SixteenBit>()};
    return table[predictor - 1][components - 1];
}

/// Puts rows of a scan to where their samples belong in the frame.
class RowSink {
  public:
    RowSink(const FrameFormat& format, const intake::JpegScan& scan, std::uint8_t* out)
        : format_(format), scan_(scan), out_(out) {}

    void put(std::size_t row, const std::uint16_t* samples) const {
        std::uint8_t* to = out_ + row * format_.columns * format_.samples * format_.sample_bytes();
        if (format_.sample_bytes() == 1)
            put_samples(to, samples);
        else if (scan_.low == 0 && scan_.components == format_.samples && is_in_order())
            std::memcpy(to, samples, std::size_t{format_.columns} * format_.samples * 2);
        else
            put_samples(reinterpret_cast<std::uint16_t*>(to), samples);
    }

  private:
    [[nodiscard]] bool is_in_order() const {
        return std::is_sorted(scan_.component.begin(), scan_.component.begin() + scan_.components);
    }
    template <typename Sample>
    void put_samples(Sample* to, const std::uint16_t* samples) const {
        if (scan_.components == format_.samples && is_in_order()) {
            const std::size_t count = std::size_t{format_.columns} * format_.samples;
            for (std::size_t i = 0; i < count; ++i) to[i] = shifted<Sample>(samples[i]);
            return;
        }
        for (unsigned i = 0; i < scan_.components; ++i)
            for (std::size_t x = 0; x < format_.columns; ++x)
                to[x * format_.samples + scan_.component[i]] =
                    shifted<Sample>(samples[x * scan_.components + i]);
    }
    template <typename Sample>
    [[nodiscard]] Sample shifted(std::uint16_t sample) const {
        return static_cast<Sample>(sample << scan_.low);
    }

    const FrameFormat& format_;
    const intake::JpegScan& scan_;
    std::uint8_t* out_;
};

class LosslessDecoder {
  public:
    LosslessDecoder(std::string_view coded, const intake::JpegHeader& header,
                    const FrameFormat& format, const DecodeOptions& options, std::uint8_t* out)
        : coded_(coded), reader_(coded), header_(header), format_(format), options_(options),
          out_(out) {}

    void decode() {
        // Scans come until every component has: what follows matters as little as a missing EOI.
        const unsigned all = (1U << header_.components) - 1;
        unsigned done = 0;
        while (done != all) {
            const intake::JpegSegment segment = reader_.next();
            if (segment.code == intake::jpeg::eoi) return;  // only with workaround_incomplete
            if (segment.code == intake::jpeg::dht) tables_.read(segment.content);
            if (segment.code == intake::jpeg::dri)
                restart_interval_ = intake::read_restart_interval(segment.content);
            if (segment.code != intake::jpeg::sos) continue;
            const intake::JpegScan scan = intake::read_scan_header(segment.content, header_);
            check(scan);
            if (!decode_scan(scan)) return;
            for (unsigned i = 0; i < scan.components; ++i) done |= 1U << scan.component[i];
        }
    }

  private:
    void check(const intake::JpegScan& scan) const {
        if (scan.first < 1 || scan.first > 7)
            refuse("predictor " + std::to_string(scan.first));
        if (scan.low >= header_.precision)
            refuse("point transform " + std::to_string(scan.low) + " of samples of " +
                   std::to_string(header_.precision) + " bits");
        if (restart_interval_ % header_.columns != 0)
            refuse("a restart interval of " + std::to_string(restart_interval_) +
                   " in rows of " + std::to_string(header_.columns));
    }

    [[nodiscard]] DecodeRow row_function(unsigned predictor, unsigned components) const {
        return options_.workaround_predictor6 ? decode_row_of<true>(predictor, components)
                                              : decode_row_of<false>(predictor, components);
    }

    /// False when the data end early and may.
    bool decode_scan(const intake::JpegScan& scan) {
        std::vector<DifferenceDecoder> decoders;
        decoders.reserve(scan.components);
        Decoders by_component{};
        for (unsigned i = 0; i < scan.components; ++i) {
            const auto begin = scan.dc_table.begin();
            const auto same = std::find(begin, begin + i, scan.dc_table[i]) - begin;
            if (scan.dc_table[i] > 3) refuse("a Huffman table of no such number");
            if (same == i)
                decoders.emplace_back(tables_.table[0][scan.dc_table[i]], options_.workaround_cornell);
            by_component[i] = same == i ? &decoders.back() : by_component[static_cast<std::size_t>(same)];
        }
        const DecodeRow decode_first = row_function(1, scan.components);
        const DecodeRow decode_other = row_function(scan.first, scan.components);
        const std::size_t row_samples = std::size_t{header_.columns} * scan.components;
        const std::size_t interval = restart_interval_ / header_.columns;
        const RowSink sink(format_, scan, out_);
        std::array<std::uint16_t, intake::max_jpeg_components> start;
        start.fill(static_cast<std::uint16_t>(1U << (header_.precision - scan.low - 1)));
        std::vector<std::uint16_t> rows(2 * row_samples);
        std::uint16_t* above = rows.data();
        std::uint16_t* current = above + row_samples;
        EntropySource source(coded_, reader_.position(),
                             (row_samples * DifferenceDecoder::max_bits + 7) / 8);
        BitReader bits;
        for (std::size_t y = 0; y < header_.rows; ++y) {
            runtime::checkpoint();
            const bool is_first = interval == 0 ? y == 0 : y % interval == 0;
            if (is_first && y != 0 && !source.restart(bits, (y / interval - 1) % 8))
                return ends_early("restart marker " + std::to_string((y / interval - 1) % 8) +
                                  " is missing");
            source.provide(bits);
            const Row row{is_first ? start.data() : above, above, current, header_.columns};
            const bool is_valid = (is_first ? decode_first : decode_other)(bits, by_component, row);
            if (source.is_exceeded(bits)) return ends_early("it ends before the frame does");
            if (!is_valid) refuse("a code that its Huffman table has not");
            sink.put(y, current);
            std::swap(above, current);
        }
        reader_.seek(source.position());
        reader_.skip_entropy_coded();
        return true;
    }

    [[nodiscard]] bool ends_early(const std::string& why) const {
        if (!options_.workaround_incomplete) refuse(why);
        return false;
    }

    std::string_view coded_;
    intake::JpegReader reader_;
    const intake::JpegHeader& header_;
    const FrameFormat& format_;
    const DecodeOptions& options_;
    std::uint8_t* out_;
    HuffmanTables tables_;
    std::uint32_t restart_interval_ = 0;
};

}  // namespace

void decode_jpeg_lossless(std::string_view coded, const intake::JpegHeader& header,
                          const FrameFormat& format, const DecodeOptions& options,
                          std::uint8_t* out) {
    if (header.components > 1) {
        for (unsigned i = 0; i < header.components; ++i)
            if (header.component[i].horizontal != 1 || header.component[i].vertical != 1)
                refuse("subsampled components, which are not supported");
    }
    if (options.workaround_incomplete) std::memset(out, 0, format.bytes());
    LosslessDecoder(coded, header, format, options, out).decode();
}

}  // namespace dcmtk_native::codec
