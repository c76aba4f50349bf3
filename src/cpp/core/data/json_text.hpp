// The model as JSON text, in the layout of DCMTK's dcm2json.
#pragma once

#include "data/json.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::data {

enum class JsonLayout : std::uint8_t {
    formatted,  // indented, an entry a line
    compact,    // no character that is not needed
};

/// Writes the text as UTF-8. Integers of more than 53 bits are strings (PS3.18 section F.2.2 allows
/// it), because many readers know no others.
[[nodiscard]] JsonReport write_json_text(const Dataset& dataset, const JsonOptions& options,
                                         JsonLayout layout, runtime::Sink& sink);

}  // namespace dcmtk_native::data
