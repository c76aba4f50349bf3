#include "network/pdu.hpp"

#include "network/pdu_items.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;

constexpr std::uint16_t protocol_version = 1;

template <typename Number> void put_number(std::string& out, Number number) {
    char bytes[sizeof number];
    runtime::store(number, bytes, true);
    out.append(bytes, sizeof bytes);
}

[[nodiscard]] std::uint16_t short_length(std::size_t size) {
    if (size > 0xFFFF)
        runtime::raise(ErrorKind::options, "an item of the association request is longer than 65535 bytes");
    return static_cast<std::uint16_t>(size);
}

/// A text or block with its length in 16 bits before it.
void put_block(std::string& out, std::string_view block) {
    put_number(out, short_length(block.size()));
    out += block;
}

void put_item(std::string& out, std::uint8_t type, std::string_view content) {
    out += static_cast<char>(type);
    out += '\0';
    put_block(out, content);
}

void put_ae_title(std::string& out, const std::string& title) {
    if (title.size() > max_ae_title_length)
        runtime::raise(ErrorKind::options, "an AE title has at most 16 characters");
    out += title;
    out.append(max_ae_title_length - title.size(), ' ');
}

[[nodiscard]] std::string context_item(const ProposedContext& context) {
    std::string content{static_cast<char>(context.id), '\0', '\0', '\0'};
    put_item(content, items::abstract_syntax, context.abstract_syntax);
    for (const std::string& syntax : context.transfer_syntaxes)
        put_item(content, items::transfer_syntax, syntax);
    return content;
}

[[nodiscard]] std::string context_item(const AnsweredContext& context) {
    std::string content{static_cast<char>(context.id), '\0', static_cast<char>(context.result), '\0'};
    put_item(content, items::transfer_syntax, context.transfer_syntax);
    return content;
}

[[nodiscard]] std::string identity_content(const UserIdentity& identity) {
    std::string content{static_cast<char>(identity.type), static_cast<char>(identity.positive_response)};
    put_block(content, identity.primary);
    put_block(content, identity.secondary);
    return content;
}

[[nodiscard]] std::string user_content(const UserInformation& user) {
    std::string content;
    std::string number;
    put_number(number, user.max_pdu);
    put_item(content, items::max_length, number);
    put_item(content, items::implementation_class, user.implementation_class_uid);
    if (user.max_invoked != 1 || user.max_performed != 1) {
        std::string window;
        put_number(window, user.max_invoked);
        put_number(window, user.max_performed);
        put_item(content, items::asynchronous, window);
    }
    for (const RoleSelection& role : user.roles) {
        std::string selection;
        put_block(selection, role.sop_class);
        selection += static_cast<char>(role.scu);
        selection += static_cast<char>(role.scp);
        put_item(content, items::role, selection);
    }
    put_item(content, items::implementation_version, user.implementation_version_name);
    for (const ExtendedNegotiation& extended : user.extended) {
        std::string negotiation;
        put_block(negotiation, extended.sop_class);
        negotiation += extended.information;
        put_item(content, items::extended, negotiation);
    }
    return content;
}

[[nodiscard]] std::string whole_pdu(PduType type, std::string_view body) {
    std::string pdu{static_cast<char>(type), '\0'};
    put_number(pdu, static_cast<std::uint32_t>(body.size()));
    pdu += body;
    return pdu;
}

/// What requests and acceptances begin with.
[[nodiscard]] std::string associate_head(const std::string& called, const std::string& calling) {
    std::string body;
    put_number(body, protocol_version);
    put_number(body, std::uint16_t{0});
    put_ae_title(body, called);
    put_ae_title(body, calling);
    body.append(items::reserved_bytes, '\0');
    return body;
}

}  // namespace

std::string encode(const AssociateRequest& request) {
    std::string body = associate_head(request.called_ae_title, request.calling_ae_title);
    put_item(body, items::application_context, request.application_context.empty()
                                                 ? items::dicom_application_context
                                                 : std::string_view(request.application_context));
    for (const ProposedContext& context : request.contexts)
        put_item(body, items::proposed_context, context_item(context));
    std::string user = user_content(request.user);
    if (request.has_identity) put_item(user, items::identity, identity_content(request.identity));
    put_item(body, items::user_information, user);
    return whole_pdu(PduType::associate_request, body);
}

std::string encode(const AssociateAccept& accept) {
    std::string body = associate_head(accept.called_ae_title, accept.calling_ae_title);
    put_item(body, items::application_context, items::dicom_application_context);
    for (const AnsweredContext& context : accept.contexts)
        put_item(body, items::answered_context, context_item(context));
    std::string user = user_content(accept.user);
    if (accept.has_identity_response) {
        std::string response;
        put_block(response, accept.identity_response);
        put_item(user, items::identity_response, response);
    }
    put_item(body, items::user_information, user);
    return whole_pdu(PduType::associate_accept, body);
}

std::string encode(const AssociateReject& reject) {
    const char body[] = {'\0', static_cast<char>(reject.result), static_cast<char>(reject.source),
                         static_cast<char>(reject.reason)};
    return whole_pdu(PduType::associate_reject, {body, sizeof body});
}

std::string encode(const Abort& abort) {
    const char body[] = {'\0', '\0', static_cast<char>(abort.source), static_cast<char>(abort.reason)};
    return whole_pdu(PduType::abort, {body, sizeof body});
}

std::string encode_release(PduType type) {
    const char body[4] = {};
    return whole_pdu(type, {body, sizeof body});
}

}  // namespace dcmtk_native::network
