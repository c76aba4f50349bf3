// Files from one transfer syntax to another: what dcmcrle, dcmcjpls, dcmdrle, dcmdjpeg and dcmdjpls
// have in common.
#pragma once

#include <optional>
#include <string>

#include "codec/recoding/compress.hpp"
#include "codec/recoding/decompress.hpp"
#include "data/read_options.hpp"
#include "data/writer.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::codec {

struct CompressOptions {
    data::ReadOptions read;
    Compression compression;
    data::WriteOptions write;
};
struct DecompressOptions {
    data::ReadOptions read;
    Decompression decompression;
    data::WriteOptions write;
};

/// The bytes, when the output is no path. Pixel data that is in the syntax already stays as it is:
/// it loses nothing a second time.
[[nodiscard]] std::optional<std::string> compress_file(const runtime::Input& input,
                                                       const runtime::Output& output,
                                                       CompressOptions options);
[[nodiscard]] std::optional<std::string> decompress_file(const runtime::Input& input,
                                                         const runtime::Output& output,
                                                         DecompressOptions options);

}  // namespace dcmtk_native::codec
