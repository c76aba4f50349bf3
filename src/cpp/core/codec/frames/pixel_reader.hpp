// Frames of a data set's pixel data as memory, whatever the transfer syntax.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "codec/frames/coded_frames.hpp"
#include "codec/frames/native_pixels.hpp"
#include "codec/frames/pixel_module.hpp"
#include "codec/table.hpp"
#include "data/draft.hpp"
#include "intake/limits.hpp"
#include "runtime/parallel.hpp"

namespace dcmtk_native::codec {

enum class Color : std::uint8_t {
    stored,    // as they are
    declared,  // YBR_FULL and YBR_FULL_422 become RGB; others stay
    rgb,       // what has three samples is taken for YBR_FULL and becomes RGB
};

/// What becomes of the samples.
struct ReadPixels {
    Color color = Color::declared;
    bool settle_bits = true;  // unused bits get the value that the sample's own bits stand for
    DecodeOptions decode;
    unsigned threads = 1;
};

class PixelReader {
  public:
    /// The pixels of an item of `draft`, mostly its root; both must outlive this. Throws Error:
    /// codec, limit, unsupported.
    PixelReader(const data::Draft& draft, const data::Item& item, const intake::Limits& limits,
                OffsetTables tables = OffsetTables::use);
    PixelReader(const PixelReader&) = delete;
    PixelReader& operator=(const PixelReader&) = delete;

    [[nodiscard]] const PixelModule& module() const noexcept { return module_; }
    [[nodiscard]] bool is_native() const noexcept { return native_.has_value(); }
    [[nodiscard]] const NativePixels& native() const { return *native_; }
    [[nodiscard]] const CodedFrames& coded() const { return *coded_; }
    /// Only of encapsulated pixel data.
    [[nodiscard]] const Codec& codec() const { return *codec_; }

    /// Frames one behind the other (module().format.bytes() each) into `out`; returns what the
    /// last of them was found to be.
    StreamFormat read(std::uint64_t first, std::uint64_t count, const ReadPixels& options,
                      std::uint8_t* out, const runtime::StepProgress& progress = {}) const;
    /// The photometric interpretation of what `read` gives.
    [[nodiscard]] std::string photometric_interpretation(const ReadPixels& options,
                                                         const StreamFormat& found) const;
    /// Bits of a sample that count in native data, where they are fewer than its cell has; else 0.
    [[nodiscard]] unsigned bits_to_settle() const;

  private:
    StreamFormat read_frame(std::uint64_t frame, const ReadPixels& options,
                            std::uint8_t* out) const;
    [[nodiscard]] unsigned bits_to_settle(const StreamFormat& found) const;
    [[nodiscard]] bool becomes_rgb(const ReadPixels& options) const;
    [[nodiscard]] bool is_forced(const ReadPixels& options) const;

    PixelModule module_;
    const Codec* codec_ = nullptr;
    std::optional<NativePixels> native_;
    std::optional<CodedFrames> coded_;
};

}  // namespace dcmtk_native::codec
