// What the numbers of rejections and aborts mean (PS3.8 sections 9.3.3, 9.3.4 and 9.3.8).
#include "network/pdu.hpp"

namespace dcmtk_native::network {

namespace {

[[nodiscard]] std::string_view reason_of_user(std::uint8_t reason) {
    switch (reason) {
    case 1: return "no reason given";
    case 2: return "application context name not supported";
    case 3: return "calling AE title not recognized";
    case 7: return "called AE title not recognized";
    default: return "unknown reason";
    }
}

[[nodiscard]] std::string_view reason_of_acse(std::uint8_t reason) {
    switch (reason) {
    case 1: return "no reason given";
    case 2: return "protocol version not supported";
    default: return "unknown reason";
    }
}

[[nodiscard]] std::string_view reason_of_presentation(std::uint8_t reason) {
    switch (reason) {
    case 1: return "temporary congestion";
    case 2: return "local limit exceeded";
    default: return "unknown reason";
    }
}

[[nodiscard]] std::string_view reason_of_provider_abort(std::uint8_t reason) {
    switch (reason) {
    case 0: return "no reason given";
    case 1: return "unrecognized PDU";
    case 2: return "unexpected PDU";
    case 4: return "unrecognized PDU parameter";
    case 5: return "unexpected PDU parameter";
    case 6: return "invalid PDU parameter value";
    default: return "unknown reason";
    }
}

}  // namespace

std::string describe(const AssociateReject& reject) {
    std::string text = reject.result == 2 ? "rejected transiently by " : "rejected permanently by ";
    switch (reject.source) {
    case 1: return (text += "the service user: ") += reason_of_user(reject.reason);
    case 2: return (text += "the service provider (ACSE): ") += reason_of_acse(reject.reason);
    case 3:
        return (text += "the service provider (presentation): ") +=
               reason_of_presentation(reject.reason);
    default: return text += "an unknown source";
    }
}

std::string describe(const Abort& abort) {
    if (abort.source == 0) return "the peer aborted the association";
    return "the peer aborted the association (service provider: " +
           std::string(reason_of_provider_abort(abort.reason)) + ")";
}

std::string_view describe(ContextResult result) {
    switch (result) {
    case ContextResult::accepted: return "accepted";
    case ContextResult::user_rejection: return "rejected by the user";
    case ContextResult::abstract_syntax_not_supported: return "abstract syntax not supported";
    case ContextResult::transfer_syntaxes_not_supported: return "transfer syntaxes not supported";
    case ContextResult::no_reason: break;
    }
    return "no reason given";
}

}  // namespace dcmtk_native::network
