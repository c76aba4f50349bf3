// The markers of a JPEG stream (ITU-T T.81 annex B), read before a decoder sees the stream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dcmtk_native::intake {

/// Marker codes: the byte after FF.
namespace jpeg {
constexpr std::uint8_t tem = 0x01;
constexpr std::uint8_t sof0 = 0xC0;  // baseline sequential
constexpr std::uint8_t sof1 = 0xC1;  // extended sequential
constexpr std::uint8_t sof2 = 0xC2;  // progressive
constexpr std::uint8_t sof3 = 0xC3;  // lossless
constexpr std::uint8_t dht = 0xC4;
constexpr std::uint8_t jpg = 0xC8;
constexpr std::uint8_t dac = 0xCC;
constexpr std::uint8_t sof15 = 0xCF;
constexpr std::uint8_t rst0 = 0xD0;
constexpr std::uint8_t rst7 = 0xD7;
constexpr std::uint8_t soi = 0xD8;
constexpr std::uint8_t eoi = 0xD9;
constexpr std::uint8_t sos = 0xDA;
constexpr std::uint8_t dqt = 0xDB;
constexpr std::uint8_t dri = 0xDD;
constexpr std::uint8_t app0 = 0xE0;
constexpr std::uint8_t app14 = 0xEE;

constexpr bool is_frame_header(std::uint8_t code) noexcept {
    return code >= sof0 && code <= sof15 && code != dht && code != jpg && code != dac;
}
constexpr bool is_restart(std::uint8_t code) noexcept { return code >= rst0 && code <= rst7; }
}  // namespace jpeg

struct JpegSegment {
    std::uint8_t code = 0;
    std::string_view content;  // what follows the length; empty where the marker has none
    std::size_t offset = 0;    // of the marker's FF
};

/// Walks the segments of a stream. Throws Error (codec) where the stream is none: no SOI, a length
/// that lies, a marker that decoders trip over.
class JpegReader {
  public:
    explicit JpegReader(std::string_view stream);

    /// The next segment. The end of the stream reads as EOI, as a missing one harms nobody.
    [[nodiscard]] JpegSegment next();
    /// Entropy-coded data begin here, after SOS.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    /// Goes on behind entropy-coded data that end at `position`.
    void seek(std::size_t position) noexcept { position_ = position; }
    /// Goes to the marker that ends the entropy-coded data, past restart markers.
    void skip_entropy_coded() noexcept;

  private:
    std::string_view stream_;
    std::size_t position_ = 0;
};

constexpr std::size_t max_jpeg_components = 4;  // that a scan can interleave, and more than DICOM has

struct JpegComponent {
    std::uint8_t id = 0;
    std::uint8_t horizontal = 1;
    std::uint8_t vertical = 1;
    std::uint8_t quantiser = 0;  // the number of its table
};

/// Of a scan: which components (as indices of the frame's), with which tables, and how.
struct JpegScan {
    std::uint8_t components = 0;
    std::array<std::uint8_t, max_jpeg_components> component{};
    std::array<std::uint8_t, max_jpeg_components> dc_table{};
    std::array<std::uint8_t, max_jpeg_components> ac_table{};
    std::uint8_t first = 0;  // Ss; of lossless streams the predictor
    std::uint8_t last = 0;   // Se
    std::uint8_t high = 0;   // Ah
    std::uint8_t low = 0;    // Al; of lossless streams the point transform
};

/// All that the markers say about a frame.
struct JpegHeader {
    std::uint8_t process = 0;  // the code of its frame header: jpeg::sof0 ...
    std::uint8_t precision = 0;
    std::uint16_t rows = 0;
    std::uint16_t columns = 0;
    std::uint8_t components = 0;
    std::array<JpegComponent, max_jpeg_components> component{};
    bool has_jfif = false;
    std::optional<std::uint8_t> adobe_transform;
    JpegScan first_scan;
    std::uint32_t restart_interval = 0;  // at the first scan
    bool has_every_component = false;    // in one scan or another
    bool has_end = false;  // EOI; looked for only where components or coefficients come in several scans

    /// The components are R, G and B by the word of the stream, as libjpeg reads it.
    [[nodiscard]] bool says_rgb() const noexcept;
    [[nodiscard]] bool is_subsampled() const noexcept;
};

/// Reads SOF: the frame's half of the header.
void read_frame_header(std::string_view content, JpegHeader& header);
/// Reads SOS.
[[nodiscard]] JpegScan read_scan_header(std::string_view content, const JpegHeader& header);
/// Reads DRI.
[[nodiscard]] std::uint32_t read_restart_interval(std::string_view content);

/// Looks through a stream: to its first scan, and through all scans where there are more.
[[nodiscard]] JpegHeader read_jpeg_header(std::string_view stream);

}  // namespace dcmtk_native::intake
