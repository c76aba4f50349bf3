#include "codec/jpeg2000/markers.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "codec/jpeg2000/budget.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

void fail_j2k(const std::string& what) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG 2000: " + what);
}

namespace {

/// Numbers of a marker segment, one after the other.
class Fields {
  public:
    Fields(std::string_view bytes, const char* name) : bytes_(bytes), name_(name) {}

    std::uint32_t u8() { return take<std::uint8_t>(); }
    std::uint32_t u16() { return take<std::uint16_t>(); }
    std::uint32_t u32() { return take<std::uint32_t>(); }
    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }
    /// The index of a component: one byte when there are fewer than 257.
    std::uint32_t component(std::size_t count) {
        const std::uint32_t index = count < 257 ? u8() : u16();
        if (index >= count) broken();
        return index;
    }
    [[noreturn]] void broken() const { fail_j2k(std::string("broken ") + name_ + " segment"); }

  private:
    template <typename Number>
    Number take() {
        if (bytes_.size() < sizeof(Number)) broken();
        const auto number = runtime::load<Number>(bytes_.data(), true);
        bytes_.remove_prefix(sizeof(Number));
        return number;
    }

    std::string_view bytes_;
    const char* name_;
};

unsigned marker_at(std::string_view bytes, std::size_t at) {
    return at + 2 <= bytes.size() ? runtime::load<std::uint16_t>(bytes.data() + at, true) : 0U;
}

/// Of a JP2 file (T.800 annex I) the codestream; DICOM wants nothing of the rest (PS3.5 section A.4.4).
std::string_view without_boxes(std::string_view coded) {
    constexpr std::string_view signature("\0\0\0\x0cjP  ", 8);
    if (coded.substr(0, signature.size()) != signature) return coded;
    while (coded.size() >= 8) {
        std::uint64_t length = runtime::load<std::uint32_t>(coded.data(), true);
        std::size_t header = 8;
        if (length == 1 && coded.size() >= 16) {
            length = runtime::load<std::uint64_t>(coded.data() + 8, true);
            header = 16;
        }
        if (length == 0) length = coded.size();
        if (length < header) fail_j2k("broken box of a JP2 file");
        if (coded.substr(4, 4) == "jp2c") {
            const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(length, coded.size()));
            return coded.substr(header, end - header);
        }
        if (length > coded.size()) break;
        coded.remove_prefix(static_cast<std::size_t>(length));
    }
    fail_j2k("a JP2 file without codestream");
}

std::uint32_t ceil_div(std::uint32_t value, std::uint32_t by) {
    return static_cast<std::uint32_t>((std::uint64_t{value} + by - 1) / by);
}

void read_siz(Codestream& stream, std::string_view segment) {
    Fields fields(segment, "SIZ");
    fields.u16();  // profile
    stream.x1 = fields.u32();
    stream.y1 = fields.u32();
    stream.x0 = fields.u32();
    stream.y0 = fields.u32();
    stream.tile_width = fields.u32();
    stream.tile_height = fields.u32();
    stream.tile_x0 = fields.u32();
    stream.tile_y0 = fields.u32();
    const std::uint32_t count = fields.u16();
    if (fields.left() != 3 * std::size_t{count}) fields.broken();
    constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();
    const auto axis = [&fields](std::uint32_t begin, std::uint32_t end, std::uint32_t tile_begin,
                                std::uint32_t tile_size) {
        if (begin >= end || end > most || tile_size == 0 || tile_begin > begin ||
            std::uint64_t{tile_begin} + tile_size <= begin)
            fields.broken();
        return ceil_div(end - tile_begin, tile_size);
    };
    stream.tiles_across = axis(stream.x0, stream.x1, stream.tile_x0, stream.tile_width);
    stream.tiles_down = axis(stream.y0, stream.y1, stream.tile_y0, stream.tile_height);
    stream.coding.components.resize(count);
    for (Component& component : stream.coding.components) {
        const std::uint32_t depth = fields.u8();
        component.precision = (depth & 0x7fU) + 1;
        component.is_signed = (depth & 0x80U) != 0;
        component.dx = fields.u8();
        component.dy = fields.u8();
        if (component.dx == 0 || component.dy == 0) fields.broken();
    }
}

void check_fit(const Codestream& stream, const FrameFormat& format) {
    const std::uint32_t columns = stream.x1 - stream.x0;
    const std::uint32_t rows = stream.y1 - stream.y0;
    if (columns != format.columns || rows != format.rows ||
        stream.coding.components.size() != format.samples)
        fail_j2k("the stream has " + std::to_string(columns) + "x" + std::to_string(rows) +
                 " pixels of " + std::to_string(stream.coding.components.size()) +
                 " components, the data set claims " + std::to_string(format.columns) + "x" +
                 std::to_string(format.rows) + " of " + std::to_string(format.samples));
    for (const Component& component : stream.coding.components) {
        if (component.precision > format.bits_allocated)
            fail_j2k("the stream has samples of " + std::to_string(component.precision) +
                     " bits, the data set claims cells of " + std::to_string(format.bits_allocated));
        if (ceil_div(stream.x1, component.dx) == ceil_div(stream.x0, component.dx) ||
            ceil_div(stream.y1, component.dy) == ceil_div(stream.y0, component.dy))
            fail_j2k("a component has no samples");
    }
}

CodingStyle read_style(Fields& fields, bool has_precincts) {
    CodingStyle style;
    style.levels = fields.u8();
    style.block_width = fields.u8() + 2;
    style.block_height = fields.u8() + 2;
    style.mode = static_cast<std::uint8_t>(fields.u8());
    const std::uint32_t wavelet = fields.u8();
    style.reversible = wavelet == 1;
    if (style.levels > 32 || style.block_width > 10 || style.block_height > 10 ||
        style.block_width + style.block_height > 12 || wavelet > 1)
        fields.broken();
    style.precincts.fill(0xff);
    if (!has_precincts) return style;
    for (unsigned resolution = 0; resolution <= style.levels; ++resolution) {
        const auto size = static_cast<std::uint8_t>(fields.u8());
        if (resolution > 0 && ((size & 0xfU) == 0 || size >> 4U == 0)) fields.broken();
        style.precincts[resolution] = size;
    }
    return style;
}

/// What a header says of coding; that of a tile overrides that of the image.
class CodingReader {
  public:
    CodingReader(Coding& coding, bool is_tile) : coding_(coding), is_tile_(is_tile) {}

    void read(unsigned marker, std::string_view segment) {
        if (is_tile_ && marker != j2k::PLT && marker != j2k::COM) coding_.plain = false;
        switch (marker) {
        case j2k::COD: return cod(segment);
        case j2k::COC: return coc(segment);
        case j2k::QCD: return qcd(segment);
        case j2k::QCC: return qcc(segment);
        case j2k::RGN: return rgn(segment);
        case j2k::POC:
        case j2k::PPT: coding_.plain = false; return;
        case j2k::PPM: fail_j2k("packet headers in the main header (PPM) are not supported");
        default: break;
        }
        // Part 2 (T.801), from VMS and DFS to ATK: other wavelets and values than those of part 1. MCT to
        // MCO, CBD are transforms that OpenJPEG knows.
        if (marker >= 0xff70 && marker <= 0xff7f && marker != 0xff74 && marker != 0xff75 &&
            marker != 0xff77 && marker != 0xff78)
            fail_j2k("an extension of part 2 is not supported");
        // What says nothing of coding.
        constexpr unsigned PRF = 0xff56, CPF = 0xff59;
        constexpr std::array harmless{j2k::CAP, j2k::TLM, PRF,      j2k::PLM,
                                      j2k::PLT, CPF,      j2k::CRG, j2k::COM};
        if (std::find(harmless.begin(), harmless.end(), marker) == harmless.end())
            coding_.plain = false;
    }
    [[nodiscard]] bool is_complete() const noexcept { return cods_ != 0 && qcds_ != 0; }

  private:
    void cod(std::string_view segment) {
        Fields fields(segment, "COD");
        const std::uint32_t flags = fields.u8();
        coding_.progression = fields.u8();
        coding_.layers = fields.u16();
        coding_.transform = fields.u8() != 0 && coding_.components.size() >= 3;
        coding_.packet_markers = (flags & 6U) != 0;
        if (coding_.progression > 4 || coding_.layers == 0) fields.broken();
        const CodingStyle style = read_style(fields, (flags & 1U) != 0);
        if (++cods_ > 1) coding_.plain = false;
        if (!is_tile_) coding_.high_throughput = style.high_throughput();
        set_style(style, coding_.components.begin(), coding_.components.end());
    }

    void coc(std::string_view segment) {
        Fields fields(segment, "COC");
        const auto index = static_cast<std::ptrdiff_t>(fields.component(coding_.components.size()));
        const bool has_precincts = (fields.u8() & 1U) != 0;
        const auto component = coding_.components.begin() + index;
        set_style(read_style(fields, has_precincts), component, component + 1);
        coding_.plain = false;
    }

    void set_style(const CodingStyle& style, std::vector<Component>::iterator begin,
                   std::vector<Component>::iterator end) {
        // OpenJPEG 2.5.0 uses one buffer for both block coders and counts it in bytes here, in words there.
        if (style.high_throughput() != coding_.high_throughput)
            fail_j2k("code-blocks of JPEG 2000 and HTJ2K in one stream are not supported");
        for (; begin != end; ++begin) begin->style = style;
    }

    static Quantization quantization(Fields& fields) {
        Quantization values;
        const std::uint32_t style = fields.u8();
        values.style = style & 0x1fU;
        values.guard_bits = style >> 5U;
        const std::size_t width = values.style == 0 ? 1 : 2;
        values.bands = static_cast<unsigned>(fields.left() / width);
        if (values.style > 2 || values.bands == 0 || fields.left() % width != 0 ||
            values.bands > values.exponents.size() || (values.style == 1 && values.bands != 1))
            fields.broken();
        for (unsigned band = 0; band < values.bands; ++band) {
            const std::uint32_t size = width == 1 ? fields.u8() << 8U : fields.u16();
            values.exponents[band] = static_cast<std::uint8_t>(size >> 11U);
            values.mantissas[band] = static_cast<std::uint16_t>(width == 1 ? 0 : size & 0x7ffU);
        }
        return values;
    }

    void qcd(std::string_view segment) {
        Fields fields(segment, "QCD");
        const Quantization values = quantization(fields);
        for (Component& component : coding_.components)
            if (!component.quantization.own) component.quantization = values;
        if (++qcds_ > 1) coding_.plain = false;
    }

    void qcc(std::string_view segment) {
        Fields fields(segment, "QCC");
        Component& component = coding_.components[fields.component(coding_.components.size())];
        if (component.quantization.own) coding_.plain = false;
        component.quantization = quantization(fields);
        component.quantization.own = true;
    }

    void rgn(std::string_view segment) {
        Fields fields(segment, "RGN");
        fields.component(coding_.components.size());
        // The block coder counts in 32 bits.
        if (fields.u8() != 0 || fields.u8() > 30) fields.broken();
        coding_.plain = false;
    }

    Coding& coding_;
    bool is_tile_;
    unsigned cods_ = 0;
    unsigned qcds_ = 0;
};

/// The segment at `at` (marker, length, content); nothing when it is not whole.
std::optional<std::string_view> segment_at(std::string_view bytes, std::size_t at) {
    if (at + 4 > bytes.size()) return std::nullopt;
    const std::size_t length = runtime::load<std::uint16_t>(bytes.data() + at + 2, true);
    if (length < 2 || at + 2 + length > bytes.size()) return std::nullopt;
    return bytes.substr(at + 4, length - 2);
}

/// Reads the segments before `end_marker`; says where that is, or nothing when the stream ends before.
std::optional<std::size_t> read_segments(std::string_view bytes, std::size_t at, unsigned end_marker,
                                         CodingReader& coding) {
    for (;;) {
        const unsigned marker = marker_at(bytes, at);
        if (marker == end_marker) return at;
        const auto segment = segment_at(bytes, at);
        if (!segment) return std::nullopt;
        if (marker < 0xff50 || marker > 0xff7f) fail_j2k("a header holds what is no marker segment");
        coding.read(marker, *segment);
        at += 4 + segment->size();
    }
}

/// The tile-parts of a stream, and the order that their indices have to keep.
class TileParts {
  public:
    explicit TileParts(Codestream& stream) : stream_(stream), budget_(stream) {
        const std::size_t tiles = std::size_t{stream.tiles_across} * stream.tiles_down;
        next_.resize(tiles);
        count_.resize(tiles);
        stream.packets.resize(tiles);
    }

    void read() {
        std::size_t at = stream_.main_header.size();
        while (marker_at(stream_.bytes, at) == j2k::SOT) {
            const auto end = part(at);
            if (!end) break;
            at = *end;
        }
        stream_.tidy = marker_at(stream_.bytes, at) == j2k::EOC;
        stream_.bytes = stream_.bytes.substr(0, at + (stream_.tidy ? 2 : 0));
        if (untidy_) stream_.tidy = false;
        for (std::size_t tile = 0; tile < next_.size(); ++tile) {
            if (count_[tile] != 0 && next_[tile] > count_[tile]) stream_.tidy = false;
            if (next_[tile] == 0 || next_[tile] < count_[tile]) stream_.complete = false;
            if (next_[tile] != 0) continue;
            stream_.packets[tile] = budget_.charge(stream_.coding, static_cast<std::uint32_t>(tile));
        }
    }

  private:
    /// Reads the tile-part at `at` and says where it ends; nothing when it is cut off in its header.
    std::optional<std::size_t> part(std::size_t at) {
        const std::string_view bytes = stream_.bytes;
        const auto segment = segment_at(bytes, at);
        if (!segment) return cut_off();
        Fields fields(*segment, "SOT");
        TilePart part;
        part.tile = fields.u16();
        std::uint64_t size = fields.u32();
        const std::uint32_t index = fields.u8();
        const std::uint32_t count = fields.u8();
        if (fields.left() != 0) fields.broken();
        const std::size_t rest = bytes.size() - at;
        if (size == 0) size = rest - (ends_with_marker() ? 2 : 0);
        if (size < 14) fields.broken();
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(size, rest));
        part.missing = size - there;
        const std::string_view whole = bytes.substr(at, there);
        check_order(part.tile, index, count);
        const auto data = tile_header(whole, part.tile, index == 0);
        if (!data) {
            if (part.missing == 0) fields.broken();
            --next_[part.tile];
            return cut_off();
        }
        part.header = whole.substr(12, *data - 12);
        part.data = whole.substr(*data + 2);
        if (part.missing != 0) stream_.complete = false;
        stream_.parts.push_back(part);
        return at + there;
    }

    std::optional<std::size_t> cut_off() {
        stream_.complete = false;
        return std::nullopt;
    }

    /// OpenJPEG 2.5.0 keeps an index by these numbers. A count that is too small is a known fault of
    /// encoders, and harmless when it is not shown to it.
    void check_order(std::uint32_t tile, std::uint32_t index, std::uint32_t count) {
        if (tile >= next_.size()) fail_j2k("there is no tile " + std::to_string(tile));
        if (count != 0 && count_[tile] == 0) count_[tile] = static_cast<std::uint8_t>(count);
        if (count != 0 && count != count_[tile]) untidy_ = true;
        if (index != next_[tile]++)
            fail_j2k("the tile-parts of tile " + std::to_string(tile) + " are out of order");
    }

    [[nodiscard]] bool ends_with_marker() const {
        return marker_at(stream_.bytes, stream_.bytes.size() - 2) == j2k::EOC;
    }

    /// Where SOD is. What the header says of coding holds for this tile, and is judged with it.
    std::optional<std::size_t> tile_header(std::string_view whole, std::uint32_t tile, bool first) {
        constexpr std::size_t begin = 12;
        Coding own;
        const bool is_empty = marker_at(whole, begin) == j2k::SOD;  // as nearly always
        if (!is_empty) own = stream_.coding;
        CodingReader reader(own, true);
        const auto end = is_empty ? begin : read_segments(whole, begin, j2k::SOD, reader);
        if (!end) return end;
        if (!is_empty && !own.plain) stream_.coding.plain = false;
        if (first) stream_.packets[tile] = budget_.charge(is_empty ? stream_.coding : own, tile);
        return end;
    }

    Codestream& stream_;
    J2kBudget budget_;
    std::vector<std::uint16_t> next_;
    std::vector<std::uint8_t> count_;
    bool untidy_ = false;
};

}  // namespace

StepSize step_size(const Quantization& quantization, unsigned resolution, unsigned band) {
    const std::size_t index = resolution == 0 ? 0 : 3 * (resolution - std::size_t{1}) + band;
    if (quantization.style != 1) return {quantization.exponents[index], quantization.mantissas[index]};
    const unsigned less = resolution == 0 ? 0 : resolution - 1;
    const unsigned exponent = quantization.exponents[0];
    return {exponent > less ? exponent - less : 0, quantization.mantissas[0]};
}

unsigned bit_planes(const Quantization& quantization, unsigned resolution, unsigned band) {
    const unsigned sum = quantization.guard_bits + step_size(quantization, resolution, band).exponent;
    return sum > 0 ? sum - 1 : 0;
}

StreamFormat Codestream::format() const {
    StreamFormat found;
    for (const Component& component : coding.components)
        found.precision = std::max(found.precision, component.precision);
    found.is_signed = coding.components.front().is_signed;
    found.is_rgb = coding.transform;
    return found;
}

std::string Codestream::repaired() const {
    std::string repaired(main_header);
    const auto append = [&repaired, this](std::uint32_t tile, unsigned index, std::string_view header,
                                          std::string_view data, std::uint64_t zeros) {
        std::array<char, 12> sot{};
        runtime::store(static_cast<std::uint16_t>(j2k::SOT), sot.data(), true);
        runtime::store(std::uint16_t{10}, sot.data() + 2, true);
        runtime::store(static_cast<std::uint16_t>(tile), sot.data() + 4, true);
        // What Psot claims is no reason to allocate.
        const std::uint64_t most = 2 * bytes.size() + 65536;
        const std::uint64_t filling = zeros == 0 ? 0 : std::min(zeros, most) + packets[tile];
        const std::uint64_t size = sot.size() + header.size() + 2 + data.size() + filling;
        if (size > std::numeric_limits<std::uint32_t>::max()) fail_j2k("a tile-part is too large");
        runtime::store(static_cast<std::uint32_t>(size), sot.data() + 6, true);
        sot[10] = static_cast<char>(index);
        repaired.append(sot.data(), sot.size()).append(header).append("\xff\x93", 2).append(data);
        repaired.append(static_cast<std::size_t>(filling), '\0');
    };
    std::vector<unsigned> next(packets.size());
    for (const TilePart& part : parts)
        append(part.tile, next[part.tile]++, part.header, part.data, part.missing);
    for (std::uint32_t tile = 0; tile < next.size(); ++tile)
        if (next[tile] == 0) append(tile, 0, {}, {}, 1);
    repaired.append("\xff\xd9", 2);
    return repaired;
}

Codestream read_codestream(std::string_view coded, const FrameFormat& format,
                           const DecodeOptions& options) {
    Codestream stream;
    stream.bytes = without_boxes(coded);
    const auto siz = segment_at(stream.bytes, 2);
    if (marker_at(stream.bytes, 0) != j2k::SOC || marker_at(stream.bytes, 2) != j2k::SIZ || !siz)
        fail_j2k("this is no codestream");
    read_siz(stream, *siz);
    check_fit(stream, format);
    CodingReader reader(stream.coding, false);
    const auto end = read_segments(stream.bytes, 6 + siz->size(), j2k::SOT, reader);
    if (!end) fail_j2k("the stream ends in its header");
    if (!reader.is_complete()) fail_j2k("the stream does not say how it is coded (COD, QCD)");
    stream.main_header = stream.bytes.substr(0, *end);
    TileParts(stream).read();
    if (!stream.complete && !options.workaround_incomplete)
        fail_j2k("the stream ends early, or tiles are missing");
    return stream;
}

}  // namespace dcmtk_native::codec
