// How an input is to be read: G-IN and G-INX of the tools, and the limits.
#pragma once

#include <cstdint>

#include "intake/limits.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::data {

enum class ReadMode : std::uint8_t { automatic, file_only, dataset };
enum class ReadXfer : std::uint8_t { automatic, detect, little, big, implicit };

struct ReadOptions {
    ReadMode mode;
    ReadXfer xfer;
    intake::Limits limits;
    /// Nothing behind this top-level element of the data set is wanted: it need not be read.
    runtime::Tag last_tag = 0xFFFFFFFF;
};

}  // namespace dcmtk_native::data
