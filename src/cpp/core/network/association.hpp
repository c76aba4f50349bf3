// One association, from its opening to its end, and the messages on it. One thread at a time uses
// it; `stop` may come from any. After an Error it is dead and says why.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "network/command.hpp"
#include "network/connect.hpp"
#include "network/pdu.hpp"
#include "network/tls_context.hpp"
#include "network/upper_layer.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::network {

/// How long at most a stage may take; nothing: as long as the call.
struct Timeouts {
    std::optional<std::chrono::milliseconds> connection;
    std::optional<std::chrono::milliseconds> acse;
    std::optional<std::chrono::milliseconds> socket;  // one wait for the connection
    std::optional<std::chrono::milliseconds> dimse;
};

struct AssociationOptions {
    Endpoint endpoint;
    std::string called_ae_title;
    std::string calling_ae_title;
    std::vector<ProposedContext> contexts;
    std::vector<RoleSelection> roles;
    std::vector<ExtendedNegotiation> extended;
    std::optional<UserIdentity> identity;
    std::uint32_t own_max_pdu;
    /// Nothing longer is sent, whatever the peer takes.
    std::uint32_t max_send_pdu;
    Timeouts timeouts;
    std::shared_ptr<const TlsContext> tls;  // nullptr: none
};

/// What becomes of a request for an association.
struct Decision {
    /// Accepted, if there is none.
    std::optional<AssociateReject> rejection;
    /// One for each proposal.
    std::vector<AnsweredContext> contexts;
    std::vector<RoleSelection> roles;
    std::vector<ExtendedNegotiation> extended;
    std::optional<std::string> identity_response;
    /// The title that answers; without one, the one that was called (PS3.8 section 9.3.3).
    std::optional<std::string> responding_ae_title;
};
using Decide = std::function<Decision(const AssociateRequest&)>;

/// How the requests of others are taken.
struct AcceptOptions {
    std::uint32_t own_max_pdu;
    std::uint32_t max_send_pdu;
    Timeouts timeouts;
};

/// A presentation context that both sides have agreed on.
struct Context {
    std::uint8_t id = 0;
    std::string abstract_syntax;
    std::string transfer_syntax;
    /// Who may be what: as proposed and granted.
    bool is_scu = true;
    bool is_scp = false;
};

struct Message {
    std::uint8_t context = 0;
    Command command;
};

/// Why an association has ended: said once, and asked from any thread.
class ClosingReason {
  public:
    /// The first one stays.
    void say(std::string why);
    [[nodiscard]] bool is_said() const noexcept { return is_said_.load(std::memory_order_acquire); }
    [[nodiscard]] std::string text() const;

  private:
    mutable std::mutex mutex_;
    std::string text_;
    std::atomic<bool> is_said_{false};
};

class Association {
  public:
    /// Connects and negotiates. Throws Error: association (with the rejection, if it is one).
    [[nodiscard]] static std::unique_ptr<Association> request(AssociationOptions options);

    /// Reads the request of a peer that has connected, and answers as `decide` says; nullptr: it was
    /// rejected. Throws Error: association.
    [[nodiscard]] static std::unique_ptr<Association> receive(std::unique_ptr<Transport> transport,
                                                              const AcceptOptions& options,
                                                              const Decide& decide);

    ~Association();
    Association(const Association&) = delete;
    Association& operator=(const Association&) = delete;

    [[nodiscard]] const std::vector<Context>& contexts() const noexcept { return contexts_; }
    /// What became of the proposals that were not accepted.
    [[nodiscard]] const std::vector<AnsweredContext>& answers() const noexcept { return accept_.contexts; }
    [[nodiscard]] const AssociateAccept& accept() const noexcept { return accept_; }
    [[nodiscard]] const AssociationOptions& options() const noexcept { return options_; }
    /// The accepted context of an abstract syntax; with a transfer syntax, if one is given. nullptr:
    /// there is none.
    [[nodiscard]] const Context* find_context(std::string_view abstract_syntax,
                                              std::string_view transfer_syntax = {}) const;
    /// The same; without one an Error (association) says what the peer answered.
    [[nodiscard]] const Context& require_context(std::string_view abstract_syntax) const;
    [[nodiscard]] const Context& context_of(std::uint8_t id) const;

    [[nodiscard]] std::uint16_t next_message_id() noexcept;
    void send(std::uint8_t context, const Command& command, const Payload* data = nullptr,
              const ByteProgress& progress = {});
    /// The next command. That the peer ends the association is an Error (association).
    [[nodiscard]] Message receive();
    /// The next command, or nothing: the peer has released the association.
    [[nodiscard]] std::optional<Message> receive_unless_released();
    /// The data set that a command announced, into the sink; throws Error (limit) beyond `most`.
    std::uint64_t receive_data(std::uint8_t context, runtime::Sink& sink,
                               std::uint64_t most = UINT64_MAX);
    /// Reads past it.
    void skip_data(std::uint8_t context);
    /// Ends the association unless the message answers this request in its context.
    void check_response(const Message& message, const Command& request, std::uint8_t context);
    /// True if something has come, or the connection has ended.
    [[nodiscard]] bool has_input() { return layer_->has_input(); }
    /// The same, at the deadline at the latest; the association stays what it is. Throws Error when
    /// the call is aborted or past its own deadline, which does end the association.
    [[nodiscard]] bool wait_for_input(runtime::Deadline deadline);

    /// Asks the peer for the end, waits for its word, closes. Nothing on what has ended already.
    void release();
    /// Tells the peer that it is over, and closes.
    void abort() noexcept;
    /// Makes whatever thread works on this association end with an Error, and be quick about it.
    void stop() noexcept;

    /// These two: from any thread.
    [[nodiscard]] bool is_open() const noexcept { return !why_closed_.is_said(); }
    [[nodiscard]] std::string why_closed() const { return why_closed_.text(); }
    [[nodiscard]] const std::string& peer_ae_title() const noexcept { return peer_ae_title_; }
    /// "host:port".
    [[nodiscard]] const std::string& peer() const noexcept { return layer_->transport().peer(); }
    [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return layer_->transport().bytes_written(); }
    [[nodiscard]] std::uint64_t bytes_received() const noexcept { return layer_->transport().bytes_read(); }

  private:
    Association(AssociationOptions options, std::unique_ptr<UpperLayer> layer);

    void negotiate();
    void check_identity() const;
    void take_accept();
    [[nodiscard]] Context agreed_on(const AnsweredContext& answer) const;
    void take_role(Context& context) const;
    void check_open() const;
    [[noreturn]] void refuse(const std::string& what) const;
    [[nodiscard]] bool answer_request(const Decide& decide);
    void agree(const AssociateRequest& request, const Decision& decision);
    [[nodiscard]] std::optional<Message> read_message();
    void end_by_release(runtime::Deadline deadline);
    [[nodiscard]] Pdv next_pdv(std::uint8_t context, bool is_command, runtime::Deadline deadline);
    [[nodiscard]] runtime::Deadline dimse_deadline() const;
    /// Does it; whatever it throws ends the association.
    template <typename Work> auto guarded(Work&& work) -> decltype(work());

    AssociationOptions options_;
    std::unique_ptr<UpperLayer> layer_;
    AssociateAccept accept_;
    std::vector<Context> contexts_;
    std::string peer_ae_title_;
    ClosingReason why_closed_;
    std::uint16_t message_id_ = 0;
};

}  // namespace dcmtk_native::network
