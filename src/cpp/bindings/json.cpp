// dcm2json: the model as Python objects, and as text where a path is given.
#include "bindings.hpp"
#include "choices.hpp"
#include "data/json_text.hpp"
#include "json_sink.hpp"
#include "runtime/call_scope.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::data::JsonBinary,
                     {"inline", dcmtk_native::data::JsonBinary::inline_base64},
                     {"omit", dcmtk_native::data::JsonBinary::omit});

namespace dcmtk_native::bindings {

namespace {

struct Dcm2jsonOptions : data::JsonOptions {
    data::ReadOptions read;
    bool compact;
};

/// The model, and whether an element of it has the form of the native XML model.
py::tuple dcm2json(const runtime::Input& input, const runtime::Output& output,
                   const Dcm2jsonOptions& options) {
    std::shared_ptr<const data::Dataset> dataset;
    {
        const py::gil_scoped_release released;
        dataset = data::Dataset::read(input, options.read);
    }
    JsonObjects objects;
    const data::JsonReport report = write_json(*dataset, options, objects);
    for (const std::string& warning : report.warnings)
        runtime::log(runtime::log_level::warn, "data", warning);
    if (output.path) {
        const py::gil_scoped_release released;
        const auto layout = options.compact ? data::JsonLayout::compact : data::JsonLayout::formatted;
        (void)write_output(output, [&](runtime::Sink& sink) {
            (void)write_json_text(*dataset, options, layout, sink);
        });
    }
    return py::make_tuple(objects.take(), report.source == data::JsonSource::xml);
}

}  // namespace

void bind_json(py::module_& data) {
    OptionsBinder<Dcm2jsonOptions>(data, "Dcm2jsonOptions")
        .field("read", &Dcm2jsonOptions::read)
        .field<bool>("write_meta", &Dcm2jsonOptions::write_meta)
        .field<bool>("encode_extended", &Dcm2jsonOptions::encode_extended)
        .field<data::JsonBinary>("binary", &Dcm2jsonOptions::binary)
        .field<bool>("direct_only", &Dcm2jsonOptions::direct_only)
        .field("compact", &Dcm2jsonOptions::compact)
        .finish();
    // Releases the GIL itself: for reading and for the text, not while it makes objects.
    data.def("dcm2json", &dcm2json, py::arg("input"), py::arg("output"), py::arg("options"));
}

}  // namespace dcmtk_native::bindings
