// Parts that were written, but whose edit of the manifest failed: a crash may still bring it back.
#pragma once

#include <string>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/catalog/catalog.h"

namespace skald::storage {

// Threads: externally synchronised.
class UndecidedParts {
 public:
  void Add(const std::vector<PartInfo>& parts);

  // Makes certain that the edits do not count, and removes the files from the engine's directory; a
  // part that the manifest names all the same stays. On error nothing is removed.
  Status Settle(Catalog* catalog, FileSystem* files, const std::string& directory);

 private:
  std::vector<PartInfo> parts_;
};

}  // namespace skald::storage
