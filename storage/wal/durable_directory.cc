#include "storage/wal/durable_directory.h"

#include <vector>

namespace skald::storage {
namespace {

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool IsOutermost(const std::string& path) { return path == "/" || path == "."; }

}  // namespace

Status CreateDirectoryDurably(FileSystem* files, const std::string& path) {
  std::vector<std::string> parents = {ParentOf(path)};
  while (!IsOutermost(parents.back()) && !files->FileExists(parents.back())) {
    parents.push_back(ParentOf(parents.back()));
  }
  RETURN_IF_ERROR(files->CreateDirectories(path));
  for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) {
    RETURN_IF_ERROR(files->SyncDirectory(*parent));
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
