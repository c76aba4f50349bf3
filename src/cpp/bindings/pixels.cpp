// Pixel data as memory that numpy sees.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "choices.hpp"
#include "codec/frames/pixel_reader.hpp"
#include "codec/frames/unused_bits.hpp"
#include "codec_options.hpp"
#include "data/dataset.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

/// Bytes that stay where they are; exported read-only by the buffer protocol.
struct PixelView {
    runtime::Buffer buffer;
};

/// The pixel data of one input. Never changes, so threads may share it.
class Pixels {
  public:
    Pixels(const runtime::Input& input, const data::ReadOptions& options)
        : draft_(data::Dataset::read(input, options)),
          reader_(draft_, draft_.root, options.limits) {}

    [[nodiscard]] const data::Draft& draft() const { return draft_; }
    [[nodiscard]] const codec::PixelModule& module() const { return reader_.module(); }
    [[nodiscard]] const codec::PixelReader& reader() const { return reader_; }

  private:
    data::Draft draft_;
    codec::PixelReader reader_;
};

/// The native bytes of all frames where they are, or None if frames have to be made from them.
std::optional<PixelView> view(const Pixels& pixels) {
    const codec::PixelReader& reader = pixels.reader();
    if (!reader.is_native() || !reader.native().is_plain()) return std::nullopt;
    return PixelView{reader.native().view()};
}

/// Whether the unused bits of these frames of the view are what their samples stand for.
bool is_settled(const Pixels& pixels, const PixelView& view, std::uint64_t first,
                std::uint64_t count) {
    const codec::FrameFormat& format = pixels.module().format;
    return unused_bits_are_settled(
        reinterpret_cast<const std::uint8_t*>(view.buffer.bytes.data()) + first * format.bytes(),
        count * format.pixels() * format.samples, format, pixels.reader().bits_to_settle());
}

/// Frames one behind the other into a writable buffer.
void read(const Pixels& pixels, std::uint64_t first, std::uint64_t count,
                 const codec::ReadPixels& options, const py::buffer& out,
                 const py::object& on_progress) {
    const Destination target(out);
    const codec::PixelModule& module = pixels.module();
    if (first > module.frames || count > module.frames - first ||
        target.size() != count * module.format.bytes())
        throw py::value_error("the buffer has not the size of the frames");
    const runtime::StepProgress progress = progress_of(on_progress);
    const py::gil_scoped_release released;
    (void)pixels.reader().read(first, count, options, target.data(), progress);
}

using Span = std::pair<std::uint64_t, std::uint64_t>;

/// Of each frame the (offset, length) of its pieces in the input; None if the bytes of the input
/// are not those of the frames (a deflated or repaired data set).
std::optional<std::vector<std::vector<Span>>> frame_index(const Pixels& pixels) {
    if (!pixels.draft().dataset->is_indexed_in_place()) return std::nullopt;
    const codec::PixelReader& reader = pixels.reader();
    std::vector<std::vector<Span>> frames(pixels.module().frames);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        if (reader.is_native()) {
            const auto range = reader.native().range_in_source(i);
            frames[i].emplace_back(range.offset, range.length);
        } else {
            for (const auto* part = reader.coded().begin(i); part != reader.coded().end(i); ++part)
                frames[i].emplace_back(part->offset, part->length);
        }
    }
    return frames;
}

/// One frame's stream as it is stored.
py::bytes coded_frame(const Pixels& pixels, std::uint64_t frame) {
    if (pixels.reader().is_native() || frame >= pixels.module().frames)
        throw py::value_error("no such compressed frame");
    std::string store;
    std::string_view stream;
    {
        const py::gil_scoped_release released;
        stream = pixels.reader().coded().stream(frame, store);
    }
    return {stream.data(), stream.size()};
}

}  // namespace

}  // namespace dcmtk_native::bindings

DCMTK_NATIVE_CHOICES(dcmtk_native::codec::Color,
                     {"stored", dcmtk_native::codec::Color::stored},
                     {"declared", dcmtk_native::codec::Color::declared},
                     {"rgb", dcmtk_native::codec::Color::rgb});

namespace dcmtk_native::bindings {

void bind_pixels(py::module_& codec) {
    OptionsBinder<codec::ReadPixels>(codec, "ReadPixels")
        .field("color", &codec::ReadPixels::color)
        .field("settle_bits", &codec::ReadPixels::settle_bits)
        .field("decode", &codec::ReadPixels::decode)
        .field("threads", &codec::ReadPixels::threads)
        .finish();
    py::class_<PixelView>(codec, "PixelView", py::buffer_protocol())
        .def_buffer([](const PixelView& held) {
            const std::string_view bytes = held.buffer.bytes;
            return py::buffer_info(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                   static_cast<py::ssize_t>(bytes.size()));
        });
    py::class_<Pixels, std::shared_ptr<Pixels>>(codec, "Pixels")
        .def(py::init<const runtime::Input&, const data::ReadOptions&>(),
             py::call_guard<py::gil_scoped_release>(), py::arg("input"), py::arg("options"))
        .def_property_readonly("rows", [](const Pixels& self) { return self.module().format.rows; })
        .def_property_readonly("columns",
                               [](const Pixels& self) { return self.module().format.columns; })
        .def_property_readonly("samples",
                               [](const Pixels& self) { return self.module().format.samples; })
        .def_property_readonly(
            "bits_allocated", [](const Pixels& self) { return self.module().format.bits_allocated; })
        .def_property_readonly("bits_stored",
                               [](const Pixels& self) { return self.module().format.bits_stored; })
        .def_property_readonly("is_signed",
                               [](const Pixels& self) { return self.module().format.is_signed; })
        .def_property_readonly("is_float",
                               [](const Pixels& self) { return self.module().is_float; })
        .def_property_readonly("is_native",
                               [](const Pixels& self) { return self.reader().is_native(); })
        .def_property_readonly("frames", [](const Pixels& self) { return self.module().frames; })
        .def_property_readonly(
            "photometric_interpretation",
            [](const Pixels& self) -> py::str {
                return to_str(self.module().photometric_interpretation);
            })
        .def(
            "photometric_interpretation_of",
            [](const Pixels& self, const codec::ReadPixels& options) -> py::str {
                return to_str(self.reader().photometric_interpretation(options, {}));
            },
            py::arg("options"))
        .def_property_readonly(
            "transfer_syntax",
            [](const Pixels& self) -> py::str { return to_str(self.draft().transfer_syntax); })
        .def("view", &view, py::call_guard<py::gil_scoped_release>())
        .def("is_settled", &is_settled, py::call_guard<py::gil_scoped_release>(), py::arg("view"),
             py::arg("first"), py::arg("count"))
        .def("frame_index", &frame_index)
        // Both release the GIL themselves: their buffers are held and made under it.
        .def("coded_frame", &coded_frame, py::arg("frame"))
        .def("read", &read, py::arg("first"), py::arg("count"), py::arg("options"), py::arg("out"),
             py::arg("on_progress").none(true));
}

}  // namespace dcmtk_native::bindings
