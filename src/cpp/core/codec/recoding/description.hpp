// What the attributes of a compressed image say of its compression.
#pragma once

#include "codec/frames/pixel_module.hpp"
#include "codec/recoding/compress.hpp"
#include "codec/table.hpp"
#include "data/draft.hpp"

namespace dcmtk_native::codec {

/// Sets photometric interpretation and planar configuration to those of the streams; of what is
/// lossy also a new UID, ImageType, derivation, ratio and method, as the options have it. `ratio`:
/// uncompressed to compressed.
void describe_compression(data::Draft& draft, const Codec& codec, const PixelModule& module,
                          const Compression& options, double ratio);

}  // namespace dcmtk_native::codec
