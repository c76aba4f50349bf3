// Encapsulated pixel data of a data set as native pixel data.
#pragma once

#include <cstdint>

#include "codec/table.hpp"
#include "data/draft.hpp"
#include "intake/limits.hpp"
#include "runtime/parallel.hpp"

namespace dcmtk_native::codec {

/// DCMTK's --conv-photometric, --conv-lossy, --conv-guess, --conv-guess-lossy, --conv-always and
/// --conv-never: when YCbCr becomes RGB.
enum class ColorConversion : std::uint8_t {
    photometric,  // if the data set says YCbCr
    lossy,        // the same, but only of lossy streams
    guess,        // if the stream looks like it
    guess_lossy,
    always,
    never,
};
/// How samples of colors lie in the result.
enum class PlanarOutput : std::uint8_t {
    restore,    // as Planar Configuration says
    automatic,  // by pixel, but for the old IODs that demand planes
    by_pixel,
    by_plane,
};

struct Decompression {
    ColorConversion color = ColorConversion::photometric;
    PlanarOutput planar = PlanarOutput::automatic;
    bool new_uid = false;
    bool ignore_offset_table = false;
    DecodeOptions decode;
    unsigned threads = 1;
    intake::Limits limits;
    runtime::StepProgress progress;
};

/// The pixel data of `draft`, that of icons within it too, becomes native, and the attributes say
/// so; nothing happens to a draft without encapsulated pixel data. Throws Error: codec, limit, unsupported.
void decompress(data::Draft& draft, const Decompression& options);

}  // namespace dcmtk_native::codec
