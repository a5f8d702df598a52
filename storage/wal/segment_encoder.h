// Frames the records of one segment: gives them ordinals, and puts settings before the first push
// that names them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "storage/model/ids.h"
#include "storage/wal/framed_file_format.h"
#include "storage/wal/wal_format.h"

namespace skald::storage {

// Threads: externally synchronised. Cheap to make anew for the next segment.
class SegmentEncoder {
 public:
  SegmentEncoder() = default;
  explicit SegmentEncoder(const FramedFileHeader& header) : header_(header) {}

  // Each appends a record to `out` and returns its position. `payload` is EncodeRows' result. Where
  // memory runs out, `out` and this are as before.
  LogPosition AddPush(std::string* out, const PushRecord& record);
  LogPosition AddRows(std::string* out, std::string_view payload);
  LogPosition AddEnd(std::string* out);

  // True until the first record.
  bool empty() const { return next_ordinal_ == 1; }
  const FramedFileHeader& header() const { return header_; }

 private:
  // What `add` returns, after which nothing may throw; on an exception all that it did is undone.
  LogPosition AddWhole(std::string* out, absl::FunctionRef<LogPosition()> add);
  LogPosition AddPayload(std::string* out, WalRecordType type, std::string_view payload);
  LogPosition Finish(std::string* out, size_t place, uint8_t type);

  FramedFileHeader header_;
  uint64_t next_ordinal_ = 1;
  absl::flat_hash_set<uint64_t> settings_;  // hashes of those written
};

}  // namespace skald::storage
