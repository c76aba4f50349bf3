// What each file of this folder binds.
#pragma once

#include <pybind11/pybind11.h>

namespace dcmtk_native::bindings {

void bind_errors(pybind11::module_& runtime);
void bind_runtime(pybind11::module_& runtime);
void bind_text(pybind11::module_& runtime);
void bind_read_options(pybind11::module_& data);
void bind_parse_options(pybind11::module_& data);
void bind_write_options(pybind11::module_& data);
void bind_dataset(pybind11::module_& data);
void bind_json(pybind11::module_& data);
void bind_dump(pybind11::module_& data);
void bind_edit(pybind11::module_& data);
void bind_draft(pybind11::module_& data);
void bind_codec(pybind11::module_& codec);
void bind_pixels(pybind11::module_& codec);
void bind_codec_tools(pybind11::module_& codec);
void bind_recode(pybind11::module_& codec);
void bind_scan(pybind11::module_& scan);
void bind_convert(pybind11::module_& convert);
void bind_tls(pybind11::module_& network);
void bind_network(pybind11::module_& network);
void bind_servers(pybind11::module_& servers);
void bind_running_server(pybind11::module_& servers);
void bind_storage_server(pybind11::module_& servers);
void bind_session_server(pybind11::module_& servers);

}  // namespace dcmtk_native::bindings
