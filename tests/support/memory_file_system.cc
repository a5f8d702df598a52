#include "tests/support/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/base/check.h"

namespace skald {
namespace {

Status NoSuchFile(const std::string& path) { return NotFound(StrCat("no such file: ", path)); }
Status PowerWasCut() { return Unavailable("opened before a crash"); }

}  // namespace

// An open file knows how many crashes there had been.
class MemoryFileSystem::Writer : public WritableFile {
 public:
  Writer(MemoryFileSystem* files, NodePtr node, uint64_t crashes)
      : files_(files), node_(std::move(node)), crashes_(crashes) {}

  Status Append(std::string_view bytes) override {
    MutexLock lock(&files_->mutex_);
    if (crashes_ != files_->crashes_) return PowerWasCut();
    node_->bytes.append(bytes);
    return absl::OkStatus();
  }
  Status Sync() override {
    MutexLock lock(&files_->mutex_);
    if (crashes_ != files_->crashes_) return PowerWasCut();
    node_->synced = node_->bytes.size();
    return absl::OkStatus();
  }
  Status Close() override { return absl::OkStatus(); }

 private:
  MemoryFileSystem* const files_;
  const NodePtr node_;
  const uint64_t crashes_;
};

class MemoryFileSystem::Reader : public RandomAccessFile {
 public:
  Reader(MemoryFileSystem* files, NodePtr node, uint64_t crashes)
      : files_(files), node_(std::move(node)), crashes_(crashes), size_(node_->bytes.size()) {}

  Status ReadRanges(std::span<const ReadRange> ranges) const override {
    MutexLock lock(&files_->mutex_);
    if (crashes_ != files_->crashes_) return PowerWasCut();
    for (const ReadRange& range : ranges) {
      const std::string_view bytes = node_->bytes;
      if (range.offset > bytes.size() || range.size > bytes.size() - range.offset) {
        return DataLoss("read past the end of a file");
      }
      if (range.size > 0) std::memcpy(range.data, bytes.data() + range.offset, range.size);
    }
    return absl::OkStatus();
  }
  uint64_t size() const override { return size_; }

 private:
  MemoryFileSystem* const files_;
  const NodePtr node_;
  const uint64_t crashes_;
  const uint64_t size_;
};

class MemoryFileSystem::Lock : public FileLock {
 public:
  Lock(MemoryFileSystem* files, NodePtr node, uint64_t crashes)
      : files_(files), node_(std::move(node)), crashes_(crashes) {}
  ~Lock() override {
    MutexLock lock(&files_->mutex_);
    if (crashes_ == files_->crashes_) files_->locked_.erase(node_.get());
  }

 private:
  MemoryFileSystem* const files_;
  const NodePtr node_;
  const uint64_t crashes_;
};

MemoryFileSystem::MemoryFileSystem() : root_(std::make_shared<Node>()) {
  root_->is_directory = true;
}
MemoryFileSystem::~MemoryFileSystem() = default;

void MemoryFileSystem::Crash() { CrashWith(nullptr); }

void MemoryFileSystem::Crash(uint64_t seed) {
  Random random(seed);
  CrashWith(&random);
}

void MemoryFileSystem::CrashWith(Random* random) {
  MutexLock lock(&mutex_);
  ++crashes_;
  locked_.clear();
  std::vector<NodePtr> left = {root_};
  std::set<const Node*> seen;
  while (!left.empty()) {
    const NodePtr node = std::move(left.back());
    left.pop_back();
    if (!seen.insert(node.get()).second) continue;
    if (!node->is_directory) {
      const size_t lost = node->bytes.size() - node->synced;
      node->bytes.resize(node->synced + (random == nullptr ? 0 : random->Below(lost + 1)));
      node->synced = node->bytes.size();
      continue;
    }
    for (const Change& change : std::exchange(node->changes, {})) {
      if (random != nullptr && random->OneIn(2)) Apply(change, &node->durable);
    }
    node->entries = node->durable;
    for (const auto& [name, child] : node->entries) left.push_back(child);
  }
}

void MemoryFileSystem::Overwrite(const std::string& path, uint64_t offset, std::string_view bytes) {
  MutexLock lock(&mutex_);
  const auto node = FindFile(path);
  SKALD_CHECK(node.ok());
  SKALD_CHECK(offset + bytes.size() <= (*node)->bytes.size());
  (*node)->bytes.replace(offset, bytes.size(), bytes);
}

void MemoryFileSystem::set_free_space(uint64_t bytes) {
  MutexLock lock(&mutex_);
  free_space_ = bytes;
}

std::vector<std::string> MemoryFileSystem::Split(const std::string& path) {
  std::vector<std::string> names;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    if (!name.empty() && name != ".") names.push_back(name);
    begin = end + 1;
  }
  return names;
}

void MemoryFileSystem::Apply(const Change& change, std::map<std::string, NodePtr>* entries) {
  for (const auto& [name, node] : change) {
    if (node == nullptr) {
      entries->erase(name);
    } else {
      (*entries)[name] = node;
    }
  }
}

void MemoryFileSystem::Make(Node* directory, Change change) {
  Apply(change, &directory->entries);
  directory->changes.push_back(std::move(change));
}

MemoryFileSystem::NodePtr MemoryFileSystem::Find(const std::string& path) {
  NodePtr node = root_;
  for (const std::string& name : Split(path)) {
    const auto entry = node->entries.find(name);
    if (entry == node->entries.end()) return nullptr;
    node = entry->second;
  }
  return node;
}

StatusOr<MemoryFileSystem::Place> MemoryFileSystem::FindPlace(const std::string& path) {
  std::vector<std::string> names = Split(path);
  if (names.empty()) return InvalidArgument(StrCat("no file name: ", path));
  Place place;
  place.name = std::move(names.back());
  place.directory = root_.get();
  names.pop_back();
  for (const std::string& name : names) {
    const auto entry = place.directory->entries.find(name);
    if (entry == place.directory->entries.end() || !entry->second->is_directory) {
      return NotFound(StrCat("no such directory: ", path));
    }
    place.directory = entry->second.get();
  }
  return place;
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::FindFile(const std::string& path) {
  NodePtr node = Find(path);
  if (node == nullptr) return NoSuchFile(path);
  if (node->is_directory) return Internal(StrCat("is a directory: ", path));
  return node;
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::FindDirectory(const std::string& path) {
  NodePtr node = Find(path);
  if (node == nullptr || !node->is_directory) return NotFound(StrCat("no such directory: ", path));
  return node;
}

StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::Open(const std::string& path, bool keep) {
  ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  const auto entry = place.directory->entries.find(place.name);
  NodePtr node = entry == place.directory->entries.end() ? nullptr : entry->second;
  if (node != nullptr && node->is_directory) return Internal(StrCat("is a directory: ", path));
  if (node == nullptr || !keep) {
    node = std::make_shared<Node>();
    Make(place.directory, {{place.name, node}});
  }
  return std::make_unique<Writer>(this, std::move(node), crashes_);
}

StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::NewWritableFile(const std::string& path) {
  MutexLock lock(&mutex_);
  return Open(path, /*keep=*/false);
}

StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::NewAppendableFile(
    const std::string& path) {
  MutexLock lock(&mutex_);
  return Open(path, /*keep=*/true);
}

StatusOr<std::unique_ptr<RandomAccessFile>> MemoryFileSystem::NewRandomAccessFile(
    const std::string& path) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(NodePtr node, FindFile(path));
  return std::make_unique<Reader>(this, std::move(node), crashes_);
}

Status MemoryFileSystem::CreateDirectories(const std::string& path) {
  MutexLock lock(&mutex_);
  Node* directory = root_.get();
  for (const std::string& name : Split(path)) {
    if (!directory->entries.contains(name)) {
      auto child = std::make_shared<Node>();
      child->is_directory = true;
      Make(directory, {{name, std::move(child)}});
    }
    directory = directory->entries[name].get();
    if (!directory->is_directory) return absl::AlreadyExistsError(StrCat("is a file: ", path));
  }
  return absl::OkStatus();
}

StatusOr<std::vector<std::string>> MemoryFileSystem::ListDirectory(const std::string& path) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const NodePtr directory, FindDirectory(path));
  std::vector<std::string> names;
  for (const auto& [name, node] : directory->entries) names.push_back(name);
  return names;
}

Status MemoryFileSystem::SyncDirectory(const std::string& path) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const NodePtr directory, FindDirectory(path));
  directory->durable = directory->entries;
  directory->changes.clear();
  return absl::OkStatus();
}

Status MemoryFileSystem::RenameFile(const std::string& from, const std::string& to) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Place source, FindPlace(from));
  ASSIGN_OR_RETURN(const Place target, FindPlace(to));
  const auto entry = source.directory->entries.find(source.name);
  if (entry == source.directory->entries.end()) return NoSuchFile(from);
  const NodePtr node = entry->second;
  if (source.directory != target.directory) {
    Make(source.directory, {{source.name, nullptr}});
    Make(target.directory, {{target.name, node}});
  } else if (source.name != target.name) {
    Make(target.directory, {{source.name, nullptr}, {target.name, node}});
  }
  return absl::OkStatus();
}

Status MemoryFileSystem::RemoveFile(const std::string& path) {
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(FindFile(path).status());
  ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  Make(place.directory, {{place.name, nullptr}});
  return absl::OkStatus();
}

Status MemoryFileSystem::TruncateFile(const std::string& path, uint64_t size) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const NodePtr node, FindFile(path));
  node->bytes.resize(size);
  node->synced = size;
  return absl::OkStatus();
}

bool MemoryFileSystem::FileExists(const std::string& path) {
  MutexLock lock(&mutex_);
  return Find(path) != nullptr;
}

StatusOr<uint64_t> MemoryFileSystem::FileSize(const std::string& path) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const NodePtr node, FindFile(path));
  return node->bytes.size();
}

StatusOr<std::unique_ptr<FileLock>> MemoryFileSystem::LockFile(const std::string& path) {
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(Open(path, /*keep=*/true).status());
  ASSIGN_OR_RETURN(NodePtr node, FindFile(path));
  if (!locked_.insert(node.get()).second) return Unavailable(StrCat("already held: ", path));
  return std::make_unique<Lock>(this, std::move(node), crashes_);
}

StatusOr<uint64_t> MemoryFileSystem::FreeSpace(const std::string& path) {
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(FindDirectory(path).status());
  return free_space_;
}

}  // namespace skald
