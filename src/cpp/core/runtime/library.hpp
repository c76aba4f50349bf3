// Facts about the linked DCMTK.
#pragma once

#include <cstddef>
#include <string>

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
};

[[nodiscard]] LibraryInfo library_info();
/// The file of the libdcmdata that this process runs on.
[[nodiscard]] std::string library_path();

}  // namespace dcmtk_native::runtime
