// What servers tell Python: events and metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "servers/events.hpp"
#include "servers/server.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

/// For EventQueue::want.
[[nodiscard]] std::uint32_t kind_bits(const std::vector<std::string>& kinds);

/// A list of tuples: kind, association ID, calling and called AE title, address, details by name.
/// None: there will be no more events.
[[nodiscard]] py::object event_tuples(const std::optional<std::vector<servers::Event>>& events);

/// Counters and histograms, by name.
[[nodiscard]] py::dict metrics_dict(const servers::Metrics& metrics, const servers::Server& server);

}  // namespace dcmtk_native::bindings
