// Data sets through libdcmjpeg's encoders, which also scale, window and relabel as DCMTK's dcmcjpeg
// does. Parameters are those of the call: no registry, no state of the process.
#pragma once

#include <cstdint>

#include "data/draft.hpp"
#include "intake/limits.hpp"
#include "runtime/parallel.hpp"

namespace dcmtk_native::codec {

enum class JpegProcess : std::uint8_t {
    lossless_sv1,
    lossless,
    baseline,
    extended,
    spectral_selection,
    progressive,
    lossy,  // baseline up to 8 bits a sample, else extended
};
/// The bits of a sample in the stream; `automatic`: as many as are stored, as far as the process can.
enum class JpegBits : std::uint8_t { automatic, eight, twelve, sixteen };
/// What a colour image becomes in a lossy stream.
enum class JpegColorSpace : std::uint8_t { ybr, rgb, monochrome };
/// How often the chroma of a lossy stream is sampled, and whether the data set says YBR_FULL (full)
/// or YBR_FULL_422.
enum class JpegSampling : std::uint8_t { s422, s444, s422_full, s411_full, s411 };
enum class SopClass : std::uint8_t { keep, secondary_capture };
enum class UidCreation : std::uint8_t { automatic, always, never };

/// The VOI transformation that grey values go through before they are encoded (G-VOI).
struct Window {
    enum class Kind : std::uint8_t { none, index, lut, min_max, min_max_n, set, roi, histogram };
    Kind kind;
    std::uint32_t number;  // of `index` and `lut`, counted from 1; percent of `histogram`
    double center;
    double width;
    std::uint32_t left;  // of `roi`
    std::uint32_t top;
    std::uint32_t columns;
    std::uint32_t rows;
};

struct ToolkitJpegOptions {
    JpegProcess process;
    /// Lossless: the cells as they stand. False: grey values and colours as dcmimgle renders them,
    /// which lossless processes keep, though not always all of their bits.
    bool true_lossless;
    int selection_value;  // of JpegProcess::lossless, 1 to 7
    int point_transform;  // of lossless processes, 0 to 15
    int quality;          // of lossy ones, 0 to 100
    int smoothing;        // 0 to 100
    bool optimize_huffman;
    JpegBits bits;
    JpegColorSpace color_space;
    JpegSampling sampling;
    Window window;
    bool scale_to_range;  // of the values that are possible, not of those that occur
    bool map_rescale;     // rescale slope and intercept lead back to the values of the input
    bool accept_acr_nema;
    bool accept_palettes;
    std::uint32_t fragment_size;  // kilobytes; 0: a fragment a frame
    bool offset_table;
    SopClass sop_class;
    UidCreation uid;
};

/// Nothing of the pixels changes, neither their values nor their colours.
[[nodiscard]] bool keeps_cells(const ToolkitJpegOptions& options);

/// The draft with its pixel data (icons too) compressed, and the attributes that go with it. The
/// pixel data must be native. Throws Error: codec when there is none, or what is claimed of it is
/// impossible, or libdcmjpeg cannot encode it; limit. `progress` is told of the frames of the image,
/// not of icons.
[[nodiscard]] data::Draft compress_by_toolkit(const data::Draft& draft,
                                              const ToolkitJpegOptions& options,
                                              const intake::Limits& limits,
                                              const runtime::StepProgress& progress = {});

}  // namespace dcmtk_native::codec
