// A file system in memory that forgets what was not synced, as a machine does that loses power.
//
// Appended bytes survive a crash once their file was synced; creations, renames and removals once
// their directory was, and nothing implies the other. That is less than real file systems promise,
// so code that survives here survives there. Emptying an existing file counts as replacing it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/mutex.h"
#include "tests/support/random.h"

namespace skald {

// Absolute and relative paths are the same; the root directory exists and is durable.
// Threads: thread-safe. Must outlive the files opened through it.
class MemoryFileSystem : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  // Loses everything that is not durable. Files opened before are dead: every call on them fails
  // with Unavailable. Locks are released.
  void Crash();
  // The same, but of each file a random part of the unsynced bytes survives, from their beginning,
  // and so does each unsynced directory change or not, a rename within a directory as a whole.
  void Crash(uint64_t seed);

  // Writes over bytes of a file, as a failing disk would; durable at once. REQUIRES: they exist.
  void Overwrite(const std::string& path, uint64_t offset, std::string_view bytes);
  void set_free_space(uint64_t bytes);

  StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> NewAppendableFile(const std::string& path) override;
  StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(const std::string& path) override;
  Status CreateDirectories(const std::string& path) override;
  StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status RenameFile(const std::string& from, const std::string& to) override;
  Status RemoveFile(const std::string& path) override;
  Status TruncateFile(const std::string& path, uint64_t size) override;
  bool FileExists(const std::string& path) override;
  StatusOr<uint64_t> FileSize(const std::string& path) override;
  StatusOr<std::unique_ptr<FileLock>> LockFile(const std::string& path) override;
  StatusOr<uint64_t> FreeSpace(const std::string& path) override;

 private:
  struct Node;
  class Writer;
  class Reader;
  class Lock;
  using NodePtr = std::shared_ptr<Node>;
  // Names given or, where null, taken away: one step that a crash does not split.
  using Change = std::map<std::string, NodePtr>;

  // A file or a directory.
  struct Node {
    bool is_directory = false;
    // Of a file.
    std::string bytes;
    size_t synced = 0;  // bytes [0, synced) are durable
    // Of a directory: the entries as seen, as durable, and the changes between the two.
    std::map<std::string, NodePtr> entries;
    std::map<std::string, NodePtr> durable;
    std::vector<Change> changes;
  };

  // Where a path leads: an existing directory and a name in it.
  struct Place {
    Node* directory = nullptr;
    std::string name;
  };

  static std::vector<std::string> Split(const std::string& path);
  static void Apply(const Change& change, std::map<std::string, NodePtr>* entries);
  static void Make(Node* directory, Change change);

  NodePtr Find(const std::string& path) SKALD_REQUIRES(mutex_);
  StatusOr<Place> FindPlace(const std::string& path) SKALD_REQUIRES(mutex_);
  StatusOr<NodePtr> FindFile(const std::string& path) SKALD_REQUIRES(mutex_);
  StatusOr<NodePtr> FindDirectory(const std::string& path) SKALD_REQUIRES(mutex_);
  StatusOr<std::unique_ptr<WritableFile>> Open(const std::string& path, bool keep)
      SKALD_REQUIRES(mutex_);
  void CrashWith(Random* random);

  Mutex mutex_;
  NodePtr root_ SKALD_GUARDED_BY(mutex_);
  uint64_t crashes_ SKALD_GUARDED_BY(mutex_) = 0;
  std::set<const Node*> locked_ SKALD_GUARDED_BY(mutex_);
  uint64_t free_space_ SKALD_GUARDED_BY(mutex_) = uint64_t{1} << 40;
};

}  // namespace skald
