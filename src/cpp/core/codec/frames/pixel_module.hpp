// What a data set says of its pixels: the image pixel module (PS3.3 section C.7.6.3), checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "codec/frame_format.hpp"
#include "data/draft.hpp"
#include "intake/limits.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::codec {

namespace tags {
constexpr runtime::Tag samples_per_pixel = 0x00280002;
constexpr runtime::Tag photometric_interpretation = 0x00280004;
constexpr runtime::Tag planar_configuration = 0x00280006;
constexpr runtime::Tag number_of_frames = 0x00280008;
constexpr runtime::Tag rows = 0x00280010;
constexpr runtime::Tag columns = 0x00280011;
constexpr runtime::Tag bits_allocated = 0x00280100;
constexpr runtime::Tag bits_stored = 0x00280101;
constexpr runtime::Tag high_bit = 0x00280102;
constexpr runtime::Tag pixel_representation = 0x00280103;
constexpr runtime::Tag extended_offset_table = 0x7FE00001;
constexpr runtime::Tag extended_offset_table_lengths = 0x7FE00002;
constexpr runtime::Tag float_pixel_data = 0x7FE00008;
constexpr runtime::Tag double_float_pixel_data = 0x7FE00009;
constexpr runtime::Tag pixel_data = 0x7FE00010;
}  // namespace tags

struct PixelModule {
    /// Of a frame in memory: samples by pixel, a byte for each bit where one bit is stored.
    FrameFormat format;
    std::uint64_t frames = 1;
    std::string photometric_interpretation;
    bool by_plane = false;  // as stored: all samples of one kind, then all of the next
    bool is_float = false;  // 32 or 64 bit, by the pixel data element
    bool is_bits = false;   // one bit a pixel, packed over the borders of rows and frames
    runtime::Tag element = tags::pixel_data;

    /// Colors with one pair of chroma for two pixels in native data (PS3.3 section C.7.6.3.1.2).
    [[nodiscard]] bool is_subsampled() const;
    /// Luminance and chroma of the data set, not of a transform that belongs to its streams.
    [[nodiscard]] bool is_full_ybr() const;
    /// Bytes of all frames in memory; checked not to overflow.
    [[nodiscard]] std::uint64_t bytes() const { return frames * format.bytes(); }
    /// Bits of a frame as native pixel data has it.
    [[nodiscard]] std::uint64_t native_frame_bits() const;
};

/// Of the data set itself, or of an item in it (an icon has pixels of its own). Throws Error: codec
/// (no pixel data, an attribute missing or beyond what there are codecs for),
/// limit (max_pixel_bytes).
[[nodiscard]] PixelModule read_pixel_module(const data::Draft& draft, const data::Item& item,
                                            const intake::Limits& limits);

}  // namespace dcmtk_native::codec
