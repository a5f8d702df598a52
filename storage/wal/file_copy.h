// Copies bytes of a file into a file of their own, as damaged bytes are kept.
#pragma once

#include <cstdint>
#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"

namespace skald::storage {

// Writes the bytes [offset, offset + size) of `from` to the new file `to` and syncs it; the
// directory is the caller's to sync. Memory: 1 MiB.
Status CopyToFile(FileSystem* files, const std::string& from, uint64_t offset, uint64_t size,
                  const std::string& to);

}  // namespace skald::storage
