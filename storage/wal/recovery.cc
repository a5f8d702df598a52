#include "storage/wal/recovery.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "storage/base/log.h"
#include "storage/wal/file_copy.h"
#include "storage/wal/framed_file_reader.h"

namespace skald::storage {
namespace {

using Event = FramedFileReader::Event;
using Replay = absl::FunctionRef<Status(const ReplayedRecord&)>;

// Replays the segments of one directory, one after the other.
class Replayer {
 public:
  Replayer(FileSystem* files, const std::string& directory, LogPosition skip_up_to, Replay replay,
           ReplayStats* stats)
      : files_(files),
        directory_(directory),
        skip_up_to_(skip_up_to),
        replay_(replay),
        stats_(stats) {}

  Status Run();

 private:
  StatusOr<std::vector<uint64_t>> ListSegments();
  Status ReplaySegment(uint64_t segment);
  Status TakeRecord();
  Status TakePush(LogPosition position);
  Status TakeRows(LogPosition position);
  Status Give(const ReplayedRecord& record, int64_t receive_time);
  Status CutTornTail();
  // Counts bytes of the current segment as damaged and copies them aside.
  void SetAside(uint64_t offset, uint64_t size);

  std::string Path(std::string_view name) const { return StrCat(directory_, "/", name); }

  FileSystem* const files_;
  const std::string& directory_;
  const LogPosition skip_up_to_;
  const Replay replay_;
  ReplayStats* const stats_;

  // Every settings seen so far, by hash: a segment whose own copy is damaged borrows another's.
  absl::flat_hash_map<uint64_t, std::string> settings_;
  // The current segment.
  uint64_t segment_ = 0;
  uint64_t next_ordinal_ = 1;
  std::unique_ptr<FramedFileReader> reader_;
};

Status Replayer::Run() {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> segments, ListSegments());
  for (const uint64_t segment : segments) {
    stats_->last_segment = segment;
    if (segment < skip_up_to_.segment) continue;
    if (Status status = ReplaySegment(segment); !status.ok()) {
      return Annotate(status, StrCat("replaying ", Path(SegmentFileName(segment))));
    }
  }
  return absl::OkStatus();
}

StatusOr<std::vector<uint64_t>> Replayer::ListSegments() {
  std::vector<uint64_t> segments;
  const StatusOr<std::vector<std::string>> names = files_->ListDirectory(directory_);
  if (absl::IsNotFound(names.status())) return segments;
  RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (const auto segment = ParseSegmentFileName(name)) segments.push_back(*segment);
  }
  std::sort(segments.begin(), segments.end());
  return segments;
}

Status Replayer::ReplaySegment(uint64_t segment) {
  segment_ = segment;
  next_ordinal_ = 1;
  ASSIGN_OR_RETURN(
      reader_, FramedFileReader::Open(files_, Path(SegmentFileName(segment)), kWalKind, segment));
  ++stats_->segments;
  stats_->bytes += reader_->file_size();
  for (;;) {
    ASSIGN_OR_RETURN(const Event event, reader_->Next());
    if (event == Event::kEnd) return CutTornTail();
    if (event == Event::kDamage) {
      SetAside(reader_->damage_offset(), reader_->damage_size());
    } else {
      RETURN_IF_ERROR(TakeRecord());
    }
  }
}

Status Replayer::TakeRecord() {
  const LogPosition position{segment_, reader_->ordinal()};
  stats_->missing_records += position.record - next_ordinal_;
  next_ordinal_ = position.record + 1;
  switch (static_cast<WalRecordType>(reader_->type())) {
    case WalRecordType::kSettings:
      settings_.try_emplace(SettingsHash(reader_->payload()), reader_->payload());
      return absl::OkStatus();
    case WalRecordType::kPush:
      return TakePush(position);
    case WalRecordType::kRows:
      return TakeRows(position);
  }
  SetAside(reader_->record_offset(), reader_->record_size());
  return absl::OkStatus();
}

Status Replayer::TakePush(LogPosition position) {
  StatusOr<PushPayload> push = DecodePush(reader_->payload());
  const auto settings = push.ok() ? settings_.find(push->settings_hash) : settings_.end();
  if (settings == settings_.end()) {
    SetAside(reader_->record_offset(), reader_->record_size());
    return absl::OkStatus();
  }
  push->record.settings = settings->second;
  return Give({.position = position, .push = &push->record}, push->record.receive_time);
}

Status Replayer::TakeRows(LogPosition position) {
  const StatusOr<DecodedRows> rows = DecodedRows::Decode(reader_->payload());
  if (!rows.ok()) {
    SetAside(reader_->record_offset(), reader_->record_size());
    return absl::OkStatus();
  }
  return Give({.position = position, .rows = &rows->record()}, rows->record().receive_time);
}

Status Replayer::Give(const ReplayedRecord& record, int64_t receive_time) {
  if (record.position <= skip_up_to_) {
    ++stats_->skipped_records;
    return absl::OkStatus();
  }
  ++stats_->records;
  stats_->newest_receive_time = std::max(stats_->newest_receive_time, receive_time);
  const Status status = replay_(record);
  if (!absl::IsDataLoss(status)) return status;
  SetAside(reader_->record_offset(), reader_->record_size());
  return absl::OkStatus();
}

Status Replayer::CutTornTail() {
  if (!reader_->torn()) return absl::OkStatus();
  ++stats_->torn_tails;
  SKALD_LOG(kInfo, "cutting the torn tail of a log segment",
            {{"segment", SegmentFileName(segment_)},
             {"size", reader_->file_size()},
             {"intact", reader_->intact_size()}});
  return files_->TruncateFile(Path(SegmentFileName(segment_)), reader_->intact_size());
}

void Replayer::SetAside(uint64_t offset, uint64_t size) {
  ++stats_->damaged_ranges;
  stats_->damaged_bytes += size;
  const std::string target = Path(absl::StrFormat("damaged-%016x-%d", segment_, offset));
  Status copied = CopyToFile(files_, Path(SegmentFileName(segment_)), offset, size, target);
  if (copied.ok()) copied = files_->SyncDirectory(directory_);
  if (!copied.ok()) ++stats_->copies_failed;
  SKALD_LOG(kError, "damage in the write-ahead log",
            {{"segment", SegmentFileName(segment_)},
             {"offset", offset},
             {"bytes", size},
             {"copy", copied.ok() ? std::string_view(target) : Message(copied)}});
}

}  // namespace

Status ReplayLog(FileSystem* files, const std::string& directory, LogPosition skip_up_to,
                 absl::FunctionRef<Status(const ReplayedRecord&)> replay, ReplayStats* stats) {
  return Replayer(files, directory, skip_up_to, replay, stats).Run();
}

}  // namespace skald::storage
