// The DICOM upper layer protocol over a connection (PS3.8 section 9): PDUs in and out. What a peer
// claims is held against limits before a byte is kept for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/pdu.hpp"
#include "network/transport.hpp"

namespace dcmtk_native::network {

constexpr std::uint32_t min_pdu = 4096;
constexpr std::uint32_t max_pdu = 131072;

/// A presentation data value (PS3.8 annex E); its bytes are valid until the next read.
struct Pdv {
    std::uint8_t context = 0;
    bool is_command = false;
    bool is_last = false;
    std::string_view bytes;
};

/// Bytes to send whose number is known: memory, or a stretch of a file.
struct Payload {
    std::string_view memory;
    int descriptor = -1;  // if not -1, `size` bytes from `offset` of this file instead of the memory
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    [[nodiscard]] static Payload of(std::string_view bytes) { return {bytes, -1, 0, bytes.size()}; }
};

/// Told now and then how many bytes of a payload have gone.
using ByteProgress = std::function<void(std::uint64_t sent, std::uint64_t total)>;

/// Why there is nothing more to read: the peer asks for the release, or has granted it.
enum class Ending : std::uint8_t { none, release_request, release_response };

class UpperLayer {
  public:
    /// `own_max_pdu`: the longest P-DATA that the peer may send.
    UpperLayer(std::unique_ptr<Transport> transport, std::uint32_t own_max_pdu);

    /// A whole PDU other than P-DATA.
    struct Pdu {
        PduType type;
        std::string_view body;  // valid until the next read
    };
    /// The next PDU, of whatever type. Throws Error: association for what is none (with what it
    /// looks like: TLS, HTTP, ...), too long, or the end of the connection.
    [[nodiscard]] Pdu read_pdu(runtime::Deadline deadline);
    /// The next value of P-DATA in `out`. An abort by the peer is an Error (association); a release
    /// is the result, `out` has nothing then.
    [[nodiscard]] Ending read_pdv(Pdv& out, runtime::Deadline deadline);

    void send(std::string_view pdu, runtime::Deadline deadline);
    /// A command, and the data set behind it, if any: as many writes as their size asks for, the
    /// command goes out with the first bytes of the data set.
    void send_message(std::uint8_t context, std::string_view command, const Payload* data,
                      runtime::Deadline deadline, const ByteProgress& progress = {});
    /// An A-ABORT if it can be sent at once and does not fall into another PDU; then closes.
    void abort_and_close(const Abort& abort) noexcept;

    /// Closes such that what was sent last still reaches the peer, but waits for nothing.
    void finish_and_close() noexcept;

    /// The longest P-DATA that the peer takes; 0: of any length.
    void set_peer_max_pdu(std::uint32_t length) noexcept;
    /// A peer that has begun a PDU may pause this long; between PDUs the deadlines alone decide.
    void set_longest_pause(std::chrono::milliseconds time) noexcept { longest_pause_ = time; }
    /// True if something has come that is not read yet, or the connection has ended.
    [[nodiscard]] bool has_input() {
        return begin_ != end_ || !values_.empty() || transport_->has_input();
    }
    [[nodiscard]] Transport& transport() noexcept { return *transport_; }
    [[nodiscard]] const Transport& transport() const noexcept { return *transport_; }

  private:
    class Batch;

    void require(std::size_t count, runtime::Deadline deadline);
    void write(iovec* parts, std::size_t count, runtime::Deadline deadline);
    void look_for_abort();
    [[nodiscard]] runtime::Deadline without_pause(runtime::Deadline deadline) const;
    [[nodiscard]] std::size_t read_some(runtime::Deadline deadline);
    [[nodiscard]] std::string_view hint() const;
    void make_room();
    void check_type(std::uint8_t type) const;
    [[nodiscard]] std::uint32_t longest(PduType type) const;
    [[noreturn]] void refuse(const std::string& what) const;
    void send_payload(Batch& batch, std::uint8_t context, const Payload& payload,
                      runtime::Deadline deadline, const ByteProgress& progress);

    std::unique_ptr<Transport> transport_;
    std::uint32_t own_max_pdu_;
    std::size_t fragment_;  // bytes of a PDV's value that the peer takes
    // Bytes that have come: from begin_ to end_. They move to the front when the room is used up.
    std::vector<char> in_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string_view values_;  // of the current P-DATA: what is not read yet
    std::vector<char> out_;    // of a file, on its way
    std::optional<std::chrono::milliseconds> longest_pause_;
    bool is_mid_pdu_ = false;  // something of a PDU is written, and something not
    bool has_read_ = false;
};

}  // namespace dcmtk_native::network
