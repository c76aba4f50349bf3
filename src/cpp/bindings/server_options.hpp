// What every server is told by Python, in plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "network/upper_layer.hpp"
#include "servers/negotiation.hpp"
#include "servers/server.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

/// AE title, network, certificate subject, bits of rights.
using PeerTuple = std::tuple<std::optional<std::string>, std::optional<std::string>,
                             std::optional<std::string>, std::uint8_t>;

/// Whether a requestor may be SCU and SCP; none: the default roles, whatever it proposes.
using RolesTuple = std::optional<std::tuple<bool, bool>>;

/// SOP class, transfer syntaxes, roles.
using ContextTuples = std::vector<std::tuple<std::string, std::vector<std::string>, RolesTuple>>;

/// SOP class, information.
using ExtendedTuples = std::vector<std::tuple<std::string, py::bytes>>;

struct ListeningOptions {
    std::string address;
    std::uint16_t port;
    bool reuse_port;
    std::optional<int> inherited;
    std::uint32_t max_pdu;
    std::optional<std::int64_t> acse_timeout_ms;
    std::optional<std::int64_t> dimse_timeout_ms;
    std::optional<std::int64_t> socket_timeout_ms;
    std::size_t max_associations;
    std::size_t max_per_peer;
    std::size_t max_half_open;
    std::shared_ptr<network::TlsContext> tls;
    std::vector<PeerTuple> peers;
    /// Of verification and every storage class.
    std::vector<std::string> transfer_syntaxes;
    RolesTuple roles;
    bool is_promiscuous;
    /// SOP classes, each with its terms.
    ContextTuples contexts;
    /// No others than these.
    bool is_by_class;
    /// They are those of an association configuration: see RoleClash.
    bool is_profile;
    ExtendedTuples extended;
    std::optional<std::string> required_called_ae_title;
    std::optional<std::string> responding_ae_title;
    bool refuses_all;
    bool requires_implementation_uid;
    /// That wait to be told; then peers wait.
    std::size_t max_events;
};

[[nodiscard]] inline std::optional<std::chrono::milliseconds> milliseconds(
    std::optional<std::int64_t> count) {
    if (!count) return std::nullopt;
    return std::chrono::milliseconds(*count);
}

[[nodiscard]] inline servers::ServerOptions server_options(const ListeningOptions& given) {
    servers::ServerOptions options{};
    options.listen = {given.address, given.port, given.reuse_port, given.inherited};
    options.accept = {given.max_pdu, network::max_pdu,
                      {std::nullopt, milliseconds(given.acse_timeout_ms),
                       milliseconds(given.socket_timeout_ms), milliseconds(given.dimse_timeout_ms)}};
    options.max_associations = given.max_associations;
    options.max_per_peer = given.max_per_peer;
    options.max_half_open = given.max_half_open;
    options.tls = given.tls;
    return options;
}

[[nodiscard]] inline std::vector<servers::PeerRule> peer_rules(const std::vector<PeerTuple>& given) {
    std::vector<servers::PeerRule> rules;
    for (const auto& [ae_title, network, subject, rights] : given) {
        servers::PeerRule rule{ae_title, std::nullopt, subject, rights};
        if (network) rule.network.emplace(*network);
        rules.push_back(std::move(rule));
    }
    return rules;
}

[[nodiscard]] inline std::optional<network::OfferedRoles> offered_roles(const RolesTuple& given) {
    if (!given) return std::nullopt;
    return network::OfferedRoles{std::get<0>(*given), std::get<1>(*given)};
}

[[nodiscard]] inline servers::OfferedContexts offered_contexts(const ListeningOptions& given) {
    servers::OfferedContexts made;
    made.general.reset();
    if (!given.is_by_class) made.general = {given.transfer_syntaxes, offered_roles(given.roles)};
    made.is_promiscuous = given.is_promiscuous;
    for (const auto& [sop_class, syntaxes, roles] : given.contexts)
        made.by_class.try_emplace(sop_class, network::Offer{syntaxes, offered_roles(roles)});
    made.role_clash = given.is_profile ? network::RoleClash::accepted : network::RoleClash::refused;
    for (const auto& [sop_class, information] : given.extended)
        made.extended.push_back({sop_class, information});
    return made;
}

[[nodiscard]] inline servers::Terms terms(const ListeningOptions& given) {
    servers::Terms made;
    made.contexts = offered_contexts(given);
    made.peers = peer_rules(given.peers);
    made.required_called_ae_title = given.required_called_ae_title;
    made.responding_ae_title = given.responding_ae_title;
    made.refuses_all = given.refuses_all;
    made.requires_implementation_uid = given.requires_implementation_uid;
    return made;
}

/// With the fields of ListeningOptions.
template <typename Struct>
OptionsBinder<Struct> listening_binder(py::module_& module, const char* name) {
    OptionsBinder<Struct> binder(module, name);
    binder.template field<std::string>("address", &Struct::address)
        .template field<std::uint16_t>("port", &Struct::port)
        .template field<bool>("reuse_port", &Struct::reuse_port)
        .template field<std::optional<int>>("inherited", &Struct::inherited)
        .template field<std::uint32_t>("max_pdu", &Struct::max_pdu)
        .template field<std::optional<std::int64_t>>("acse_timeout_ms", &Struct::acse_timeout_ms)
        .template field<std::optional<std::int64_t>>("dimse_timeout_ms", &Struct::dimse_timeout_ms)
        .template field<std::optional<std::int64_t>>("socket_timeout_ms", &Struct::socket_timeout_ms)
        .template field<std::size_t>("max_associations", &Struct::max_associations)
        .template field<std::size_t>("max_per_peer", &Struct::max_per_peer)
        .template field<std::size_t>("max_half_open", &Struct::max_half_open)
        .template field<std::shared_ptr<network::TlsContext>>("tls", &Struct::tls)
        .template field<std::vector<PeerTuple>>("peers", &Struct::peers)
        .template field<std::vector<std::string>>("transfer_syntaxes", &Struct::transfer_syntaxes)
        .template field<RolesTuple>("roles", &Struct::roles)
        .template field<bool>("is_promiscuous", &Struct::is_promiscuous)
        .template field<ContextTuples>("contexts", &Struct::contexts)
        .template field<bool>("is_by_class", &Struct::is_by_class)
        .template field<bool>("is_profile", &Struct::is_profile)
        .template field<ExtendedTuples>("extended", &Struct::extended)
        .template field<std::optional<std::string>>("required_called_ae_title",
                                                    &Struct::required_called_ae_title)
        .template field<std::optional<std::string>>("responding_ae_title", &Struct::responding_ae_title)
        .template field<bool>("refuses_all", &Struct::refuses_all)
        .template field<bool>("requires_implementation_uid", &Struct::requires_implementation_uid)
        .template field<std::size_t>("max_events", &Struct::max_events);
    return binder;
}

}  // namespace dcmtk_native::bindings
