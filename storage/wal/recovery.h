// Reads the write-ahead log back at start: every intact record after a position, in order.
//
// A torn tail (the incomplete last record of a segment that was being written) is cut off and the
// cut synced. Any other bad bytes are damage: counted, copied aside into
// `damaged-<segment>-<offset>` beside the segment, skipped; the records after them are replayed.
// Running it twice gives the same records.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/model/ids.h"
#include "storage/wal/wal_format.h"
#include "storage/writer.h"

namespace skald::storage {

// One logged record: exactly one of `push` and `rows` is set. Views live during the callback.
struct ReplayedRecord {
  LogPosition position;
  const PushRecord* push = nullptr;
  const RowsRecord* rows = nullptr;
};

struct ReplayStats {
  uint64_t segments = 0;         // read; those wholly skipped do not count
  uint64_t records = 0;          // given to the callback
  uint64_t skipped_records = 0;  // at or below the position to skip to
  uint64_t bytes = 0;            // of segments read
  uint64_t torn_tails = 0;       // cut off
  uint64_t damaged_ranges = 0;   // set aside
  uint64_t damaged_bytes = 0;
  uint64_t missing_records = 0;     // known to have stood in damaged ranges
  uint64_t copies_failed = 0;       // damaged ranges that could not be copied aside
  uint64_t last_segment = 0;        // highest number found in the directory; 0: none
  int64_t newest_receive_time = 0;  // of the records given to the callback
};

// Calls `replay` with every record of `directory`'s segments whose position is greater than
// `skip_up_to`, in order. A missing directory is an empty log. Memory: one record and a window.
// DataLoss from the callback: the record is of no use, and set aside like damage. Stops at its
// first other error and returns it. Unavailable and the like: the disk cannot be read or cut.
// FailedPrecondition: a segment was written by a newer version of the format.
Status ReplayLog(FileSystem* files, const std::string& directory, LogPosition skip_up_to,
                 absl::FunctionRef<Status(const ReplayedRecord&)> replay, ReplayStats* stats);

}  // namespace skald::storage
