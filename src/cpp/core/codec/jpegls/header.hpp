// The marker segments of a JPEG-LS stream (ITU-T T.87 annex C).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/jpegls/parameters.hpp"
#include "codec/table.hpp"

namespace dcmtk_native::codec::jpegls {

constexpr unsigned most_components = 4;

/// A colour transform of HP's: APP8 "mrfx". It is no part of the standard, but of streams.
enum class ColourTransform : std::uint8_t { none = 0, hp1 = 1, hp2 = 2, hp3 = 3 };

struct FrameHeader {
    unsigned precision = 0;
    std::uint32_t rows = 0;  // 0: a DNL segment tells
    std::uint32_t columns = 0;
    unsigned components = 0;
    std::array<std::uint8_t, most_components> identifiers{};
};

struct ScanHeader {
    unsigned components = 0;
    std::array<unsigned, most_components> indices{};  // into FrameHeader::identifiers
    int near_loss = 0;
    Interleave interleave = Interleave::none;
};

/// Walks from scan to scan.
class HeaderReader {
  public:
    /// Throws Error (codec) when this is no JPEG-LS stream.
    explicit HeaderReader(std::string_view coded);

    /// Goes on behind the entropy coded segment that ends at `at`, and reads up to the next scan's own
    /// segment. Nothing when the stream ends before; throws for what no decoder here can follow.
    [[nodiscard]] std::optional<ScanHeader> next_scan(std::size_t at);
    /// The offset behind the marker RSTm with this m, which has to stand at `at`. Nothing at the end.
    [[nodiscard]] std::optional<std::size_t> behind_restart(std::size_t at, unsigned number) const;

    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    [[nodiscard]] const FrameHeader& frame() const noexcept { return frame_; }
    [[nodiscard]] const Preset& preset() const noexcept { return preset_; }
    /// In lines; 0: none.
    [[nodiscard]] std::uint32_t restart_interval() const noexcept { return restart_interval_; }
    [[nodiscard]] ColourTransform colour_transform() const noexcept { return colour_transform_; }

  private:
    /// The code of the marker at `at_`; nothing at the end of the stream.
    std::optional<std::uint8_t> read_marker();
    /// The segment behind a marker, without its length; nothing when the stream ends in it.
    std::optional<std::string_view> read_segment();
    void read_frame(std::string_view segment);
    void read_preset(std::string_view segment);
    void read_application8(std::string_view segment);
    void set_rows(std::uint32_t rows);
    void take_size(std::string_view bytes);
    [[nodiscard]] ScanHeader scan_of(std::string_view segment) const;

    std::string_view coded_;
    std::size_t at_ = 2;
    FrameHeader frame_;
    Preset preset_;
    std::uint32_t restart_interval_ = 0;
    ColourTransform colour_transform_ = ColourTransform::none;
};

}  // namespace dcmtk_native::codec::jpegls
