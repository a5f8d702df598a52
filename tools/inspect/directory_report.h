// What a whole data directory is made of on disk: every part, the log, the manifest.
#pragma once

#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"

namespace skald::inspect {

struct DirectoryReport {
  std::string text;
  bool damaged = false;  // some part cannot be read as a whole
};

// Surveys every part below `directory`. With `parts` a line a part. Only file names and part files
// are looked at, so the server may run; parts that it removes meanwhile are reported as unreadable.
StatusOr<DirectoryReport> ReportDirectory(FileSystem* files, const std::string& directory,
                                          bool parts);

}  // namespace skald::inspect
