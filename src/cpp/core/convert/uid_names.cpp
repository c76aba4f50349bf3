#include "convert/convert.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

namespace dcmtk_native::convert {

std::optional<std::string> uid_of_name(const std::string& name) {
    if (name.find('\0') != std::string::npos) return std::nullopt;
    const char* uid = dcmFindUIDFromName(name.c_str());
    if (uid == nullptr) return std::nullopt;
    return uid;
}

}  // namespace dcmtk_native::convert
