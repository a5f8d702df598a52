// Makes a directory that a crash does not take away again.
#pragma once

#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"

namespace skald::storage {

// Creates `path` and its missing parents, and syncs the parent of each that was missing and of
// `path` itself.
Status CreateDirectoryDurably(FileSystem* files, const std::string& path);

}  // namespace skald::storage
