// Passes calls on to another file system, counts them, and fails those that a test names.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/mutex.h"

namespace skald {

// What is counted and can fail. kCreate is opening for writing or appending; kRead is a batch of
// ranges; kOther is everything that only looks: opening for reading, listing, sizes, locks.
enum class FileOperation {
  kCreate,
  kAppend,
  kSync,
  kRead,
  kRename,
  kRemove,
  kTruncate,
  kCreateDirectory,
  kSyncDirectory,
  kOther,
};
inline constexpr size_t kFileOperations = 10;

// How far apart the operations are that a test has fail in turn: 1, so that it is every one, or
// what the environment variable SKALD_FAULT_STRIDE says.
uint64_t FaultStride();

// Threads: thread-safe. Must outlive the files opened through it.
class FaultFileSystem : public FileSystem {
 public:
  explicit FaultFileSystem(FileSystem* files) : files_(files) {}

  // Fails the nth operation of this kind from now (1 is the next one), once, without doing it.
  // Only operations on paths that contain `path_part` are counted.
  void FailNth(FileOperation operation, uint64_t nth, Status status,
               std::string_view path_part = {});
  // As FailNth for appends, but writes the first `written` bytes before it fails.
  void ShortAppendNth(uint64_t nth, size_t written, Status status, std::string_view path_part = {});
  // Fails the nth operation of this kind from now and all after it until Heal().
  void FailFrom(FileOperation operation, uint64_t nth, Status status,
                std::string_view path_part = {});
  // Fails every operation of this kind until Heal().
  void FailAll(FileOperation operation, Status status, std::string_view path_part = {});
  // As FailNth, but std::bad_alloc is thrown.
  void ThrowNth(FileOperation operation, uint64_t nth, std::string_view path_part = {});
  // Lets `operations` more operations of any kind through, then fails all with Unavailable until
  // Heal(), as if power were cut. The caller then crashes the file system below, if it can.
  void CutPowerAfter(uint64_t operations);
  // Forgets every fault that is set.
  void Heal();

  // Operations begun so far, failed ones among them.
  uint64_t count(FileOperation operation) const;
  uint64_t total() const;
  // Operations that a fault or the power cut has struck.
  uint64_t struck() const;

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
  class Writer;
  class Reader;

  struct Fault {
    FileOperation operation;
    std::string path_part;
    uint64_t countdown;  // operations until it strikes, this one among them
    bool once;
    Status status;
    size_t written = 0;  // bytes of an append that get through
    bool throws = false;
  };

  // Counts an operation; returns the fault that strikes it, if any.
  std::optional<Fault> Strike(FileOperation operation, std::string_view path);
  Status Begin(FileOperation operation, std::string_view path);
  StatusOr<std::unique_ptr<WritableFile>> Wrap(StatusOr<std::unique_ptr<WritableFile>> file,
                                               const std::string& path);

  FileSystem* const files_;
  mutable Mutex mutex_;
  std::vector<Fault> faults_ SKALD_GUARDED_BY(mutex_);
  std::array<uint64_t, kFileOperations> counts_ SKALD_GUARDED_BY(mutex_) = {};
  uint64_t struck_ SKALD_GUARDED_BY(mutex_) = 0;
  std::optional<uint64_t> power_left_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald
