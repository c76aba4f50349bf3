// Deflated data sets (PS3.5 section A.5), without the risk: what comes out is counted before it is
// stored.
#pragma once

#include <cstdint>
#include <string>

#include "intake/limits.hpp"
#include "intake/source.hpp"

namespace dcmtk_native::intake {

/// Around the deflated bytes: nothing, as DICOM wants it, or a zlib header and checksum (RFC 1950),
/// as some write it.
enum class Deflation : std::uint8_t { raw, zlib };

/// The inflated bytes of [begin, end). Reads the source twice: the first time to learn the size.
/// Throws Error: limit (before anything of that size was allocated), format (corrupt, or no end of
/// the stream), aborted, timed out.
[[nodiscard]] std::string inflate(const Source& source, std::uint64_t begin, std::uint64_t end,
                                  Deflation deflation, const Limits& limits);

}  // namespace dcmtk_native::intake
