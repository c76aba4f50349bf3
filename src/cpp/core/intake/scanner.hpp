// Walks the elements of a data set over raw bytes, without libdcmtk: the guard before every parser,
// and the fast reader. Result: a flat index in document order; no value is copied.
//
// It takes the decisions of libdcmtk's parser (DcmItem, DcmSequenceOfItems, DcmPixelSequence of
// 3.6.7, default switches). What that parser refuses is an Error here; what it reads in a way of
// its own is an Oddity.
#pragma once

#include <cstdint>

#include "intake/index.hpp"
#include "intake/limits.hpp"
#include "intake/source.hpp"
#include "runtime/transfer_syntax.hpp"

namespace dcmtk_native::intake {

struct ScanOptions {
    runtime::Encoding encoding;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    /// Values longer than this are not read from a file (buffers are never copied).
    std::uint32_t keep_in_memory = 16 * 1024;
    /// Stops before the first top-level element of another group: the meta header ends so.
    bool only_group_0002 = false;
    /// Stops before the first top-level element behind this one.
    runtime::Tag last_tag = 0xFFFFFFFF;
};

/// Scans [begin, end). Throws Error: limit (depth, lengths, elements), format (a value or item that
/// reaches past the end, a header cut short), aborted, timed out.
[[nodiscard]] Index scan(Source& source, const ScanOptions& options, const Limits& limits);

}  // namespace dcmtk_native::intake
