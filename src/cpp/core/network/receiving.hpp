// What a peer stores here: to a file, its data set byte for byte as it came, or to memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "network/association.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

struct ReceivedObject {
    std::string sop_class;
    std::string sop_instance;
    std::string transfer_syntax;
    std::optional<std::string> path;
    std::optional<std::string> content;  // of the file, where there is no path
    std::uint64_t data_set_length = 0;
    /// What had the path before, under a name of its own, where the receiver wants to be asked.
    std::optional<std::string> replaced;
};

/// How far an object that comes is held against its request: not at all, its SOP class and instance
/// have to be those of the request, or they may also be padded by blanks (PS3.5 section 6.2 has NULs).
enum class Identity : std::uint8_t { unchecked, exact, padded };

/// Preamble and meta header (PS3.10 section 7.1) for a data set that comes over the network.
[[nodiscard]] std::string file_header(const std::string& sop_class, const std::string& sop_instance,
                                      const std::string& transfer_syntax,
                                      const std::string& source_ae_title);

/// True: a C-STORE request without a data set, or without the names of its object, which nobody can
/// keep; what came of the data set has been read.
[[nodiscard]] bool refuse_incomplete(Association& association, const Message& request);

/// Where the file of an object goes.
class Placement {
  public:
    Placement() = default;
    Placement(const Placement&) = delete;
    Placement& operator=(const Placement&) = delete;
    virtual ~Placement() = default;

    /// A path beside which it is written. Its data set has not been read yet.
    [[nodiscard]] virtual std::string begin(const ReceivedObject& object) = 0;
    /// Commits the file, all of which is written, and says where it is; `begun` is what `begin` said.
    [[nodiscard]] virtual std::string finish(const ReceivedObject& object, const std::string& begun,
                                             runtime::FileSink& file);
};

/// Into one folder, under the name of `file_name_of`.
class InFolder final : public Placement {
  public:
    explicit InFolder(std::string folder) : folder_(std::move(folder)) {}
    [[nodiscard]] std::string begin(const ReceivedObject& object) override;

  private:
    std::string folder_;
};

/// An object in memory is no longer than what an element of one can be.
constexpr std::uint64_t max_object_in_memory = 0xFFFFFFFE;

/// Takes the data set of a C-STORE request into a file, which gets its name when it is complete;
/// without a placement, into memory. Throws Error: association; file when it cannot be
/// written, format when it cannot be read, operation when it is another instance than its request
/// says. After these three the data set has been read, the association goes on.
[[nodiscard]] ReceivedObject receive_object(Association& association, const Message& request,
                                            Placement* placement,
                                            Identity identity = Identity::unchecked);
/// The status for an Error of receive_object that the association survives; nothing for others.
[[nodiscard]] std::optional<std::uint16_t> status_of(const runtime::Error& error);

}  // namespace dcmtk_native::network
