#include "running_server.hpp"

#include <utility>

#include "bindings.hpp"
#include "server_reports.hpp"

namespace dcmtk_native::bindings {

RunningServer::~RunningServer() {
    const py::gil_scoped_release released;
    server_.reset();
}

void RunningServer::listen(const ListeningOptions& given, std::shared_ptr<servers::Service> service) {
    const py::gil_scoped_release released;
    server_ = std::make_unique<servers::Server>(server_options(given), std::move(service), metrics_);
}

py::dict RunningServer::metrics() const { return metrics_dict(*metrics_, *server_); }

void RunningServer::want(const std::vector<std::string>& kinds) { events_->want(kind_bits(kinds)); }

py::object RunningServer::next_events(std::size_t most, std::int64_t timeout_ms) {
    std::optional<std::vector<servers::Event>> events;
    {
        const py::gil_scoped_release released;
        events = take_events(most, std::chrono::milliseconds(timeout_ms));
    }
    return event_tuples(events);
}

void RunningServer::stop(std::int64_t drain_ms) {
    events_->let_all_in();
    server_->stop(std::chrono::milliseconds(drain_ms));
    events_->close();
}

void RunningServer::abort() {
    events_->let_all_in();
    server_->abort();
}

void bind_running_server(py::module_& servers) {
    py::class_<RunningServer>(servers, "RunningServer")
        .def_property_readonly("port", &RunningServer::port)
        .def("metrics", &RunningServer::metrics)
        .def("set_tls", &RunningServer::set_tls, py::arg("tls"))
        .def("want", &RunningServer::want, py::arg("kinds"))
        .def("next_events", &RunningServer::next_events, py::arg("most"), py::arg("timeout_ms"))
        .def("stop", &RunningServer::stop, py::arg("drain_ms"), py::call_guard<py::gil_scoped_release>())
        .def("abort", &RunningServer::abort, py::call_guard<py::gil_scoped_release>());
}

}  // namespace dcmtk_native::bindings
