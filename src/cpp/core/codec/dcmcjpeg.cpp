#include "codec/codec.hpp"
#include "codec/recoding/decompress.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::string_view media_storage_directory = "1.2.840.10008.1.3.10";

void refuse_dicomdir(const data::Draft& draft) {
    if (draft.text_of(draft.meta, runtime::tags::media_storage_sop_class_uid) ==
        media_storage_directory)
        runtime::raise(runtime::ErrorKind::codec, "a DICOMDIR has no pixel data to compress");
}

/// The one place that decides which encoder a data set goes through.
data::Draft compress(const data::Draft& draft, const DcmcjpegOptions& options) {
    return compress_by_toolkit(draft, options.jpeg, options.read.limits, options.progress);
}

}  // namespace

std::optional<std::string> dcmcjpeg(const runtime::Input& input, const runtime::Output& output,
                                    const DcmcjpegOptions& options) {
    data::Draft draft =
        data::Draft::read(input, options.read, data::ParseOptions::defaults());
    refuse_dicomdir(draft);
    Decompression decoding;
    decoding.color =
        keeps_cells(options.jpeg) ? ColorConversion::never : options.color_conversion;
    decoding.decode = options.decode;
    decoding.limits = options.read.limits;
    decompress(draft, decoding);
    const data::Draft compressed = compress(draft, options);
    data::WriteOptions writing = options.write;
    writing.mode = data::WriteMode::update_meta;
    writing.transfer_syntax = compressed.transfer_syntax;
    writing.correct_padding = true;
    return runtime::write_output(
        output, [&](runtime::Sink& sink) { data::write(compressed, writing, sink); });
}

}  // namespace dcmtk_native::codec
