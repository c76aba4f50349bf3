// Responses to the requests of a peer.
#pragma once

#include <cstdint>

#include "network/association.hpp"

namespace dcmtk_native::network {

/// The response that belongs to a request, complete but for what only some services have.
[[nodiscard]] Command response_to(const Command& request, std::uint16_t status);
/// Sends it, without a data set.
void answer(Association& association, const Message& request, std::uint16_t status);

/// Statuses of PS3.7 annex C and PS3.4 section B.2.3.
namespace statuses {
constexpr std::uint16_t success = 0x0000;
constexpr std::uint16_t not_authorized = 0x0124;
constexpr std::uint16_t unrecognized_operation = 0x0211;
constexpr std::uint16_t out_of_resources = 0xA700;
constexpr std::uint16_t does_not_match = 0xA900;
constexpr std::uint16_t cannot_understand = 0xC000;
}  // namespace statuses

}  // namespace dcmtk_native::network
