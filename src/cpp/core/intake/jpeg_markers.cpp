#include "intake/jpeg_markers.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/error.hpp"

namespace dcmtk_native::intake {

namespace {

/// Scripts of progressive encoders have about ten scans; every scan walks the whole frame.
constexpr unsigned max_scans = 100;

[[noreturn]] void refuse(const std::string& why) {
    runtime::raise(runtime::ErrorKind::codec, "JPEG stream: " + why);
}

constexpr std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<std::uint8_t>(bytes[at]);
}

constexpr std::uint16_t word_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

std::string hexadecimal(std::uint8_t code) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return {'F', 'F', digits[code >> 4], digits[code & 15]};
}

/// Markers without a length that may stand between segments.
constexpr bool is_bare(std::uint8_t code) noexcept {
    return code == jpeg::eoi || jpeg::is_restart(code);
}

/// What libjpeg and the ITU-T T.81 syntax allow between SOI and EOI, with a length.
constexpr bool has_length(std::uint8_t code) noexcept {
    return (code >= jpeg::sof0 && code < jpeg::rst0) || (code >= jpeg::sos && code <= 0xEF) ||
           code == 0xFE;
}

void check_precision(const JpegHeader& header) {
    const unsigned bits = header.precision;
    const bool is_known = (header.process == jpeg::sof0)   ? bits == 8
                          : (header.process == jpeg::sof3) ? bits >= 2 && bits <= 16
                                                           : bits == 8 || bits == 12;
    if (!is_known) refuse("samples of " + std::to_string(bits) + " bits in its process");
}

}  // namespace

JpegReader::JpegReader(std::string_view stream) : stream_(stream) {
    if (stream.size() < 4 || word_at(stream, 0) != 0xFFD8) refuse("no SOI at its begin");
    position_ = 2;
}

JpegSegment JpegReader::next() {
    // Fill bytes, and what libjpeg calls extraneous: harmless, and found in real files.
    JpegSegment segment;
    do {
        const std::size_t found = stream_.find('\xFF', position_);
        position_ = found == std::string_view::npos ? stream_.size() : found + 1;
        while (position_ < stream_.size() && byte_at(stream_, position_) == 0xFF) ++position_;
        if (position_ >= stream_.size()) return {jpeg::eoi, {}, stream_.size()};
        segment.offset = position_ - 1;
        segment.code = byte_at(stream_, position_++);
    } while (segment.code == 0);
    if (is_bare(segment.code)) return segment;
    // TEM, which has no length, is among them: DCMTK's DJCodecDecoder up to 3.7.0 loops on it for ever.
    if (!has_length(segment.code)) refuse("marker " + hexadecimal(segment.code));
    if (stream_.size() - position_ < 2) refuse("ends within a marker segment");
    const std::size_t length = word_at(stream_, position_);
    if (length < 2 || length > stream_.size() - position_)
        refuse("segment " + hexadecimal(segment.code) + " of " + std::to_string(length) +
               " bytes, where " + std::to_string(stream_.size() - position_) + " are left");
    segment.content = stream_.substr(position_ + 2, length - 2);
    position_ += length;
    return segment;
}

void JpegReader::skip_entropy_coded() noexcept {
    while (position_ < stream_.size()) {
        const void* found =
            std::memchr(stream_.data() + position_, 0xFF, stream_.size() - position_);
        if (found == nullptr) break;
        position_ = static_cast<std::size_t>(static_cast<const char*>(found) - stream_.data());
        if (position_ + 1 == stream_.size()) break;
        const std::uint8_t code = byte_at(stream_, position_ + 1);
        if (code == 0xFF) {
            ++position_;
        } else if (code == 0 || jpeg::is_restart(code)) {
            position_ += 2;
        } else {
            return;
        }
    }
    position_ = stream_.size();
}

bool JpegHeader::says_rgb() const noexcept {
    if (components != 3 || has_jfif) return false;
    if (adobe_transform) return *adobe_transform == 0;
    return component[0].id == 'R' && component[1].id == 'G' && component[2].id == 'B';
}

bool JpegHeader::is_subsampled() const noexcept {
    return std::any_of(component.begin(), component.begin() + components, [this](auto one) {
        return one.horizontal != component[0].horizontal || one.vertical != component[0].vertical;
    });
}

void read_frame_header(std::string_view content, JpegHeader& header) {
    if (content.size() < 6) refuse("a frame header that is too short");
    header.precision = byte_at(content, 0);
    header.rows = word_at(content, 1);
    header.columns = word_at(content, 3);
    header.components = byte_at(content, 5);
    if (header.components < 1 || header.components > max_jpeg_components)
        refuse(std::to_string(header.components) + " components");
    if (content.size() != 6U + 3U * header.components)
        refuse("a frame header of the wrong length");
    if (header.rows == 0) refuse("rows by a DNL marker, which is not supported");
    if (header.columns == 0) refuse("no columns");
    check_precision(header);
    for (std::size_t i = 0; i < header.components; ++i) {
        JpegComponent& component = header.component[i];
        const std::uint8_t sampling = byte_at(content, 7 + 3 * i);
        component.id = byte_at(content, 6 + 3 * i);
        component.horizontal = sampling >> 4;
        component.vertical = sampling & 15;
        component.quantiser = byte_at(content, 8 + 3 * i);
        if (component.horizontal < 1 || component.horizontal > 4 || component.vertical < 1 ||
            component.vertical > 4)
            refuse("sampling factors " + std::to_string(component.horizontal) + "x" +
                   std::to_string(component.vertical));
    }
}

JpegScan read_scan_header(std::string_view content, const JpegHeader& header) {
    JpegScan scan;
    if (header.process == 0) refuse("a scan before the frame header");
    if (content.empty()) refuse("an empty scan header");
    scan.components = byte_at(content, 0);
    if (scan.components < 1 || scan.components > header.components)
        refuse("a scan of " + std::to_string(scan.components) + " components in a frame of " +
               std::to_string(header.components));
    if (content.size() != 4U + 2U * scan.components) refuse("a scan header of the wrong length");
    for (std::size_t i = 0; i < scan.components; ++i) {
        const std::uint8_t id = byte_at(content, 1 + 2 * i);
        // Of components with the same name, which T.81 forbids, each is meant once, in order.
        const auto is_meant = [&](std::size_t index) {
            const auto end = scan.component.begin() + i;
            return header.component[index].id == id &&
                   std::find(scan.component.begin(), end, index) == end;
        };
        std::size_t index = 0;
        while (index < header.components && !is_meant(index)) ++index;
        if (index == header.components)
            refuse("a scan of a component " + std::to_string(id) + " that the frame has not");
        const std::uint8_t tables = byte_at(content, 2 + 2 * i);
        scan.component[i] = static_cast<std::uint8_t>(index);
        scan.dc_table[i] = tables >> 4;
        scan.ac_table[i] = tables & 15;
    }
    const std::size_t rest = 1 + 2 * std::size_t{scan.components};
    scan.first = byte_at(content, rest);
    scan.last = byte_at(content, rest + 1);
    scan.high = byte_at(content, rest + 2) >> 4;
    scan.low = byte_at(content, rest + 2) & 15;
    return scan;
}

std::uint32_t read_restart_interval(std::string_view content) {
    if (content.size() != 2) refuse("a restart interval of the wrong length");
    return word_at(content, 0);
}

namespace {

bool begins_with(std::string_view content, std::string_view prefix) {
    return content.substr(0, prefix.size()) == prefix;
}

/// Everything up to the first scan.
void read_to_scan(JpegReader& reader, JpegHeader& header) {
    while (true) {
        const JpegSegment segment = reader.next();
        if (segment.code == jpeg::sos) {
            header.first_scan = read_scan_header(segment.content, header);
            return;
        }
        if (segment.code == jpeg::eoi) refuse("ends before its first scan");
        if (jpeg::is_frame_header(segment.code)) {
            if (header.process != 0) refuse("two frame headers");
            if (segment.code > jpeg::sof3)
                refuse(segment.code > 0xC8 ? "arithmetic coding, which DICOM does not know"
                                           : "hierarchical coding, which is not supported");
            header.process = segment.code;
            read_frame_header(segment.content, header);
        } else if (segment.code == jpeg::dri) {
            header.restart_interval = read_restart_interval(segment.content);
        } else if (segment.code == jpeg::app0 && begins_with(segment.content, {"JFIF", 5})) {
            header.has_jfif = true;
        } else if (segment.code == jpeg::app14 && begins_with(segment.content, "Adobe") &&
                   segment.content.size() >= 12) {
            header.adobe_transform = byte_at(segment.content, 11);
        }
    }
}

/// Bits of the components whose samples a scan begins.
unsigned components_begun(const JpegHeader& header, const JpegScan& scan) {
    if (header.process == jpeg::sof2 && scan.first != 0) return 0;
    unsigned begun = 0;
    for (std::size_t i = 0; i < scan.components; ++i) begun |= 1U << scan.component[i];
    return begun;
}

}  // namespace

JpegHeader read_jpeg_header(std::string_view stream) {
    JpegReader reader(stream);
    JpegHeader header;
    read_to_scan(reader, header);
    const unsigned all = (1U << header.components) - 1;
    unsigned begun = components_begun(header, header.first_scan);
    unsigned scans = 1;
    // Libjpeg reads all scans where there are several, ours of lossless streams as many as it needs.
    const bool all_are_read = header.process == jpeg::sof2 ||
                              (header.process != jpeg::sof3 && begun != all);
    while (all_are_read || begun != all) {
        reader.skip_entropy_coded();
        const JpegSegment segment = reader.next();
        if (segment.code == jpeg::eoi) {
            header.has_end = segment.offset < stream.size();
            break;
        }
        if (jpeg::is_frame_header(segment.code)) refuse("two frame headers");
        if (segment.code != jpeg::sos) continue;
        if (++scans > max_scans)
            runtime::raise_limit("JPEG stream", "scans", scans, max_scans);
        begun |= components_begun(header, read_scan_header(segment.content, header));
    }
    header.has_every_component = begun == all;
    return header;
}

}  // namespace dcmtk_native::intake
