// The file meta information (PS3.10 section 7.1) of a draft to be written.
#pragma once

#include <string>
#include <string_view>

#include "data/draft.hpp"
#include "data/writer.hpp"

namespace dcmtk_native::data {

/// What (0002,0012) and (0002,0013) say of files written here.
extern const std::string_view implementation_class_uid;
extern const std::string_view implementation_version_name;

/// Preamble, magic word and group 0002, in bytes; the mode is any but WriteMode::dataset.
[[nodiscard]] std::string meta_header(const Draft& draft, const WriteOptions& options,
                                      std::string_view transfer_syntax);

}  // namespace dcmtk_native::data
