// The write side of the engine as ingest sees it: append a push, learn when it is durable; and,
// the other way round, how the engine has a logged push decoded again.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/model/ids.h"
#include "storage/model/row.h"

namespace skald::storage {

// A push as the log keeps it. Storage does not look into the opaque parts; the decoder that wrote
// them reads them back, and must then produce the rows it produced the first time.
struct PushRecord {
  std::string_view tenant;
  int64_t receive_time = 0;     // wall nanoseconds
  uint8_t body_format = 0;      // opaque: content type and encoding
  std::string_view settings;    // opaque: the ingest settings in force; stored once per segment
  std::string_view rejections;  // opaque: which entries were refused
  std::string_view body;        // as received (or compressed, when it came uncompressed)
};

// Decodes logged pushes at start. Threads: called by one thread.
class RecordDecoder {
 public:
  virtual ~RecordDecoder() = default;
  // Calls `sink` with the rows that the push stored, streams as they were. Views need only live
  // during the call.
  virtual Status Decode(const PushRecord& record,
                        absl::FunctionRef<void(std::span<const StreamRows>)> sink) = 0;
};

// Threads: thread-safe.
class Writer {
 public:
  virtual ~Writer() = default;

  // Logs a push and inserts its rows; they are visible to queries when this returns and durable
  // once the returned position is. Nothing of the arguments is kept. What the rows will take in
  // memory is reserved from `memory` beforehand: a small body may make large rows.
  // REQUIRES: `rows` is what the RecordDecoder makes of `record`, and not empty.
  // On error nothing was stored. ResourceExhausted: there is no memory for the rows, for ever if it
  // has the HTTP status 413, or the disk cannot keep up; try again later. Unavailable: the disk is
  // full or the log failed.
  virtual StatusOr<LogPosition> Append(const PushRecord& record, std::span<const StreamRows> rows,
                                       Reservation* memory) = 0;

  // Calls `done` once every record up to `position` is on stable storage, or with the error that
  // made this impossible. Runs on the committer's thread (or at once, on the caller's): `done`
  // must be short and not block.
  virtual void WhenDurable(LogPosition position, absl::AnyInvocable<void(Status)> done) = 0;
};

}  // namespace skald::storage
