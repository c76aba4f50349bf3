// dcmcjpeg.
#include <optional>
#include <string>

#include "bindings.hpp"
#include "codec/codec.hpp"
#include "codec_options.hpp"
#include "support.hpp"

namespace codec = dcmtk_native::codec;

DCMTK_NATIVE_CHOICES(codec::JpegProcess, {"lossless-sv1", codec::JpegProcess::lossless_sv1},
                     {"lossless", codec::JpegProcess::lossless},
                     {"baseline", codec::JpegProcess::baseline},
                     {"extended", codec::JpegProcess::extended},
                     {"spectral", codec::JpegProcess::spectral_selection},
                     {"progressive", codec::JpegProcess::progressive},
                     {"lossy", codec::JpegProcess::lossy});
DCMTK_NATIVE_CHOICES(codec::JpegBits, {"auto", codec::JpegBits::automatic},
                     {"8", codec::JpegBits::eight}, {"12", codec::JpegBits::twelve},
                     {"16", codec::JpegBits::sixteen});
DCMTK_NATIVE_CHOICES(codec::JpegColorSpace, {"ybr", codec::JpegColorSpace::ybr},
                     {"rgb", codec::JpegColorSpace::rgb},
                     {"monochrome", codec::JpegColorSpace::monochrome});
DCMTK_NATIVE_CHOICES(codec::JpegSampling, {"422", codec::JpegSampling::s422},
                     {"444", codec::JpegSampling::s444},
                     {"422-full", codec::JpegSampling::s422_full},
                     {"411-full", codec::JpegSampling::s411_full},
                     {"411", codec::JpegSampling::s411});
DCMTK_NATIVE_CHOICES(codec::SopClass, {"keep", codec::SopClass::keep},
                     {"sc", codec::SopClass::secondary_capture});
DCMTK_NATIVE_CHOICES(codec::UidCreation, {"default", codec::UidCreation::automatic},
                     {"always", codec::UidCreation::always}, {"never", codec::UidCreation::never});
DCMTK_NATIVE_CHOICES(codec::Window::Kind, {"none", codec::Window::Kind::none},
                     {"index", codec::Window::Kind::index}, {"lut", codec::Window::Kind::lut},
                     {"min-max", codec::Window::Kind::min_max},
                     {"min-max-n", codec::Window::Kind::min_max_n},
                     {"set", codec::Window::Kind::set}, {"roi", codec::Window::Kind::roi},
                     {"histogram", codec::Window::Kind::histogram});

namespace dcmtk_native::bindings {

namespace {

std::optional<py::bytes> dcmcjpeg(const runtime::Input& input, const runtime::Output& output,
                                  codec::DcmcjpegOptions options,
                                  const py::object& on_progress) {
    options.progress = progress_of(on_progress);
    std::optional<std::string> bytes;
    {
        const py::gil_scoped_release released;
        bytes = codec::dcmcjpeg(input, output, options);
    }
    return to_bytes(bytes);
}

void bind_window(py::module_& module) {
    using Window = codec::Window;
    OptionsBinder<Window>(module, "Window")
        .field("kind", &Window::kind)
        .field("number", &Window::number)
        .field("center", &Window::center)
        .field("width", &Window::width)
        .field("left", &Window::left)
        .field("top", &Window::top)
        .field("columns", &Window::columns)
        .field("rows", &Window::rows)
        .finish();
}

void bind_jpeg_options(py::module_& module) {
    using Options = codec::ToolkitJpegOptions;
    OptionsBinder<Options>(module, "ToolkitJpegOptions")
        .field("process", &Options::process)
        .field("true_lossless", &Options::true_lossless)
        .field("selection_value", &Options::selection_value)
        .field("point_transform", &Options::point_transform)
        .field("quality", &Options::quality)
        .field("smoothing", &Options::smoothing)
        .field("optimize_huffman", &Options::optimize_huffman)
        .field("bits", &Options::bits)
        .field("color_space", &Options::color_space)
        .field("sampling", &Options::sampling)
        .field("window", &Options::window)
        .field("scale_to_range", &Options::scale_to_range)
        .field("map_rescale", &Options::map_rescale)
        .field("accept_acr_nema", &Options::accept_acr_nema)
        .field("accept_palettes", &Options::accept_palettes)
        .field("fragment_size", &Options::fragment_size)
        .field("offset_table", &Options::offset_table)
        .field("sop_class", &Options::sop_class)
        .field("uid", &Options::uid)
        .finish();
}

}  // namespace

void bind_codec_tools(py::module_& module) {
    bind_window(module);
    bind_jpeg_options(module);
    OptionsBinder<codec::DcmcjpegOptions>(module, "DcmcjpegOptions")
        .field("read", &codec::DcmcjpegOptions::read)
        .field("color_conversion", &codec::DcmcjpegOptions::color_conversion)
        .field("decode", &codec::DcmcjpegOptions::decode)
        .field("jpeg", &codec::DcmcjpegOptions::jpeg)
        .field("write", &codec::DcmcjpegOptions::write)
        .finish();
    // Releases the GIL itself: its bytes become an object under it.
    module.def("dcmcjpeg", &dcmcjpeg, py::arg("input"), py::arg("output"), py::arg("options"),
               py::arg("on_progress").none(true));
}

}  // namespace dcmtk_native::bindings
