// The table of contents: one call a file, in order of dependency.
#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
    namespace bindings = dcmtk_native::bindings;
    namespace py = pybind11;
    module.doc() = "The native half of dcmtk_native. Not a public interface.";
    auto runtime = module.def_submodule("runtime", "Calls, errors, logs, dictionary, text.");
    auto data = module.def_submodule("data", "Data sets and the tools that read and write them.");
    auto codec = module.def_submodule("codec", "Frames of pixel data, native and compressed.");
    auto scan = module.def_submodule("scan", "Values of many files as columns.");
    auto convert = module.def_submodule("convert", "Other formats to DICOM and back.");
    auto network = module.def_submodule("network", "Associations and what goes over them.");
    auto servers = module.def_submodule("servers", "Servers inside this process.");
    bindings::bind_errors(runtime);
    bindings::bind_runtime(runtime);
    bindings::bind_text(runtime);
    bindings::bind_read_options(data);
    bindings::bind_parse_options(data);
    bindings::bind_write_options(data);
    bindings::bind_draft(data);
    bindings::bind_dataset(data);
    bindings::bind_json(data);
    bindings::bind_dump(data);
    bindings::bind_edit(data);
    bindings::bind_codec(codec);
    bindings::bind_pixels(codec);
    bindings::bind_recode(codec);
    bindings::bind_codec_tools(codec);
    bindings::bind_scan(scan);
    bindings::bind_convert(convert);
    bindings::bind_tls(network);
    bindings::bind_network(network);
    bindings::bind_servers(servers);
    bindings::bind_running_server(servers);
    bindings::bind_storage_server(servers);
    bindings::bind_session_server(servers);
}
