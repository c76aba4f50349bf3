// The inputs of a tool that takes several: files as they are, directories as what lies in them.
#pragma once

#include <string>
#include <vector>

#include "runtime/files.hpp"

namespace dcmtk_native::data {

struct DirectoryScan {
    bool enabled;         // else a directory is an error
    std::string pattern;  // of file names, with wildcards; empty: all files
    bool recurse;
};

/// The files in the order of the inputs and, within a directory, in the order of the system: as
/// DCMTK's tools take them. A directory that is met again (by a symbolic link) is left out.
[[nodiscard]] std::vector<runtime::Input> list_files(const std::vector<runtime::Input>& inputs,
                                                     const DirectoryScan& scan);

}  // namespace dcmtk_native::data
