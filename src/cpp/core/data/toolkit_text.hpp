// Text values of libdcmdata's objects in another character set, by our own tables: those of the C
// library miss the Japanese sets, and fail where a byte has no meaning.
#pragma once

#include <string_view>

#include "runtime/charset.hpp"

class DcmFileFormat;

namespace dcmtk_native::data {

struct TextConversion {
    runtime::CharacterSet target;
    /// What to take undeclared text for: a value of (0008,0005). Empty: the default repertoire.
    std::string_view assumed;
    /// Name the target in the data set of a DICOMDIR too, where PS3.3 annex F has no place for it.
    bool declare_in_directory;
};

/// Rewrites the values that (0008,0005) concerns, item by item as each declares it or inherits it,
/// and that attribute. What has no meaning becomes U+FFFD and a record in the log; a character that
/// the target lacks is an Error: operation.
void convert_text(DcmFileFormat& file, const TextConversion& conversion);

/// Whether an item that neither declares nor inherits a character set has bytes above 0x7F in its
/// text values, or in any of its strings.
[[nodiscard]] bool has_undeclared_characters(DcmFileFormat& file, bool in_all_strings);

}  // namespace dcmtk_native::data
