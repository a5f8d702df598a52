#include "storage/wal/group_commit.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/check.h"
#include "storage/base/log.h"
#include "storage/base/public_text.h"
#include "storage/wal/durable_directory.h"

namespace skald::storage {
namespace {

constexpr auto kMemoryWait = std::chrono::milliseconds(100);
constexpr int64_t kFirstBackoff = 100'000'000;  // ns
constexpr int64_t kLongestBackoff = 10'000'000'000;
// A buffer that grew beyond this is not kept for the next batch.
constexpr size_t kMaxSpareSize = 4_MiB;
// What framing and field lengths add to a payload at most.
constexpr uint64_t kMaxOverhead = 1_KiB;
// Of what the committer's work throws.
constexpr std::string_view kContext = "writing the log";

void Tell(Durability::Waiters waiters, const Status& outcome) {
  for (auto& waiter : waiters) {
    Try([&] { waiter.second(outcome); });
  }
}

// What pushes are told while there is no segment to write to. Without a text if there is no memory
// for it.
Status Unwritable(const Status& cause) {
  constexpr std::string_view kText = "the write-ahead log cannot be written: ";
  Status result = absl::UnavailableError("");
  Try([&] {
    result = WithPublicText(Unavailable(StrCat(kText, Message(cause))),
                            StrCat(kText, PublicText(cause)));
  });
  return result;
}

}  // namespace

// --- Opening and closing -------------------------------------------------------------------------

GroupCommitLog::GroupCommitLog(LogOptions options) : options_(std::move(options)) {}

StatusOr<std::unique_ptr<GroupCommitLog>> GroupCommitLog::Open(LogOptions options) {
  std::unique_ptr<GroupCommitLog> log(new GroupCommitLog(std::move(options)));
  RETURN_IF_ERROR(log->Start());
  return log;
}

Status GroupCommitLog::Start() {
  RETURN_IF_ERROR(CreateDirectoryDurably(options_.files, options_.directory));
  ASSIGN_OR_RETURN(const auto names, options_.files->ListDirectory(options_.directory));
  {
    MutexLock lock(&mutex_);
    for (const std::string& name : names) {
      if (const auto segment = ParseSegmentFileName(name)) segments_.insert(*segment);
    }
    const uint64_t highest = segments_.empty() ? 0 : *segments_.rbegin();
    BeginSegment(std::max(options_.min_segment, highest + 1));
    finished_below_ = encoder_.header().number;
  }
  // A disk that others have filled is no reason not to start.
  if (const Status status = StartSegment(); !absl::IsUnavailable(status)) RETURN_IF_ERROR(status);
  committer_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

GroupCommitLog::~GroupCommitLog() { Close().IgnoreError(); }

Status GroupCommitLog::Close() {
  if (committer_.joinable()) {
    {
      MutexLock lock(&mutex_);
      closing_ = true;
      if (writable_) EndSegment();
      work_.NotifyOne();
    }
    committer_.join();
  }
  MutexLock lock(&mutex_);
  return unwritable_;
}

// --- Appending -----------------------------------------------------------------------------------

StatusOr<LogPosition> GroupCommitLog::Append(const PushRecord& record) {
  const uint64_t size = record.tenant.size() + record.settings.size() + record.rejections.size() +
                        record.body.size() + kMaxOverhead;
  return AppendRecord(size, [&](SegmentEncoder* encoder, std::string* out) {
    return encoder->AddPush(out, record);
  });
}

StatusOr<LogPosition> GroupCommitLog::AppendRows(std::string_view payload) {
  return AppendRecord(
      payload.size() + kMaxOverhead,
      [&](SegmentEncoder* encoder, std::string* out) { return encoder->AddRows(out, payload); });
}

StatusOr<LogPosition> GroupCommitLog::AppendRecord(uint64_t size, Encode encode) {
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckAppendable(size));
  Batch* const batch = CurrentBatch();
  const size_t before = batch->bytes.size();
  batch->last = encode(&encoder_, &batch->bytes);
  pending_bytes_ += batch->bytes.size() - before;
  ++stats_.records;
  work_.NotifyOne();
  return batch->last;
}

Status GroupCommitLog::CheckAppendable(uint64_t size) {
  if (closing_) return Unavailable("the write-ahead log is closed");
  if (!writable_) {
    if (options_.clock->MonotonicNanos() >= retry_at_) {
      retry_start_ = true;
      work_.NotifyOne();
    }
    return unwritable_;
  }
  if (size > kMaxPayloadSize) return InvalidArgument("the record is too large for the log");
  if (pending_bytes_ > 0 && pending_bytes_ + size > options_.max_pending_bytes) {
    return Exhausted("the disk cannot keep up: too many bytes wait to be logged");
  }
  return absl::OkStatus();
}

GroupCommitLog::Batch* GroupCommitLog::CurrentBatch() {
  const FramedFileHeader& header = encoder_.header();
  if (pending_.empty() || pending_.back().header.number != header.number) {
    pending_.push_back({.header = header, .bytes = std::exchange(spare_, {})});
  }
  return &pending_.back();
}

void GroupCommitLog::BeginSegment(uint64_t number) {
  encoder_ = SegmentEncoder({.kind = kWalKind,
                             .number = number,
                             .created = options_.clock->WallNanos(),
                             .marker = NewMarker()});
}

void GroupCommitLog::EndSegment() {
  Batch* const batch = CurrentBatch();
  batch->last = encoder_.AddEnd(&batch->bytes);
  batch->ends_segment = true;
}

uint64_t GroupCommitLog::Rotate() {
  MutexLock lock(&mutex_);
  if (!encoder_.empty()) {
    EndSegment();
    BeginSegment(encoder_.header().number + 1);
    CurrentBatch();  // has the committer open the file ahead of the first record
    work_.NotifyOne();
  }
  return encoder_.header().number;
}

void GroupCommitLog::WhenDurable(LogPosition position, absl::AnyInvocable<void(Status)> done) {
  std::optional<Status> outcome;
  {
    MutexLock lock(&mutex_);
    outcome = durability_.Outcome(position);
    if (!outcome.has_value()) {
      durability_.Wait(position, std::move(done));
      return;
    }
  }
  done(*outcome);
}

// --- Committing ----------------------------------------------------------------------------------

void GroupCommitLog::Run() {
  for (;;) {
    bool start = false;
    {
      MutexLock lock(&mutex_);
      while (pending_.empty() && !retry_start_ && !closing_) work_.Wait(&mutex_);
      if (closing_ && pending_.empty()) return;
      start = std::exchange(retry_start_, false);
    }
    if (start) {
      StartSegment().IgnoreError();
    } else {
      CommitPending();
    }
  }
}

void GroupCommitLog::CommitPending() {
  {
    MutexLock lock(&mutex_);
    committing_.swap(pending_);
    pending_bytes_ = 0;
  }
  for (Batch& batch : committing_) {
    const int64_t begin = options_.clock->MonotonicNanos();
    const Status status = Catching(kContext, [&] { return Commit(batch); });
    if (!status.ok()) {
      Abandon(status);
      break;
    }
    Durability::Waiters waiters;
    {
      MutexLock lock(&mutex_);
      waiters = NoteCommitted(&batch, options_.clock->MonotonicNanos() - begin);
    }
    Tell(std::move(waiters), absl::OkStatus());
  }
  committing_.clear();
}

Status GroupCommitLog::Commit(const Batch& batch) {
  if (writer_ == nullptr) RETURN_IF_ERROR(OpenSegment(batch.header));
  SKALD_DCHECK(writer_->header().number == batch.header.number);
  if (batch.bytes.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(writer_->Append(batch.bytes));
  RETURN_IF_ERROR(writer_->Sync());
  // Synced bytes are safe whatever closing the file says.
  if (batch.ends_segment) writer_.reset();
  return absl::OkStatus();
}

Durability::Waiters GroupCommitLog::NoteCommitted(Batch* batch, int64_t nanos) {
  if (batch->bytes.empty()) return {};
  backoff_ = 0;
  ++stats_.syncs;
  stats_.sync_nanos += static_cast<uint64_t>(nanos);
  stats_.max_sync_nanos = std::max(stats_.max_sync_nanos, static_cast<uint64_t>(nanos));
  stats_.bytes_written += batch->bytes.size();
  if (batch->ends_segment) finished_below_ = batch->header.number + 1;
  if (batch->bytes.capacity() <= kMaxSpareSize) {
    spare_ = std::move(batch->bytes);
    spare_.clear();
  }
  return durability_.Succeed(batch->last);
}

Status GroupCommitLog::OpenSegment(const FramedFileHeader& header) {
  {
    MutexLock lock(&mutex_);
    segments_.insert(header.number);
  }
  const std::string path = StrCat(options_.directory, "/", SegmentFileName(header.number));
  ASSIGN_OR_RETURN(auto writer, FramedFileWriter::Create(options_.files, path, header));
  RETURN_IF_ERROR(writer->Sync());
  RETURN_IF_ERROR(options_.files->SyncDirectory(options_.directory));
  writer_ = std::move(writer);
  return absl::OkStatus();
}

void GroupCommitLog::Abandon(const Status& cause) {
  writer_.reset();
  Durability::Waiters waiters;
  uint64_t segment = 0;
  const Status outcome = Unwritable(cause);
  const auto fail = [&]() -> Status {
    MutexLock lock(&mutex_);
    segment = encoder_.header().number;
    waiters = durability_.Fail({segment + 1, 0}, outcome);
    pending_.clear();
    pending_bytes_ = 0;
    NoteUnwritable(outcome);
    return absl::OkStatus();
  };
  while (!Catching(kContext, fail).ok()) std::this_thread::sleep_for(kMemoryWait);
  Try([&] {
    SKALD_LOG(kError, "log segment abandoned",
              {{"segment", SegmentFileName(segment)}, {"cause", Message(cause)}});
  });
  Tell(std::move(waiters), outcome);
  if (options_.on_abandoned) Try([&] { options_.on_abandoned(segment); });
}

Status GroupCommitLog::StartSegment() {
  FramedFileHeader header;
  {
    MutexLock lock(&mutex_);
    header = encoder_.header();
  }
  const Status status = Catching(kContext, [&] { return OpenSegment(header); });
  if (status.ok()) {
    MutexLock lock(&mutex_);
    writable_ = true;
    unwritable_ = absl::OkStatus();
    retry_start_ = false;  // Append may have asked once more meanwhile
    return status;
  }
  // Holds no record; when this fails too, RemoveSegmentsBelow will see to it.
  Try([&] {
    const std::string name = SegmentFileName(header.number);
    options_.files->RemoveFile(StrCat(options_.directory, "/", name)).IgnoreError();
    SKALD_LOG(kError, "log segment not started", {{"segment", name}, {"cause", Message(status)}});
  });
  const Status unwritable = Unwritable(status);
  MutexLock lock(&mutex_);
  NoteUnwritable(unwritable);
  return status;
}

void GroupCommitLog::NoteUnwritable(const Status& unwritable) {
  writable_ = false;
  unwritable_ = unwritable;
  ++stats_.failures;
  BeginSegment(encoder_.header().number + 1);
  finished_below_ = encoder_.header().number;
  // At once after a success; later, and by the next Append, after a failure.
  retry_start_ = backoff_ == 0;
  retry_at_ = options_.clock->MonotonicNanos() + backoff_;
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kLongestBackoff);
}

// --- Removing segments ---------------------------------------------------------------------------

Status GroupCommitLog::RemoveSegmentsBelow(uint64_t segment) {
  std::vector<uint64_t> victims;
  {
    MutexLock lock(&mutex_);
    const uint64_t limit = std::min(segment, finished_below_);
    victims.assign(segments_.begin(), segments_.lower_bound(limit));
    durability_.ForgetFailuresBelow(limit);
  }
  for (const uint64_t victim : victims) {
    const Status removed =
        options_.files->RemoveFile(StrCat(options_.directory, "/", SegmentFileName(victim)));
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
    MutexLock lock(&mutex_);
    segments_.erase(victim);
  }
  if (victims.empty()) return absl::OkStatus();
  return options_.files->SyncDirectory(options_.directory);
}

LogStats GroupCommitLog::stats() const {
  MutexLock lock(&mutex_);
  LogStats stats = stats_;
  stats.pending_bytes = pending_bytes_;
  stats.segments = segments_.size();
  stats.writable = writable_;
  return stats;
}

}  // namespace skald::storage
