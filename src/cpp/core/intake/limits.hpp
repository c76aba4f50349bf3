// Every limit on foreign input, in one struct. The defaults are beyond any honest file.
#pragma once

#include <cstdint>

namespace dcmtk_native::intake {

struct Limits {
    /// Sequences within sequences; every level of libdcmtk's parser costs stack.
    std::uint32_t max_depth = 64;
    /// Elements and items of one file, all levels together.
    std::uint64_t max_elements = 100'000'000;
    /// Bytes of one element's value.
    std::uint64_t max_element_length = 0xFFFFFFFEULL;
    /// Bytes of one file.
    std::uint64_t max_file_size = 1ULL << 40;
    /// What a deflated data set may grow to, as a multiple of its size ...
    std::uint64_t max_inflate_ratio = 200;
    /// ... but small ones may grow to this many bytes whatever the ratio.
    std::uint64_t min_inflate_allowance = 32ULL << 20;
    /// Rows x columns x samples x bytes x frames that the pixel module may claim.
    std::uint64_t max_pixel_bytes = 64ULL << 30;
};

}  // namespace dcmtk_native::intake
