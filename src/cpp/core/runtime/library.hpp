// Facts about the linked DCMTK.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dcmtk_native::runtime {

struct LibraryInfo {
    std::string version;
    std::string directory;
    std::size_t dictionary_entries;
    bool with_openssl;
    bool with_zlib;
    bool with_libxml;
    bool with_png;
    bool with_tiff;
    bool with_charset_conversion;
    std::vector<std::string> codecs;  // UIDs of the transfer syntaxes whose data sets can be read and written
};

[[nodiscard]] LibraryInfo library_info();
/// The file of the libdcmdata that this process runs on.
[[nodiscard]] std::string library_path();

}  // namespace dcmtk_native::runtime
