#include "network/pdu.hpp"

#include <tuple>
#include <utility>

#include "network/pdu_items.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;

[[noreturn]] void refuse(const std::string& what) {
    runtime::raise(ErrorKind::association, "the peer sent a damaged PDU: " + what);
}

/// Takes numbers and texts from the front of a block; each length is held against what is left.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] bool at_end() const noexcept { return bytes_.empty(); }
    [[nodiscard]] std::string_view rest() { return std::exchange(bytes_, {}); }

    [[nodiscard]] std::string_view take(std::size_t size) {
        if (size > bytes_.size()) refuse("a length reaches past the end");
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }
    template <typename Number> [[nodiscard]] Number number() {
        return runtime::load<Number>(take(sizeof(Number)).data(), true);
    }
    /// With its length in 16 bits before it.
    [[nodiscard]] std::string_view block() { return take(number<std::uint16_t>()); }

  private:
    std::string_view bytes_;
};

struct Item {
    std::uint8_t type;
    std::string_view content;
};

[[nodiscard]] Item take_item(Reader& reader) {
    const auto type = reader.number<std::uint8_t>();
    static_cast<void>(reader.take(1));
    return {type, reader.block()};
}

/// Without the padding that some peers put behind UIDs and names.
[[nodiscard]] std::string text_of(std::string_view bytes) {
    constexpr std::string_view padding("\0 ", 2);
    const std::size_t last = bytes.find_last_not_of(padding);
    const std::size_t first = bytes.find_first_not_of(' ');
    if (last == std::string_view::npos || first > last) return {};
    return std::string(bytes.substr(first, last + 1 - first));
}

[[nodiscard]] RoleSelection decode_role(std::string_view content) {
    Reader reader(content);
    RoleSelection role;
    role.sop_class = text_of(reader.block());
    role.scu = reader.number<std::uint8_t>() != 0;
    role.scp = reader.number<std::uint8_t>() != 0;
    return role;
}

[[nodiscard]] ExtendedNegotiation decode_extended(std::string_view content) {
    Reader reader(content);
    ExtendedNegotiation extended;
    extended.sop_class = text_of(reader.block());
    extended.information = reader.rest();
    return extended;
}

[[nodiscard]] UserIdentity decode_identity(std::string_view content) {
    Reader reader(content);
    UserIdentity identity;
    identity.type = static_cast<IdentityType>(reader.number<std::uint8_t>());
    identity.positive_response = reader.number<std::uint8_t>() != 0;
    identity.primary = reader.block();
    identity.secondary = reader.block();
    return identity;
}

/// True if the item is one of those that both sides send.
[[nodiscard]] bool take_common(const Item& item, UserInformation& user) {
    Reader reader(item.content);
    switch (item.type) {
    case items::max_length: user.max_pdu = reader.number<std::uint32_t>(); return true;
    case items::implementation_class: user.implementation_class_uid = text_of(item.content); return true;
    case items::implementation_version:
        user.implementation_version_name = text_of(item.content);
        return true;
    case items::asynchronous:
        user.max_invoked = reader.number<std::uint16_t>();
        user.max_performed = reader.number<std::uint16_t>();
        return true;
    case items::role: user.roles.push_back(decode_role(item.content)); return true;
    case items::extended: user.extended.push_back(decode_extended(item.content)); return true;
    default: return false;
    }
}

[[nodiscard]] ProposedContext decode_proposed(std::string_view content) {
    Reader reader(content);
    ProposedContext context;
    context.id = reader.number<std::uint8_t>();
    static_cast<void>(reader.take(3));
    while (!reader.at_end()) {
        const Item item = take_item(reader);
        if (item.type == items::abstract_syntax) context.abstract_syntax = text_of(item.content);
        if (item.type == items::transfer_syntax)
            context.transfer_syntaxes.push_back(text_of(item.content));
    }
    if (context.id % 2 == 0) refuse("a presentation context has an even number");
    if (context.abstract_syntax.empty()) refuse("a presentation context has no abstract syntax");
    if (context.transfer_syntaxes.empty()) refuse("a presentation context has no transfer syntax");
    return context;
}

[[nodiscard]] AnsweredContext decode_answered(std::string_view content) {
    Reader reader(content);
    AnsweredContext context;
    context.id = reader.number<std::uint8_t>();
    static_cast<void>(reader.take(1));
    context.result = static_cast<ContextResult>(reader.number<std::uint8_t>());
    static_cast<void>(reader.take(1));
    while (!reader.at_end()) {
        const Item item = take_item(reader);
        if (item.type == items::transfer_syntax) context.transfer_syntax = text_of(item.content);
    }
    if (context.result == ContextResult::accepted && context.transfer_syntax.empty())
        refuse("an accepted presentation context has no transfer syntax");
    return context;
}

/// The AE titles, called and calling, behind the protocol version; the reader then is at the items.
[[nodiscard]] std::pair<std::string, std::string> take_head(Reader& reader) {
    // Bit 0 is version 1; what other bits stand for is not to be looked at (PS3.8 section 9.3.2).
    if (reader.number<std::uint16_t>() % 2 == 0) refuse("it speaks another protocol version");
    static_cast<void>(reader.take(2));
    std::string called = text_of(reader.take(max_ae_title_length));
    std::string calling = text_of(reader.take(max_ae_title_length));
    static_cast<void>(reader.take(items::reserved_bytes));
    return {std::move(called), std::move(calling)};
}

}  // namespace

AssociateRequest decode_request(std::string_view body) {
    Reader reader(body);
    AssociateRequest request;
    std::tie(request.called_ae_title, request.calling_ae_title) = take_head(reader);
    while (!reader.at_end()) {
        const Item item = take_item(reader);
        if (item.type == items::application_context) request.application_context = text_of(item.content);
        if (item.type == items::proposed_context) {
            if (request.contexts.size() == max_contexts) refuse("more than 128 presentation contexts");
            request.contexts.push_back(decode_proposed(item.content));
        }
        if (item.type != items::user_information) continue;
        Reader user(item.content);
        while (!user.at_end()) {
            const Item part = take_item(user);
            if (take_common(part, request.user) || part.type != items::identity) continue;
            request.has_identity = true;
            request.identity = decode_identity(part.content);
        }
    }
    return request;
}

AssociateAccept decode_accept(std::string_view body) {
    Reader reader(body);
    AssociateAccept accept;
    std::tie(accept.called_ae_title, accept.calling_ae_title) = take_head(reader);
    while (!reader.at_end()) {
        const Item item = take_item(reader);
        if (item.type == items::answered_context) {
            if (accept.contexts.size() == max_contexts) refuse("more than 128 presentation contexts");
            accept.contexts.push_back(decode_answered(item.content));
        }
        if (item.type != items::user_information) continue;
        Reader user(item.content);
        while (!user.at_end()) {
            const Item part = take_item(user);
            if (take_common(part, accept.user) || part.type != items::identity_response) continue;
            accept.has_identity_response = true;
            accept.identity_response = Reader(part.content).block();
        }
    }
    return accept;
}

AssociateReject decode_reject(std::string_view body) {
    Reader reader(body);
    static_cast<void>(reader.take(1));
    AssociateReject reject;
    reject.result = reader.number<std::uint8_t>();
    reject.source = reader.number<std::uint8_t>();
    reject.reason = reader.number<std::uint8_t>();
    return reject;
}

Abort decode_abort(std::string_view body) {
    Reader reader(body);
    static_cast<void>(reader.take(2));
    Abort abort;
    abort.source = reader.number<std::uint8_t>();
    abort.reason = reader.number<std::uint8_t>();
    return abort;
}

}  // namespace dcmtk_native::network
