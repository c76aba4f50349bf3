// Pixel data as files of raw bytes: what dcmdump's --write-pixel leaves.
#pragma once

#include <cstddef>
#include <string>

class DcmObject;

namespace dcmtk_native::data {

/// Writes each pixel data element and each pixel item in `object` to "<prefix>.<number>.raw",
/// numbers from `first` on in the order in which libdcmdata prints them; words in little endian. A
/// file that exists is left as it is.
void write_raw_pixels(DcmObject& object, const std::string& prefix, std::size_t first);

}  // namespace dcmtk_native::data
