// The live write-ahead log: pushes append records to a buffer in memory, one committer thread
// writes and syncs whatever has gathered, then completes those who wait for it.
//
// What is acknowledged is durable: a waiter hears OK only after a completed sync that began after
// its record was written. No lock is held across a write, a sync or a waiter's callback.
//
// After a failed or short write or sync the segment is abandoned: every record not yet durable
// fails (Unavailable), `on_abandoned` is called, and a new segment is started, its header and its
// directory entry synced before it takes records. While none can be started Append returns
// Unavailable, and an Append after a back-off has the start tried again. Recovery may still find
// records that failed: not acknowledged is not the same as not stored.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "storage/base/clock.h"
#include "storage/base/file_system.h"
#include "storage/base/mutex.h"
#include "storage/base/status.h"
#include "storage/base/units.h"
#include "storage/model/ids.h"
#include "storage/wal/durability.h"
#include "storage/wal/framed_file_writer.h"
#include "storage/wal/segment_encoder.h"
#include "storage/wal/wal_format.h"
#include "storage/writer.h"

namespace skald::storage {

struct LogOptions {
  FileSystem* files = nullptr;
  Clock* clock = nullptr;
  std::string directory;
  // The first segment to write; raised above every segment found in the directory.
  uint64_t min_segment = 1;
  // Append refuses records while so many bytes wait to be written; as many may be being written.
  uint64_t max_pending_bytes = 64_MiB;
  // Called by the committer after a segment was abandoned, no lock held; must not block. Rows of
  // failed records may be visible already: the engine freezes, so that they reach parts.
  absl::AnyInvocable<void(uint64_t segment)> on_abandoned;
};

struct LogStats {
  uint64_t records = 0;        // appended
  uint64_t bytes_written = 0;  // to segments, framing included
  uint64_t pending_bytes = 0;  // appended, not yet handed to the file
  uint64_t syncs = 0;          // completed commits
  uint64_t sync_nanos = 0;     // sum over `syncs` of writing and syncing
  uint64_t max_sync_nanos = 0;
  uint64_t failures = 0;  // segments abandoned and segments that could not be started
  uint64_t segments = 0;  // files in the directory
  bool writable = true;   // false: Append returns Unavailable
};

// Threads: thread-safe, but see Append and Rotate.
class GroupCommitLog {
 public:
  // Creates the directory if need be and starts a segment, durably; where the disk does not let it
  // be started for now, the log is open but takes no records. REQUIRES: the directory has been
  // replayed (recovery.h), so that torn tails are gone.
  static StatusOr<std::unique_ptr<GroupCommitLog>> Open(LogOptions options);

  // Closes, ignoring errors.
  ~GroupCommitLog();

  // Encodes the record into the pending buffer and returns its position: greater than that of any
  // earlier record. Never waits for the disk. The caller serialises Append, AppendRows and Rotate
  // by its append lock, in which it also assigns memtable generations.
  // ResourceExhausted: too many bytes wait. Unavailable: there is no segment to write to.
  // InvalidArgument: the record exceeds the format's bound.
  StatusOr<LogPosition> Append(const PushRecord& record);
  // `payload` is EncodeRows' result, made outside that lock.
  StatusOr<LogPosition> AppendRows(std::string_view payload);

  // Ends the current segment (if it has records) and returns a number such that every record
  // appended so far is in a segment below it and every later one is not. Cheap.
  uint64_t Rotate();

  // Calls `done` once every record up to `position` is durable, or with Unavailable when this has
  // failed for the record at `position`; on the committer's thread, in order of positions, or at
  // once on the caller's. `done` must be short and not block. REQUIRES: Append returned `position`.
  void WhenDurable(LogPosition position, absl::AnyInvocable<void(Status)> done);

  // Removes the segments below `segment`, whose rows are in parts, and syncs the directory, on the
  // caller's thread. A segment that is still being written stays until the next call.
  Status RemoveSegmentsBelow(uint64_t segment);

  // Writes what is pending and the end marker, syncs, completes every waiter, stops the committer.
  // Append afterwards returns Unavailable.
  Status Close();

  LogStats stats() const;

 private:
  // Encoded records of one segment on their way to its file.
  struct Batch {
    FramedFileHeader header;
    std::string bytes;
    LogPosition last = {};
    bool ends_segment = false;
  };

  explicit GroupCommitLog(LogOptions options);
  Status Start();

  // Appending; the caller's thread.
  using Encode = absl::FunctionRef<LogPosition(SegmentEncoder*, std::string*)>;
  StatusOr<LogPosition> AppendRecord(uint64_t size, Encode encode);
  Status CheckAppendable(uint64_t size) SKALD_REQUIRES(mutex_);
  Batch* CurrentBatch() SKALD_REQUIRES(mutex_);
  void EndSegment() SKALD_REQUIRES(mutex_);
  void BeginSegment(uint64_t number) SKALD_REQUIRES(mutex_);

  // Committing; the committer's thread.
  void Run();
  void CommitPending();
  Status Commit(const Batch& batch);
  // Returns whom to tell. Takes the batch's buffer for reuse.
  Durability::Waiters NoteCommitted(Batch* batch, int64_t nanos) SKALD_REQUIRES(mutex_);
  Status OpenSegment(const FramedFileHeader& header);
  void Abandon(const Status& cause);
  // Starts the segment that takes the next records, or else moves on to another number.
  Status StartSegment();
  // Moves on to another segment number, which takes no records before it is started. `unwritable`
  // is why.
  void NoteUnwritable(const Status& unwritable) SKALD_REQUIRES(mutex_);

  LogOptions options_;

  mutable Mutex mutex_;
  CondVar work_;  // there is something for the committer to do
  SegmentEncoder encoder_ SKALD_GUARDED_BY(mutex_);
  std::deque<Batch> pending_ SKALD_GUARDED_BY(mutex_);
  uint64_t pending_bytes_ SKALD_GUARDED_BY(mutex_) = 0;
  std::string spare_ SKALD_GUARDED_BY(mutex_);  // an empty buffer for the next batch
  Durability durability_ SKALD_GUARDED_BY(mutex_);
  std::set<uint64_t> segments_ SKALD_GUARDED_BY(mutex_);  // files in the directory
  uint64_t finished_below_ SKALD_GUARDED_BY(mutex_) = 0;  // the committer will not write these
  bool writable_ SKALD_GUARDED_BY(mutex_) = false;        // false: the encoder is empty
  Status unwritable_ SKALD_GUARDED_BY(mutex_);            // why, when not writable_
  bool closing_ SKALD_GUARDED_BY(mutex_) = false;
  bool retry_start_ SKALD_GUARDED_BY(mutex_) = false;
  int64_t retry_at_ SKALD_GUARDED_BY(mutex_) = 0;  // monotonic
  int64_t backoff_ SKALD_GUARDED_BY(mutex_) = 0;   // 0: the last commit succeeded
  LogStats stats_ SKALD_GUARDED_BY(mutex_);

  // The committer's.
  std::unique_ptr<FramedFileWriter> writer_;
  std::deque<Batch> committing_;  // empty between commits
  std::thread committer_;
};

}  // namespace skald::storage
