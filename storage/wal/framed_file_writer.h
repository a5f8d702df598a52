// Writes a framed file: creates it with its header and appends records that were framed in memory.
//
// A record is durable once Sync() that follows its Append() has returned OK, and SyncDirectory() of
// the parent has once. After any error the writer is dead: every later call returns that error.
//
// Threads: externally synchronised.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/wal/framed_file_format.h"

namespace skald::storage {

class FramedFileWriter {
 public:
  // Creates (or empties) the file and appends the header; syncs nothing.
  static StatusOr<std::unique_ptr<FramedFileWriter>> Create(FileSystem* files,
                                                            const std::string& path,
                                                            const FramedFileHeader& header);

  // Appends framed records (BeginRecord, FinishRecord).
  Status Append(std::string_view records);
  Status Sync();
  Status Close();

  // Bytes appended, the header included.
  uint64_t size() const { return size_; }
  const FramedFileHeader& header() const { return header_; }

 private:
  FramedFileWriter(std::unique_ptr<WritableFile> file, const FramedFileHeader& header);
  Status Keep(Status status);

  const FramedFileHeader header_;
  std::unique_ptr<WritableFile> file_;
  Status status_;
  uint64_t size_ = 0;
};

}  // namespace skald::storage
