#include "storage/catalog/directory_lock.h"

#include "storage/wal/durable_directory.h"

namespace skald::storage {

StatusOr<std::unique_ptr<FileLock>> LockDirectory(FileSystem* files, const std::string& directory) {
  RETURN_IF_ERROR(CreateDirectoryDurably(files, directory));
  StatusOr<std::unique_ptr<FileLock>> lock = files->LockFile(StrCat(directory, "/LOCK"));
  if (absl::IsUnavailable(lock.status())) {
    return Annotate(lock.status(),
                    StrCat("data directory ", directory, " is in use by another process"));
  }
  return lock;
}

}  // namespace skald::storage
