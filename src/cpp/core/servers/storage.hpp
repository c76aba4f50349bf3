// A service that takes objects into a folder: C-STORE and C-ECHO, and the N-EVENT-REPORT that ends
// a storage commitment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/event_report.hpp"
#include "network/receiving.hpp"
#include "servers/server.hpp"

namespace dcmtk_native::servers {

struct StorageOptions {
    /// Without it no SOP class of an object is accepted.
    bool takes_objects = true;
    /// None: objects are read and dropped.
    std::optional<std::string> folder;
    network::Identity identity = network::Identity::unchecked;
    /// The best one that is proposed is taken; empty: any.
    std::vector<std::string> transfer_syntaxes;
    /// Told of each object, on the thread of its association.
    std::function<void(const network::ReceivedObject&)> on_stored;
    /// Without it no reports are accepted.
    std::function<void(const network::EventReport&)> on_event;
};

class StorageService final : public Service {
  public:
    explicit StorageService(StorageOptions options) : options_(std::move(options)) {}

    [[nodiscard]] network::Decision decide(const Origin& origin,
                                           const network::AssociateRequest& request) override;
    void serve(const Origin& origin, network::Association& association) override;
    void failed(const Origin& origin, const std::string& why) override;

  private:
    [[nodiscard]] bool serves(std::string_view sop_class) const;
    void perform(network::Association& association, const network::Message& message);
    [[nodiscard]] std::uint16_t store(network::Association& association,
                                      const network::Message& message);
    [[nodiscard]] std::uint16_t take_event(network::Association& association,
                                           const network::Message& message);

    StorageOptions options_;
};

}  // namespace dcmtk_native::servers
