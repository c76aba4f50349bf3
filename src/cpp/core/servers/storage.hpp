// A service that takes objects: C-STORE and C-ECHO, and the N-EVENT-REPORT that ends a storage
// commitment.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "network/event_report.hpp"
#include "network/receiving.hpp"
#include "servers/events.hpp"
#include "servers/metrics.hpp"
#include "servers/negotiation.hpp"
#include "servers/placing.hpp"
#include "servers/server.hpp"

namespace dcmtk_native::servers {

struct StorageOptions {
    /// None: objects are read and dropped.
    std::optional<PlacingRules> placing;
    network::Identity identity = network::Identity::unchecked;
    Terms terms;
    /// Told of each object, on the thread of its association.
    std::function<void(const network::ReceivedObject&)> on_stored;
    /// Without it no reports are accepted.
    std::function<void(const network::EventReport&)> on_event;
};

class StorageService final : public Service {
  public:
    /// `events` may be nullptr.
    StorageService(StorageOptions options, std::shared_ptr<EventQueue> events,
                   std::shared_ptr<Metrics> metrics);

    [[nodiscard]] network::Decision decide(const Facts& peer,
                                           const network::AssociateRequest& request) override;
    void refused(const Facts& peer, const network::AssociateReject& reject) override;
    void serve(const Facts& peer, std::unique_ptr<network::Association> association) override;
    void broke(const Facts& peer, const std::string& why) override;
    void failed(const Facts& peer, const std::string& why) override;

    /// Nothing, if objects are dropped.
    [[nodiscard]] Store* store() noexcept { return store_.get(); }

  private:
    void perform(const Facts& peer, network::Association& association, const network::Message& message);
    [[nodiscard]] std::uint16_t take_object(const Facts& peer, network::Association& association,
                                            const network::Message& message);
    [[nodiscard]] std::uint16_t take_event(network::Association& association,
                                           const network::Message& message);
    void tell(Event event);
    /// A text that is not made unless somebody listens.
    template <typename MakeText> void tell_contexts(const Facts& peer, MakeText&& make_text);
    void tell_request(const Facts& peer, network::Association& association, const network::Message& message);

    StorageOptions options_;
    Negotiation negotiation_;
    std::shared_ptr<EventQueue> events_;
    std::shared_ptr<Metrics> metrics_;
    std::unique_ptr<Store> store_;
};

}  // namespace dcmtk_native::servers
