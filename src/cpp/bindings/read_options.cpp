// G-IN, G-INX and the limits, shared by every tool that reads.
#include "bindings.hpp"
#include "data/read_options.hpp"
#include "choices.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

void bind_read_options(py::module_& data) {
    OptionsBinder<data::ReadOptions>(data, "ReadOptions")
        .field("read_mode", &data::ReadOptions::mode)
        .field("read_xfer", &data::ReadOptions::xfer)
        .field("limits", &data::ReadOptions::limits)
        .finish();
}

}  // namespace dcmtk_native::bindings
