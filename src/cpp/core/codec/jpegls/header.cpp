#include "codec/jpegls/header.hpp"

#include <algorithm>
#include <string>

#include "runtime/error.hpp"

namespace dcmtk_native::codec::jpegls {

namespace {

namespace marker {
constexpr std::uint8_t rst0 = 0xD0;
constexpr std::uint8_t rst7 = 0xD7;
constexpr std::uint8_t soi = 0xD8;
constexpr std::uint8_t eoi = 0xD9;
constexpr std::uint8_t sos = 0xDA;
constexpr std::uint8_t dnl = 0xDC;
constexpr std::uint8_t dri = 0xDD;
constexpr std::uint8_t app0 = 0xE0;
constexpr std::uint8_t app8 = 0xE8;
constexpr std::uint8_t app15 = 0xEF;
constexpr std::uint8_t sof55 = 0xF7;
constexpr std::uint8_t lse = 0xF8;
constexpr std::uint8_t com = 0xFE;
}  // namespace marker

[[noreturn]] void fail(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG-LS: " + why);
}

std::string hexadecimal(std::uint8_t code) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return {digits[code >> 4], digits[code & 15]};
}

std::uint32_t number(std::string_view bytes) noexcept {
    std::uint32_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
}

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t length) noexcept {
    return number(bytes.substr(at, length));
}

/// The standard lets some values have 2, 3 or 4 bytes.
std::uint32_t wide_number(const char* name, std::string_view bytes) {
    if (bytes.size() < 2 || bytes.size() > 4)
        fail(std::string(name) + " of " + std::to_string(bytes.size()) + " bytes");
    return number(bytes);
}

void check_length(const char* name, std::string_view segment, std::size_t wanted) {
    if (segment.size() != wanted)
        fail(std::string(name) + " has " + std::to_string(segment.size()) + " bytes, not " +
             std::to_string(wanted));
}

}  // namespace

HeaderReader::HeaderReader(std::string_view coded) : coded_(coded) {
    if (coded.size() < 2 || coded[0] != '\xFF' || static_cast<std::uint8_t>(coded[1]) != marker::soi)
        fail("the frame does not begin with SOI");
}

std::optional<std::uint8_t> HeaderReader::read_marker() {
    if (at_ >= coded_.size()) return std::nullopt;
    if (coded_[at_] != '\xFF')
        fail("no marker where one has to be, at offset " + std::to_string(at_));
    const std::size_t code = coded_.find_first_not_of('\xFF', at_);
    at_ = code == std::string_view::npos ? coded_.size() : code + 1;
    if (code == std::string_view::npos) return std::nullopt;
    return static_cast<std::uint8_t>(coded_[code]);
}

std::optional<std::string_view> HeaderReader::read_segment() {
    if (coded_.size() - at_ < 2) return std::nullopt;
    const std::uint32_t length = number(coded_, at_, 2);
    if (length < 2) fail("a marker segment of length " + std::to_string(length));
    if (length > coded_.size() - at_) return std::nullopt;
    const std::string_view segment = coded_.substr(at_ + 2, length - 2);
    at_ += length;
    return segment;
}

std::optional<ScanHeader> HeaderReader::next_scan(std::size_t at) {
    at_ = at;
    for (;;) {
        const std::optional<std::uint8_t> code = read_marker();
        if (!code || *code == marker::eoi) return std::nullopt;
        if (*code >= marker::rst0 && *code <= marker::soi)
            fail("marker " + hexadecimal(*code) + " where none may be");
        const std::optional<std::string_view> segment = read_segment();
        if (!segment) return std::nullopt;
        switch (*code) {
        case marker::sof55: read_frame(*segment); break;
        case marker::lse: read_preset(*segment); break;
        case marker::dri: restart_interval_ = wide_number("restart interval", *segment); break;
        case marker::dnl: set_rows(wide_number("number of lines", *segment)); break;
        case marker::app8: read_application8(*segment); break;
        case marker::sos: return scan_of(*segment);
        default:
            if (*code != marker::com && (*code < marker::app0 || *code > marker::app15))
                fail("marker " + hexadecimal(*code) + " is none of JPEG-LS");
        }
    }
}

std::optional<std::size_t> HeaderReader::behind_restart(std::size_t at, unsigned number) const {
    const std::size_t code = coded_.find_first_not_of('\xFF', at);
    if (code == std::string_view::npos) return std::nullopt;
    const auto found = static_cast<std::uint8_t>(coded_[code]);
    if (found == marker::eoi) return std::nullopt;
    const auto wanted = static_cast<std::uint8_t>(marker::rst0 + number);
    if (found != wanted)
        fail("marker " + hexadecimal(found) + " where restart " + hexadecimal(wanted) +
             " has to be");
    return code + 1;
}

void HeaderReader::read_frame(std::string_view segment) {
    constexpr std::size_t fixed = 6;
    constexpr std::size_t each = 3;
    if (frame_.components != 0) fail("two frame headers");
    if (segment.size() < fixed) fail("the frame header is too short");
    frame_.precision = number(segment, 0, 1);
    // 0: an LSE segment before this one may have told, or one behind it may.
    if (const std::uint32_t rows = number(segment, 1, 2); rows != 0) frame_.rows = rows;
    if (const std::uint32_t columns = number(segment, 3, 2); columns != 0) frame_.columns = columns;
    frame_.components = number(segment, 5, 1);
    if (frame_.precision < 2 || frame_.precision > 16)
        fail("a precision of " + std::to_string(frame_.precision) + " bits");
    if (frame_.components == 0 || frame_.components > most_components)
        fail(std::to_string(frame_.components) + " components: 1 to 4 can be decoded");
    check_length("the frame header", segment, fixed + each * frame_.components);
    for (std::size_t n = 0; n < frame_.components; ++n) {
        const std::string_view component = segment.substr(fixed + each * n, each);
        const auto identifier = static_cast<std::uint8_t>(component[0]);
        auto* const end = frame_.identifiers.data() + n;
        if (std::find(frame_.identifiers.data(), end, identifier) != end)
            fail("two components of the same name");
        *end = identifier;
        if (component[1] != 0x11) fail("subsampled components cannot be decoded");
    }
}

void HeaderReader::read_preset(std::string_view segment) {
    if (segment.empty()) fail("an empty LSE segment");
    switch (const std::uint32_t type = number(segment, 0, 1)) {
    case 1: {
        check_length("the LSE segment of coding parameters", segment, 11);
        const auto value = [&](std::size_t n) {
            return static_cast<int>(number(segment, 1 + 2 * n, 2));
        };
        preset_ = {value(0), value(1), value(2), value(3), value(4)};
        break;
    }
    // Mapping tables count only when a scan refers to one.
    case 2:
    case 3: break;
    case 4: take_size(segment.substr(1)); break;
    default: fail("an LSE segment of type " + std::to_string(type));
    }
}

void HeaderReader::take_size(std::string_view bytes) {
    if (bytes.empty()) fail("an LSE segment without a size");
    const std::size_t width = number(bytes, 0, 1);
    check_length("the LSE segment of the image's size", bytes, 1 + 2 * width);
    frame_.rows = wide_number("the height", bytes.substr(1, width));
    frame_.columns = wide_number("the width", bytes.substr(1 + width, width));
}

void HeaderReader::set_rows(std::uint32_t rows) {
    if (frame_.rows != 0 && frame_.rows != rows)
        fail("DNL tells of " + std::to_string(rows) + " rows, the frame header of " +
             std::to_string(frame_.rows));
    frame_.rows = rows;
}

void HeaderReader::read_application8(std::string_view segment) {
    // "mrfx" and a byte. SPIFF headers are here, too, and tell nothing that is needed.
    if (segment.size() != 5 || segment.substr(0, 4) != "mrfx") return;
    const std::uint32_t transform = number(segment, 4, 1);
    if (transform > 3) fail("colour transform " + std::to_string(transform) + " is not known");
    colour_transform_ = static_cast<ColourTransform>(transform);
}

ScanHeader HeaderReader::scan_of(std::string_view segment) const {
    if (frame_.components == 0) fail("a scan before the frame header");
    if (segment.empty()) fail("an empty scan header");
    ScanHeader scan;
    scan.components = number(segment, 0, 1);
    if (scan.components == 0 || scan.components > frame_.components)
        fail("a scan of " + std::to_string(scan.components) + " components in a frame of " +
             std::to_string(frame_.components));
    check_length("the scan header", segment, 4 + 2 * std::size_t{scan.components});
    for (std::size_t n = 0; n < scan.components; ++n) {
        const auto identifier = static_cast<std::uint8_t>(segment[1 + 2 * n]);
        const auto* const end = frame_.identifiers.data() + frame_.components;
        const auto* const found = std::find(frame_.identifiers.data(), end, identifier);
        if (found == end) fail("a scan of a component that the frame header does not name");
        if (segment[2 + 2 * n] != 0) fail("mapping tables (palettes) cannot be decoded");
        scan.indices[n] = static_cast<unsigned>(found - frame_.identifiers.data());
    }
    const std::string_view rest = segment.substr(1 + 2 * std::size_t{scan.components});
    scan.near_loss = static_cast<int>(number(rest, 0, 1));
    const std::uint32_t interleave = number(rest, 1, 1);
    if (interleave > 2) fail("interleave mode " + std::to_string(interleave));
    if (interleave == 0 && scan.components != 1)
        fail("several components in a scan that is not interleaved");
    if ((number(rest, 2, 1) & 15) != 0) fail("point transforms cannot be decoded");
    scan.interleave = scan.components == 1 ? Interleave::none : static_cast<Interleave>(interleave);
    return scan;
}

}  // namespace dcmtk_native::codec::jpegls
