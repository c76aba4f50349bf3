#include "network/upper_layer.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "network/wrong_peer.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::Deadline;
using runtime::ErrorKind;

// Of a PDV before its value: length, context, message control header (PS3.8 section 9.3.5.1).
constexpr std::size_t pdv_header_length = 6;
constexpr std::uint8_t control_command = 1;
constexpr std::uint8_t control_last = 2;
constexpr std::size_t headers_length = pdu_header_length + pdv_header_length;

constexpr std::size_t smallest_input = 8 * 1024;
constexpr std::size_t largest_input = 256 * 1024;  // but for one PDU that is longer
// The receiver has something to do while the rest of a message is read.
constexpr std::size_t first_batch = 32 * 1024;
constexpr std::size_t largest_batch = 256 * 1024;
// What DCMTK allows too (dcmAssociatePDUSizeLimit).
constexpr std::uint32_t longest_associate = 1024 * 1024;
constexpr std::uint32_t longest_other = 64;  // four bytes, says PS3.8

}  // namespace

/// PDUs of one payload or two, laid out in one write: headers here, values wherever they are.
class UpperLayer::Batch {
  public:
    void add(std::uint8_t context, std::uint8_t control, std::string_view value) {
        std::array<char, headers_length>& header = headers_[count_++];
        header[0] = static_cast<char>(PduType::data);
        header[1] = 0;
        const auto length = static_cast<std::uint32_t>(value.size());
        runtime::store(static_cast<std::uint32_t>(length + pdv_header_length), &header[2], true);
        runtime::store(static_cast<std::uint32_t>(length + 2), &header[6], true);
        header[10] = static_cast<char>(context);
        header[11] = static_cast<char>(control);
        parts_[used_++] = {header.data(), header.size()};
        parts_[used_++] = {const_cast<char*>(value.data()), value.size()};
        bytes_ += value.size();
    }
    [[nodiscard]] bool is_full() const noexcept { return count_ == max_pdus || bytes_ >= size_; }
    [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::size_t room() const noexcept { return bytes_ < size_ ? size_ - bytes_ : 0; }

    void flush(UpperLayer& layer, Deadline deadline) {
        if (is_empty()) return;
        layer.write(parts_.data(), used_, deadline);
        count_ = used_ = bytes_ = 0;
        size_ = largest_batch;
    }

  private:
    static constexpr std::size_t max_pdus = 128;

    std::array<std::array<char, headers_length>, max_pdus> headers_;
    std::array<iovec, 2 * max_pdus> parts_;
    std::size_t count_ = 0;
    std::size_t used_ = 0;
    std::size_t bytes_ = 0;
    std::size_t size_ = first_batch;
};

UpperLayer::UpperLayer(std::unique_ptr<Transport> transport, std::uint32_t own_max_pdu)
    : transport_(std::move(transport)), own_max_pdu_(own_max_pdu) {
    set_peer_max_pdu(min_pdu);
}

void UpperLayer::set_peer_max_pdu(std::uint32_t length) noexcept {
    // Some say less than any message needs; each PDU has to carry something.
    constexpr std::uint32_t least = 128;
    const std::uint32_t taken = length == 0 ? max_pdu : std::clamp(length, least, max_pdu);
    // Values are of even length.
    fragment_ = (taken - pdv_header_length) & ~std::size_t{1};
}

void UpperLayer::refuse(const std::string& what) const {
    runtime::raise(ErrorKind::association, transport_->peer() + ": " + what);
}

void UpperLayer::make_room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ < in_.size()) return;
    if (begin_ != 0) {
        std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        if (in_.size() >= largest_input) return;
    }
    // Full of bytes that have come: what a length claims alone costs nothing.
    in_.resize(std::max(smallest_input, 2 * in_.size()));
}

void UpperLayer::require(std::size_t count, Deadline deadline) {
    while (end_ - begin_ < count) {
        make_room();
        const std::size_t got = read_some(begin_ == end_ ? deadline : without_pause(deadline));
        if (got == 0)
            refuse("the peer closed the connection" +
                   (has_read_ ? std::string() : " without a word" + std::string(hint())));
        end_ += got;
        has_read_ = true;
    }
}

Deadline UpperLayer::without_pause(Deadline deadline) const {
    if (!longest_pause_) return deadline;
    return std::min(deadline, runtime::CallScope::Clock::now() + *longest_pause_);
}

std::size_t UpperLayer::read_some(Deadline deadline) {
    try {
        return transport_->read(in_.data() + end_, in_.size() - end_, deadline);
    } catch (runtime::Error& error) {
        if (error.system_errno != 0) error.message += hint();
        throw;
    }
}

/// What may be the matter with a peer that leaves without a word.
std::string_view UpperLayer::hint() const {
    return has_read_ || transport_->is_secure() ? "" : " (it may expect TLS)";
}

void UpperLayer::check_type(std::uint8_t type) const {
    if (type >= static_cast<std::uint8_t>(PduType::associate_request) &&
        type <= static_cast<std::uint8_t>(PduType::abort))
        return;
    const std::string_view other = what_speaks({in_.data() + begin_, end_ - begin_});
    refuse("the peer does not speak DICOM" + (other.empty() ? std::string() : ": " + std::string(other)));
}

std::uint32_t UpperLayer::longest(PduType type) const {
    switch (type) {
    case PduType::data: return own_max_pdu_;
    case PduType::associate_request:
    case PduType::associate_accept: return longest_associate;
    default: return longest_other;
    }
}

UpperLayer::Pdu UpperLayer::read_pdu(Deadline deadline) {
    require(pdu_header_length, deadline);
    const auto type = static_cast<std::uint8_t>(in_[begin_]);
    check_type(type);
    const auto length = runtime::load<std::uint32_t>(in_.data() + begin_ + 2, true);
    const auto known = static_cast<PduType>(type);
    if (length > longest(known))
        refuse("the peer sent a PDU of " + std::to_string(length) + " bytes, " +
               std::to_string(longest(known)) + " are allowed");
    require(pdu_header_length + length, deadline);
    const std::string_view body(in_.data() + begin_ + pdu_header_length, length);
    begin_ += pdu_header_length + length;
    return {known, body};
}

Ending UpperLayer::read_pdv(Pdv& out, Deadline deadline) {
    while (values_.empty()) {
        const Pdu pdu = read_pdu(deadline);
        switch (pdu.type) {
        case PduType::data: values_ = pdu.body; break;
        case PduType::release_request: return Ending::release_request;
        case PduType::release_response: return Ending::release_response;
        case PduType::abort: refuse(describe(decode_abort(pdu.body)));
        default: refuse("the peer sent a PDU that does not belong into an open association");
        }
    }
    if (values_.size() < pdv_header_length) refuse("the peer sent a P-DATA that ends within a header");
    const auto length = runtime::load<std::uint32_t>(values_.data(), true);
    if (length < 2 || length > values_.size() - 4)
        refuse("the peer sent a PDV whose length reaches past its PDU");
    const auto control = static_cast<std::uint8_t>(values_[5]);
    out = {static_cast<std::uint8_t>(values_[4]), (control & control_command) != 0,
           (control & control_last) != 0, values_.substr(pdv_header_length, length - 2)};
    values_.remove_prefix(4 + length);
    return Ending::none;
}

void UpperLayer::send(std::string_view pdu, Deadline deadline) {
    iovec part{const_cast<char*>(pdu.data()), pdu.size()};
    write(&part, 1, deadline);
}

void UpperLayer::write(iovec* parts, std::size_t count, Deadline deadline) {
    is_mid_pdu_ = true;
    try {
        transport_->write(parts, count, without_pause(deadline));
    } catch (const runtime::Error& error) {
        if (error.kind == ErrorKind::association && !transport_->is_stopped()) look_for_abort();
        throw;
    }
    is_mid_pdu_ = false;
}

/// A peer that aborts closes the connection, and we may learn that first: its reason is there to be
/// read all the same. Throws if it is.
void UpperLayer::look_for_abort() {
    make_room();
    end_ += transport_->read_if_possible(in_.data() + end_, in_.size() - end_);
    while (end_ - begin_ >= pdu_header_length) {
        const auto length = runtime::load<std::uint32_t>(in_.data() + begin_ + 2, true);
        if (length > end_ - begin_ - pdu_header_length) return;
        const std::string_view body(in_.data() + begin_ + pdu_header_length, length);
        if (static_cast<PduType>(in_[begin_]) == PduType::abort) refuse(describe(decode_abort(body)));
        begin_ += pdu_header_length + length;
    }
}

void UpperLayer::send_payload(Batch& batch, std::uint8_t context, const Payload& payload,
                              Deadline deadline, const ByteProgress& progress) {
    std::uint64_t sent = 0;
    do {
        // A stretch that fills the batch: from the file at once, from memory without a copy.
        const auto stretch = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::max(batch.room(), fragment_), payload.size - sent));
        std::string_view bytes = payload.memory;
        if (payload.descriptor >= 0) {
            out_.resize(std::max(out_.size(), stretch));
            const ssize_t got = ::pread(payload.descriptor, out_.data(), stretch,
                                        static_cast<off_t>(payload.offset + sent));
            if (got < 0 || static_cast<std::size_t>(got) != stretch)
                runtime::raise(ErrorKind::file, "the file to send has changed or cannot be read");
            bytes = {out_.data(), stretch};
        } else {
            bytes = bytes.substr(sent, stretch);
        }
        std::size_t at = 0;
        do {
            const std::size_t size = std::min(fragment_, stretch - at);
            const bool is_last = sent + at + size == payload.size;
            batch.add(context, is_last ? control_last : 0, bytes.substr(at, size));
            at += size;
            if (batch.is_full() && at < stretch) batch.flush(*this, deadline);
        } while (at < stretch);
        sent += stretch;
        batch.flush(*this, deadline);
        if (progress) progress(sent, payload.size);
    } while (sent < payload.size);
}

void UpperLayer::send_message(std::uint8_t context, std::string_view command, const Payload* data,
                              Deadline deadline, const ByteProgress& progress) {
    Batch batch;
    std::size_t at = 0;
    do {
        const std::size_t size = std::min(fragment_, command.size() - at);
        const bool is_last = at + size == command.size();
        batch.add(context, is_last ? control_command | control_last : control_command,
                  command.substr(at, size));
        at += size;
        if (batch.is_full()) batch.flush(*this, deadline);
    } while (at < command.size());
    if (data != nullptr) {
        send_payload(batch, context, *data, deadline, progress);
    } else {
        batch.flush(*this, deadline);
    }
}

void UpperLayer::abort_and_close(const Abort& abort) noexcept {
    if (transport_->descriptor() >= 0 && !is_mid_pdu_) {
        try {
            transport_->write_if_possible(encode(abort));
        } catch (const std::exception&) {
            // No memory for ten bytes: closing tells the peer as much.
        }
    }
    transport_->close();
}

void UpperLayer::finish_and_close() noexcept {
    transport_->finish();
    transport_->close();
}

}  // namespace dcmtk_native::network
