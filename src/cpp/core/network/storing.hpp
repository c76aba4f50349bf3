// C-STORE from this side (PS3.7 section 9.1.1): in an operation of its own, or within a C-GET or
// for a C-MOVE of somebody else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "network/object.hpp"
#include "network/operation.hpp"

namespace dcmtk_native::network {

/// The C-MOVE that an object is sent for.
struct MoveOriginator {
    std::string ae_title;
    std::uint16_t message_id = 0;
};

/// Sends the object in its own transfer syntax. Throws Error (association) where no context was
/// accepted for it.
[[nodiscard]] std::unique_ptr<Operation> begin_store(Association& association, const StorageObject& object,
                                                     std::uint16_t priority,
                                                     const std::optional<MoveOriginator>& originator,
                                                     const ByteProgress& progress = {});

}  // namespace dcmtk_native::network
