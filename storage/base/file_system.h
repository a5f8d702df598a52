// The only door to bytes on disk. Everything that is stored goes through a FileSystem, so that
// tests can drop unsynced bytes, tear writes and fail calls, and object storage can come later.
//
// Durability: appended bytes are durable once Sync() has returned OK; a created, renamed or
// removed name is durable once SyncDirectory() of its parent has. After a failed Sync() nothing
// is known about the file's unsynced bytes, and a retried Sync() proves nothing.
//
// Errors: NotFound for a missing name; Unavailable when the device is full, out of descriptors or
// failing, and when a lock is held; PermissionDenied for rights; DataLoss for a read past the end.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald {

// A file that is only appended to. Threads: externally synchronised.
class WritableFile {
 public:
  // Closes the file; unsynced bytes may or may not survive a crash.
  virtual ~WritableFile() = default;
  // Appends all of `bytes`. After an error an unknown prefix may have been written.
  virtual Status Append(std::string_view bytes) = 0;
  // Returns once everything appended so far is on stable storage (fdatasync).
  virtual Status Sync() = 0;
  // Starts writing dirty pages back without waiting, and lets the kernel forget clean ones.
  virtual void StartWriteback() {}
  // Closes early to learn of errors. No call but the destructor may follow.
  virtual Status Close() = 0;
};

// One range of a batched read. `data` must hold `size` bytes.
struct ReadRange {
  uint64_t offset = 0;
  size_t size = 0;
  char* data = nullptr;
};

// The machine's keeps no more of them open at a time than half of the process's descriptors; one
// that is opened again to be read, and is no longer there under the name it had, is DataLoss.
// Threads: thread-safe.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Fills every range completely, or fails: DataLoss when a range passes the end of the file.
  virtual Status ReadRanges(std::span<const ReadRange> ranges) const = 0;
  virtual uint64_t size() const = 0;
};

// Held while a directory is in use; the destructor unlocks.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// Threads: thread-safe. Paths are absolute or relative to the working directory.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Creates a file, or empties an existing one.
  virtual StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path) = 0;
  // Opens an existing file for appending at its end; creates it when absent.
  virtual StatusOr<std::unique_ptr<WritableFile>> NewAppendableFile(const std::string& path) = 0;
  // NotFound when there is no such file.
  virtual StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(
      const std::string& path) = 0;

  // Creates `path` and its missing parents, mode 0700.
  virtual Status CreateDirectories(const std::string& path) = 0;
  // Names of the entries of a directory, unsorted, without "." and "..".
  virtual StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) = 0;
  // Makes creations, renames and removals in the directory durable.
  virtual Status SyncDirectory(const std::string& path) = 0;

  virtual Status RenameFile(const std::string& from, const std::string& to) = 0;
  virtual Status RemoveFile(const std::string& path) = 0;
  // Cuts a file to `size` bytes and syncs it.
  virtual Status TruncateFile(const std::string& path, uint64_t size) = 0;
  virtual bool FileExists(const std::string& path) = 0;
  virtual StatusOr<uint64_t> FileSize(const std::string& path) = 0;

  // Takes an exclusive lock that dies with the process (flock). Unavailable when another holds it.
  virtual StatusOr<std::unique_ptr<FileLock>> LockFile(const std::string& path) = 0;
  // Bytes that a user may still write below `path`.
  virtual StatusOr<uint64_t> FreeSpace(const std::string& path) = 0;

  // The machine's file system; lives as long as the process.
  static FileSystem* Posix();
};

// Reads a whole file. For small files: configuration, manifests, log segments in tests.
StatusOr<std::string> ReadWholeFile(FileSystem* files, const std::string& path);

}  // namespace skald
