// Files from one transfer syntax to another.
#include <optional>
#include <string>
#include <utility>

#include "bindings.hpp"
#include "codec/recoding/recode.hpp"
#include "codec_options.hpp"
#include "data/draft_builder.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::codec::PlanarOutput,
                     {"restore", dcmtk_native::codec::PlanarOutput::restore},
                     {"auto", dcmtk_native::codec::PlanarOutput::automatic},
                     {"by-pixel", dcmtk_native::codec::PlanarOutput::by_pixel},
                     {"by-plane", dcmtk_native::codec::PlanarOutput::by_plane});
DCMTK_NATIVE_CHOICES(dcmtk_native::codec::NewUid,
                     {"default", dcmtk_native::codec::NewUid::if_lossy},
                     {"always", dcmtk_native::codec::NewUid::always},
                     {"never", dcmtk_native::codec::NewUid::never});

namespace dcmtk_native::bindings {

namespace {

std::optional<py::bytes> compress_file(const runtime::Input& input, const runtime::Output& output,
                                       codec::CompressOptions options,
                                       const py::object& on_progress) {
    options.compression.progress = progress_of(on_progress);
    std::optional<std::string> bytes;
    {
        const py::gil_scoped_release released;
        bytes = codec::compress_file(input, output, std::move(options));
    }
    return to_bytes(bytes);
}

std::optional<py::bytes> decompress_file(const runtime::Input& input, const runtime::Output& output,
                                         codec::DecompressOptions options,
                                         const py::object& on_progress) {
    options.decompression.progress = progress_of(on_progress);
    std::optional<std::string> bytes;
    {
        const py::gil_scoped_release released;
        bytes = codec::decompress_file(input, output, std::move(options));
    }
    return to_bytes(bytes);
}

}  // namespace

void bind_recode(py::module_& codec) {
    OptionsBinder<codec::Decompression>(codec, "Decompression")
        .field("color", &codec::Decompression::color)
        .field("planar", &codec::Decompression::planar)
        .field("new_uid", &codec::Decompression::new_uid)
        .field("ignore_offset_table", &codec::Decompression::ignore_offset_table)
        .field("decode", &codec::Decompression::decode)
        .field("threads", &codec::Decompression::threads)
        .finish();
    OptionsBinder<codec::Compression>(codec, "Compression")
        .field("transfer_syntax", &codec::Compression::transfer_syntax)
        .field("encode", &codec::Compression::encode)
        .field("fragment_size", &codec::Compression::fragment_size)
        .field("offset_table", &codec::Compression::offset_table)
        .field("uid", &codec::Compression::uid)
        .field("to_secondary_capture", &codec::Compression::to_secondary_capture)
        .field("only_stored_bits", &codec::Compression::only_stored_bits)
        .field("interleave_as_stored", &codec::Compression::interleave_as_stored)
        .field("zero_padding", &codec::Compression::zero_padding)
        .field("threads", &codec::Compression::threads)
        .finish();
    OptionsBinder<codec::CompressOptions>(codec, "CompressOptions")
        .field("read", &codec::CompressOptions::read)
        .field("compression", &codec::CompressOptions::compression)
        .field("write", &codec::CompressOptions::write)
        .finish();
    OptionsBinder<codec::DecompressOptions>(codec, "DecompressOptions")
        .field("read", &codec::DecompressOptions::read)
        .field("decompression", &codec::DecompressOptions::decompression)
        .field("write", &codec::DecompressOptions::write)
        .finish();
    def_tool(codec, "compress_draft", [](data::DraftBuilder& draft, const codec::Compression& options) {
        codec::compress(draft.draft(), options);
    }, py::arg("draft"), py::arg("options"));
    // Both release the GIL themselves: their bytes become objects under it.
    codec.def("compress_file", &compress_file, py::arg("input"), py::arg("output"),
              py::arg("options"), py::arg("on_progress").none(true));
    codec.def("decompress_file", &decompress_file, py::arg("input"), py::arg("output"),
              py::arg("options"), py::arg("on_progress").none(true));
}

}  // namespace dcmtk_native::bindings
