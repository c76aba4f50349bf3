// The protocol data units that open and end an association (PS3.8 section 9.3), as values and as
// bytes. P-DATA, which is most of the traffic, never takes this way: see upper_layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcmtk_native::network {

enum class PduType : std::uint8_t {
    associate_request = 1,
    associate_accept = 2,
    associate_reject = 3,
    data = 4,
    release_request = 5,
    release_response = 6,
    abort = 7,
};

constexpr std::size_t pdu_header_length = 6;
constexpr std::size_t max_ae_title_length = 16;
/// Context IDs are the odd numbers below 256 (PS3.8 section 9.3.2.2).
constexpr std::size_t max_contexts = 128;

struct ProposedContext {
    std::uint8_t id = 1;
    std::string abstract_syntax;
    std::vector<std::string> transfer_syntaxes;
};

enum class ContextResult : std::uint8_t {
    accepted = 0,
    user_rejection = 1,
    no_reason = 2,
    abstract_syntax_not_supported = 3,
    transfer_syntaxes_not_supported = 4,
};

struct AnsweredContext {
    std::uint8_t id = 1;
    ContextResult result = ContextResult::accepted;
    std::string transfer_syntax;
};

/// Who may be SCU and SCP of a SOP class (PS3.7 annex D.3.3.4).
struct RoleSelection {
    std::string sop_class;
    bool scu = true;
    bool scp = false;
};

/// SOP Class Extended Negotiation (PS3.7 annex D.3.3.5); its bytes mean what the SOP class says.
struct ExtendedNegotiation {
    std::string sop_class;
    std::string information;
};

enum class IdentityType : std::uint8_t { username = 1, passcode = 2, kerberos = 3, saml = 4, jwt = 5 };

/// PS3.7 annex D.3.3.7.
struct UserIdentity {
    IdentityType type = IdentityType::username;
    bool positive_response = false;
    std::string primary;
    std::string secondary;
};

/// What both sides tell about themselves in the user information item (PS3.7 annex D.3.3).
struct UserInformation {
    /// The longest P-DATA that may be sent to who says this, without its header; 0: of any length.
    std::uint32_t max_pdu = 0;
    std::string implementation_class_uid;
    std::string implementation_version_name;
    std::vector<RoleSelection> roles;
    std::vector<ExtendedNegotiation> extended;
    /// Asynchronous operations, invoked and performed; 1 and 1 where nothing is said.
    std::uint16_t max_invoked = 1;
    std::uint16_t max_performed = 1;
};

struct AssociateRequest {
    std::string called_ae_title;
    std::string calling_ae_title;
    std::string application_context;
    std::vector<ProposedContext> contexts;
    UserInformation user;
    bool has_identity = false;
    UserIdentity identity;
};

struct AssociateAccept {
    std::string called_ae_title;
    std::string calling_ae_title;
    std::vector<AnsweredContext> contexts;
    UserInformation user;
    /// A positive answer to a user identity, and what it carries.
    bool has_identity_response = false;
    std::string identity_response;
};

/// PS3.8 section 9.3.4: result, source, reason.
struct AssociateReject {
    std::uint8_t result = 1;
    std::uint8_t source = 1;
    std::uint8_t reason = 1;
};

/// PS3.8 section 9.3.8.
struct Abort {
    std::uint8_t source = 0;
    std::uint8_t reason = 0;
};

/// Whole PDUs, their headers included. Throw Error (options) where a text is too long.
[[nodiscard]] std::string encode(const AssociateRequest& request);
[[nodiscard]] std::string encode(const AssociateAccept& accept);
[[nodiscard]] std::string encode(const AssociateReject& reject);
[[nodiscard]] std::string encode(const Abort& abort);
[[nodiscard]] std::string encode_release(PduType type);

/// From what follows the header. Throw Error (association) where it is none.
[[nodiscard]] AssociateRequest decode_request(std::string_view body);
[[nodiscard]] AssociateAccept decode_accept(std::string_view body);
[[nodiscard]] AssociateReject decode_reject(std::string_view body);
[[nodiscard]] Abort decode_abort(std::string_view body);

/// In the words of PS3.8: "rejected permanently by the service user: called AE title not recognized".
[[nodiscard]] std::string describe(const AssociateReject& reject);
[[nodiscard]] std::string describe(const Abort& abort);
[[nodiscard]] std::string_view describe(ContextResult result);

}  // namespace dcmtk_native::network
