#include "runtime/library.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dlfcn.h>

#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::runtime {

std::string library_path() {
    Dl_info info{};
    // Any exported function of libdcmdata tells where it came from.
    if (dladdr(reinterpret_cast<const void*>(&dcmFindNameOfUID), &info) == 0 || info.dli_fname == nullptr)
        raise(ErrorKind::internal, "cannot tell where libdcmdata was loaded from");
    return info.dli_fname;
}

LibraryInfo library_info() {
    LibraryInfo info{};
    info.version = OFFIS_DCMTK_VERSION_STRING;
    const std::string path = library_path();
    const auto slash = path.rfind('/');
    info.directory = slash == std::string::npos ? "." : path.substr(0, slash);
    info.dictionary_entries = dictionary_size();
#ifdef WITH_OPENSSL
    info.with_openssl = true;
#endif
#ifdef WITH_ZLIB
    info.with_zlib = true;
#endif
#ifdef WITH_LIBXML
    info.with_libxml = true;
#endif
#ifdef WITH_LIBPNG
    info.with_png = true;
#endif
#ifdef WITH_LIBTIFF
    info.with_tiff = true;
#endif
    info.with_charset_conversion = true;  // our own tables
    return info;
}

}  // namespace dcmtk_native::runtime
