// How an input is to be read: G-IN and G-INX of the tools, and the limits.
#pragma once

#include <cstdint>

#include "intake/limits.hpp"

namespace dcmtk_native::data {

enum class ReadMode : std::uint8_t { automatic, file_only, dataset };
enum class ReadXfer : std::uint8_t { automatic, detect, little, big, implicit };

struct ReadOptions {
    ReadMode mode;
    ReadXfer xfer;
    intake::Limits limits;
};

}  // namespace dcmtk_native::data
