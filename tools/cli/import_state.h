// How far an import has come, kept in a file so that an import that was broken off goes on there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/base/status.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

// What is moved from where to where. A later run must ask for the same.
struct ImportTask {
  std::string source;  // address and tenant
  std::string target;
  std::string selector;  // empty: every stream
  TimeSpan span;
};

struct ImportState {
  ImportTask task;
  int64_t done_until = 0;  // ns; the target has acknowledged every entry before it
  int64_t entries = 0;     // pushed so far; those of an interrupted window count again
  int64_t bytes = 0;       // of their lines and metadata
};

// Nothing when there is no such file. InvalidArgument when it is not such a file.
StatusOr<std::optional<ImportState>> ReadImportState(const std::string& path);

// Replaces the file in one step; it is on stable storage when this returns OK.
Status WriteImportState(const std::string& path, const ImportState& state);

}  // namespace skald::cli
