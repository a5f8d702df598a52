// A file without meaning, `BALLAST`, that takes space for emergencies.
//
// On a disk, or under a quota, that others have filled to the last byte nothing can be written, not
// even the edit of the manifest after which files may be removed. Then the ballast gives back as
// much space as the manifest needs to be written once more. It is made again when there is plenty
// of space.
#pragma once

#include <cstdint>
#include <string>

#include "storage/base/file_system.h"

namespace skald::storage {

// Threads: externally synchronised.
class Ballast {
 public:
  Ballast(FileSystem* files, std::string directory);

  // Fills the file up to `bytes` if the disk has four times as much free; else, or if that fails,
  // it stays as it is until the next call.
  void Keep(uint64_t bytes);

  // If it is space for `bytes` that `cause` tells of, or that the disk has not, gives back so much,
  // or what is left. False: there is enough, or nothing to give.
  bool Release(uint64_t bytes, const Status& cause);

 private:
  Status Fill(uint64_t bytes);

  FileSystem* const files_;
  const std::string directory_;
  const std::string path_;
  uint64_t size_;
};

}  // namespace skald::storage
