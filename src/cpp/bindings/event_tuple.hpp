// Reports of a peer as Python sees them.
#pragma once

#include "network/event_report.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

/// SOP class, SOP instance, event type, data set, its transfer syntax.
[[nodiscard]] inline py::object event_tuple(const network::EventReport& report) {
    py::object data = py::none();
    if (report.data) data = py::bytes(*report.data);
    return py::make_tuple(to_str(report.sop_class), to_str(report.sop_instance), report.event_type, data,
                          to_str(report.transfer_syntax));
}

}  // namespace dcmtk_native::bindings
