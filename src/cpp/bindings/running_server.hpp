// What Python sees of every server: where it listens, its events, its metrics, its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server_options.hpp"
#include "servers/events.hpp"
#include "servers/metrics.hpp"
#include "servers/server.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

class RunningServer {
  public:
    virtual ~RunningServer();
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] py::dict metrics() const;
    void set_tls(std::shared_ptr<network::TlsContext> tls) { server_->set_tls(std::move(tls)); }

    /// Events of other kinds are not told.
    void want(const std::vector<std::string>& kinds);
    /// The events that wait, or the next ones; none: there was none in this time; None: there will
    /// be no more.
    [[nodiscard]] py::object next_events(std::size_t most, std::int64_t timeout_ms);

    void stop(std::int64_t drain_ms);
    void abort();

  protected:
    explicit RunningServer(std::size_t max_events)
        : events_(std::make_shared<servers::EventQueue>(max_events)) {}

    /// From then on it listens. For the end of a constructor.
    void listen(const ListeningOptions& given, std::shared_ptr<servers::Service> service);
    [[nodiscard]] const std::shared_ptr<servers::EventQueue>& events() const noexcept { return events_; }
    [[nodiscard]] const std::shared_ptr<servers::Metrics>& counts() const noexcept { return metrics_; }

  private:
    [[nodiscard]] virtual std::optional<std::vector<servers::Event>> take_events(
        std::size_t most, std::chrono::milliseconds time) {
        return events_->take(most, time);
    }

    std::shared_ptr<servers::Metrics> metrics_ = std::make_shared<servers::Metrics>();
    std::shared_ptr<servers::EventQueue> events_;
    std::unique_ptr<servers::Server> server_;
};

}  // namespace dcmtk_native::bindings
