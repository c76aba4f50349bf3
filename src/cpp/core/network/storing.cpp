#include "network/storing.hpp"

#include <utility>

#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

namespace tags = command_tags;

[[nodiscard]] const Context& context_for(const Association& association, const StorageObject& object) {
    const Context* context = association.find_context(object.sop_class(), object.transfer_syntax());
    if (context != nullptr) return *context;
    static_cast<void>(association.require_context(object.sop_class()));
    runtime::raise(runtime::ErrorKind::association,
                   association.peer() + ": no acceptable presentation context for " +
                       object.sop_class() + " in " + object.transfer_syntax());
}

}  // namespace

std::unique_ptr<Operation> begin_store(Association& association, const StorageObject& object,
                                       std::uint16_t priority,
                                       const std::optional<MoveOriginator>& originator,
                                       const ByteProgress& progress) {
    const Context& context = context_for(association, object);
    Command command(CommandField::c_store_request);
    command.set_text(tags::affected_sop_class, object.sop_class())
        .set_text(tags::affected_sop_instance, object.sop_instance())
        .set_number(tags::priority, priority);
    if (originator)
        command.set_text(tags::move_originator, originator->ae_title)
            .set_number(tags::move_originator_message_id, originator->message_id);
    const Payload payload = object.payload();
    return std::make_unique<Operation>(association, context.id, std::move(command), &payload, progress);
}

}  // namespace dcmtk_native::network
