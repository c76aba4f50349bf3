// Streams of frames as the fragments of a pixel data element (PS3.5 section A.4).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/draft.hpp"

namespace dcmtk_native::codec {

struct Encapsulation {
    std::uint64_t fragment_size = 0;  // bytes, an even number; 0: one fragment a frame
    bool offset_table = true;
};

/// Puts the frames into the pixel data element, with an offset table: the basic one, or the extended
/// one where 32 bit do not reach.
void encapsulate(data::Draft& draft, std::vector<std::string> frames,
                 const Encapsulation& options);

}  // namespace dcmtk_native::codec
