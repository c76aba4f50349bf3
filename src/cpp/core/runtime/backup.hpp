// A second name for a file that is about to be replaced.
#pragma once

#include <string>

namespace dcmtk_native::runtime {

/// Makes `backup_path` a name of the file at `path`, in the place of an earlier backup; the file
/// keeps its own. Where the file system has no hard links, a copy is made. Throws Error: file.
void keep_backup(const std::string& path, const std::string& backup_path);

}  // namespace dcmtk_native::runtime
