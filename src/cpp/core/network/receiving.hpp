// What a peer stores here: to a file, its data set byte for byte as it came, or to memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "network/association.hpp"

namespace dcmtk_native::network {

struct ReceivedObject {
    std::string sop_class;
    std::string sop_instance;
    std::string transfer_syntax;
    std::optional<std::string> path;
    std::optional<std::string> content;  // of the file, where there is no path
    std::uint64_t data_set_length = 0;
};

/// Preamble and meta header (PS3.10 section 7.1) for a data set that comes over the network.
[[nodiscard]] std::string file_header(const std::string& sop_class, const std::string& sop_instance,
                                      const std::string& transfer_syntax,
                                      const std::string& source_ae_title);

/// Takes the data set of a C-STORE request into a file of this folder, which gets its name when it
/// is complete; without a folder, into memory, up to `most` bytes. Throws Error: association, and
/// file when it cannot be written; the association goes on then, the data set has been read.
[[nodiscard]] ReceivedObject receive_object(Association& association, const Message& request,
                                            const std::optional<std::string>& folder,
                                            std::uint64_t most = UINT64_MAX);

}  // namespace dcmtk_native::network
