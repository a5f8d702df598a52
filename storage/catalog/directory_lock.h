// The lock that keeps a second process out of a data directory.
#pragma once

#include <memory>
#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"

namespace skald::storage {

// Creates `directory` if need be, durably, and locks its file `LOCK` until the result goes.
// Unavailable, naming the directory, when another process holds it.
StatusOr<std::unique_ptr<FileLock>> LockDirectory(FileSystem* files, const std::string& directory);

}  // namespace skald::storage
