// Single frames through the codecs.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "codec/table.hpp"
#include "codec_options.hpp"
#include "runtime/error.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

void check_size(std::size_t given, const codec::FrameFormat& format) {
    if (given != format.bytes())
        runtime::raise(runtime::ErrorKind::options, std::to_string(given) + " bytes for a frame of " +
                                                        std::to_string(format.bytes()));
}

codec::StreamFormat decode_frame(const std::string& transfer_syntax, const py::buffer& coded,
                                 const codec::FrameFormat& format,
                                 const codec::DecodeOptions& options, const py::buffer& out) {
    const runtime::Buffer stream = hold_buffer(coded);
    const Destination target(out);
    check_size(target.size(), format);
    const py::gil_scoped_release released;
    return codec::codec_of(transfer_syntax).decode(stream.bytes, format, options, target.data());
}

py::bytes encode_frame(const std::string& transfer_syntax, const py::buffer& pixels,
                       const codec::FrameFormat& format, const codec::EncodeOptions& options) {
    const runtime::Buffer frame = hold_buffer(pixels);
    check_size(frame.bytes.size(), format);
    std::string coded;
    {
        const py::gil_scoped_release released;
        const codec::Codec& codec = codec::codec_of(transfer_syntax);
        if (codec.encode == nullptr)
            runtime::raise(runtime::ErrorKind::codec, "no encoder of " + transfer_syntax);
        coded = codec.encode(reinterpret_cast<const std::uint8_t*>(frame.bytes.data()), format, options);
    }
    return py::bytes(coded);
}

}  // namespace

void bind_codec(py::module_& codec) {
    OptionsBinder<codec::FrameFormat>(codec, "FrameFormat")
        .field("rows", &codec::FrameFormat::rows)
        .field("columns", &codec::FrameFormat::columns)
        .field("samples", &codec::FrameFormat::samples)
        .field("bits_allocated", &codec::FrameFormat::bits_allocated)
        .field("bits_stored", &codec::FrameFormat::bits_stored)
        .field("is_signed", &codec::FrameFormat::is_signed)
        .finish();
    OptionsBinder<codec::DecodeOptions>(codec, "DecodeOptions")
        .field("ybr_to_rgb", &codec::DecodeOptions::ybr_to_rgb)
        .field("workaround_predictor6", &codec::DecodeOptions::workaround_predictor6)
        .field("workaround_cornell", &codec::DecodeOptions::workaround_cornell)
        .field("workaround_incomplete", &codec::DecodeOptions::workaround_incomplete)
        .field("reverse_byte_order", &codec::DecodeOptions::reverse_byte_order)
        .field("threads", &codec::DecodeOptions::threads)
        .finish();
    OptionsBinder<codec::EncodeOptions>(codec, "EncodeOptions")
        .field("is_rgb", &codec::EncodeOptions::is_rgb)
        .field("quality", &codec::EncodeOptions::quality)
        .field("subsampling", &codec::EncodeOptions::subsampling)
        .field("optimize_huffman", &codec::EncodeOptions::optimize_huffman)
        .field("smoothing", &codec::EncodeOptions::smoothing)
        .field("predictor", &codec::EncodeOptions::predictor)
        .field("point_transform", &codec::EncodeOptions::point_transform)
        .field("max_deviation", &codec::EncodeOptions::max_deviation)
        .field("interleave", &codec::EncodeOptions::interleave)
        .field("threshold1", &codec::EncodeOptions::threshold1)
        .field("threshold2", &codec::EncodeOptions::threshold2)
        .field("threshold3", &codec::EncodeOptions::threshold3)
        .field("reset", &codec::EncodeOptions::reset)
        .field("compression_ratio", &codec::EncodeOptions::compression_ratio)
        .field("psnr", &codec::EncodeOptions::psnr)
        .field("threads", &codec::EncodeOptions::threads)
        .finish();
    codec.def("readable_syntaxes", [] {
        std::vector<std::pair<std::string_view, bool>> found;
        for (const codec::Readable& syntax : codec::readable_syntaxes())
            found.emplace_back(syntax.transfer_syntax, syntax.is_writable);
        return found;
    });
    py::class_<codec::StreamFormat>(codec, "StreamFormat")
        .def_readonly("precision", &codec::StreamFormat::precision)
        .def_readonly("is_signed", &codec::StreamFormat::is_signed)
        .def_readonly("is_rgb", &codec::StreamFormat::is_rgb);
    // Both release the GIL themselves: their buffers are held and given back under it.
    codec.def("decode_frame", &decode_frame, py::arg("transfer_syntax"), py::arg("coded"),
              py::arg("format"), py::arg("options"), py::arg("out"));
    codec.def("encode_frame", &encode_frame, py::arg("transfer_syntax"), py::arg("pixels"),
              py::arg("format"), py::arg("options"));
}

}  // namespace dcmtk_native::bindings
