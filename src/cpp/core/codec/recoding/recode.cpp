#include "codec/recoding/recode.hpp"

#include "data/dataset.hpp"
#include "data/draft.hpp"
#include "runtime/transfer_syntax.hpp"

namespace dcmtk_native::codec {

namespace {

std::optional<std::string> write_file(const data::Draft& draft, const runtime::Output& output,
                                      const data::WriteOptions& options) {
    return runtime::write_output(
        output, [&](runtime::Sink& sink) { data::write(draft, options, sink); });
}

}  // namespace

std::optional<std::string> compress_file(const runtime::Input& input, const runtime::Output& output,
                                         CompressOptions options) {
    data::Draft draft(data::Dataset::read(input, options.read));
    options.compression.decode.limits = options.read.limits;
    if (draft.transfer_syntax != options.compression.transfer_syntax)
        compress(draft, options.compression);
    return write_file(draft, output, options.write);
}

std::optional<std::string> decompress_file(const runtime::Input& input,
                                           const runtime::Output& output,
                                           DecompressOptions options) {
    data::Draft draft(data::Dataset::read(input, options.read));
    options.decompression.limits = options.read.limits;
    decompress(draft, options.decompression);
    return write_file(draft, output, options.write);
}

}  // namespace dcmtk_native::codec
