// What a JPEG 2000 codestream makes a decoder allocate and walk through, before it does.
#pragma once

#include <cstdint>

namespace dcmtk_native::codec {

struct Codestream;
struct Coding;

/// Decoders allocate for every code-block and precinct, and step through every packet, whether there
/// is a byte of them or not: in a stream of some hundred bytes these may be billions.
class J2kBudget {
  public:
    /// Throws Error (codec) when there are too many tiles.
    explicit J2kBudget(const Codestream& stream);

    /// The packets of a tile that is coded so. Throws Error (codec) when it is too much for the
    /// size of the image or the length of the stream.
    [[nodiscard]] std::uint64_t charge(const Coding& coding, std::uint32_t tile);

  private:
    const Codestream& stream_;
    std::uint64_t blocks_left_;
    std::uint64_t packets_left_;
};

}  // namespace dcmtk_native::codec
