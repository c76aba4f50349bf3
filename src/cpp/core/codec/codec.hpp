// The room's table of contents: every options struct and tool function.
#pragma once

#include <optional>
#include <string>

#include "codec/recoding/decompress.hpp"
#include "codec/table.hpp"
#include "codec/toolkit/jpeg.hpp"
#include "data/read_options.hpp"
#include "data/writer.hpp"
#include "runtime/files.hpp"
#include "runtime/parallel.hpp"

namespace dcmtk_native::codec {

// ---- dcmcjpeg ----

struct DcmcjpegOptions {
    data::ReadOptions read;
    ColorConversion color_conversion;  // of an input that is compressed
    DecodeOptions decode;              // ybr_to_rgb is left to color_conversion
    ToolkitJpegOptions jpeg;
    data::WriteOptions write;  // mode and transfer syntax are left to the tool
    runtime::StepProgress progress;
};

/// The bytes, when the output is no path.
[[nodiscard]] std::optional<std::string> dcmcjpeg(const runtime::Input& input,
                                                  const runtime::Output& output,
                                                  const DcmcjpegOptions& options);

}  // namespace dcmtk_native::codec
