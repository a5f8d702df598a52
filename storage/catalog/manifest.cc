#include "storage/catalog/manifest.h"

#include <algorithm>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/log.h"
#include "storage/base/units.h"
#include "storage/catalog/edit_codec.h"
#include "storage/wal/file_copy.h"
#include "storage/wal/framed_file_reader.h"

namespace skald::storage {
namespace {

using Event = FramedFileReader::Event;

constexpr uint64_t kManifestNumber = 1;
constexpr uint8_t kEditRecordType = 1;
constexpr std::string_view kContext = "writing the manifest";
// The file is written anew when it exceeds this and three times its snapshot.
constexpr uint64_t kMinRewriteSize = 1_MiB;

std::string PathOf(const std::string& directory) { return StrCat(directory, "/MANIFEST"); }

// Applies the record that `reader` stands on; false when it cannot be part of an intact manifest.
bool TakeEdit(const FramedFileReader& reader, uint64_t ordinal, CatalogState* state) {
  if (reader.type() != kEditRecordType || reader.ordinal() != ordinal) return false;
  const StatusOr<CatalogEdit> edit = DecodeEdit(reader.payload());
  return edit.ok() && state->Apply(*edit).ok();
}

// Reads the intact edits of a manifest into `state`.
Status ReadEdits(FramedFileReader* reader, CatalogState* state, ManifestReport* report) {
  for (;;) {
    ASSIGN_OR_RETURN(const Event event, reader->Next());
    if (event == Event::kEnd) break;
    const bool taken = event == Event::kRecord && TakeEdit(*reader, report->edits + 1, state);
    if (!taken) {
      const uint64_t begin =
          event == Event::kRecord ? reader->record_offset() : reader->damage_offset();
      report->damaged_bytes = reader->file_size() - begin;
      return absl::OkStatus();
    }
    ++report->edits;
  }
  // The file got its name when its snapshot was durable.
  if (report->edits == 0) report->damaged_bytes = std::max<uint64_t>(reader->file_size(), 1);
  return absl::OkStatus();
}

}  // namespace

Manifest::Manifest(FileSystem* files, Clock* clock, std::string directory)
    : files_(files), clock_(clock), directory_(std::move(directory)), ballast_(files, directory_) {}

StatusOr<std::unique_ptr<Manifest>> Manifest::Open(FileSystem* files, Clock* clock,
                                                   const std::string& directory,
                                                   ManifestReport* report) {
  *report = ManifestReport();
  std::unique_ptr<Manifest> manifest(new Manifest(files, clock, directory));
  RETURN_IF_ERROR(manifest->Load(report));
  if (!report->existed) return manifest;
  if (Status status = manifest->Rewrite(manifest->state_); !status.ok()) {
    if (report->damaged_bytes > 0 || !absl::IsUnavailable(status)) return status;
    SKALD_LOG(kError, "the manifest cannot be written for now", {{"err", Message(status)}});
  }
  manifest->KeepBallast();
  return manifest;
}

Status Manifest::Load(ManifestReport* report) {
  const std::string path = PathOf(directory_);
  const auto reader = FramedFileReader::Open(files_, path, kManifestKind, kManifestNumber);
  if (absl::IsNotFound(reader.status())) return absl::OkStatus();
  RETURN_IF_ERROR(reader.status());
  report->existed = true;
  RETURN_IF_ERROR(ReadEdits(reader->get(), &state_, report));
  if (report->damaged_bytes == 0) return absl::OkStatus();

  report->set_aside = StrCat(path, ".damaged-", clock_->WallNanos());
  RETURN_IF_ERROR(CopyToFile(files_, path, 0, (*reader)->file_size(), report->set_aside));
  state_.needs_rebuild = true;
  SKALD_LOG(kError, "the manifest is damaged",
            {{"intact_edits", report->edits},
             {"damaged_bytes", report->damaged_bytes},
             {"copy", report->set_aside}});
  return absl::OkStatus();
}

Status Manifest::Apply(const CatalogEdit& edit) {
  // Ahead of the edit: what is durable must become the state, even when memory runs out.
  CatalogState next = state_;
  RETURN_IF_ERROR(next.Apply(edit));
  if (writer_ == nullptr || !Catching(kContext, [&] { return Append(edit); }).ok()) {
    writer_.reset();  // every Apply comes here until the file is written anew
    if (Status status = Catching(kContext, [&] { return Rewrite(next); }); !status.ok()) {
      ++stats_.failures;
      return status;
    }
  }
  state_ = std::move(next);
  ++stats_.edits;
  // The edit counts, whatever becomes of the rest.
  Catching(kContext, [&]() -> Status {
    RewriteIfOutweighed();
    KeepBallast();
    return absl::OkStatus();
  }).IgnoreError();
  return absl::OkStatus();
}

Status Manifest::Append(const CatalogEdit& edit) {
  std::string record;
  const size_t place = BeginRecord(&record);
  EncodeEdit(&record, edit);
  FinishRecord(&record, place, writer_->header(), kEditRecordType, next_ordinal_);
  RETURN_IF_ERROR(writer_->Append(record));
  RETURN_IF_ERROR(writer_->Sync());
  ++next_ordinal_;
  stats_.bytes = writer_->size();
  return absl::OkStatus();
}

void Manifest::RewriteIfOutweighed() {
  if (stats_.bytes < rewrite_at_) return;
  // The edits are durable as they stand, so a failure only puts this off.
  const Status status = Catching(kContext, [&] { return Rewrite(state_); });
  if (!status.ok()) rewrite_at_ = 2 * stats_.bytes;
}

Status Manifest::Rewrite(const CatalogState& state) {
  const FramedFileHeader header{.kind = kManifestKind,
                                .number = kManifestNumber,
                                .created = clock_->WallNanos(),
                                .marker = NewMarker()};
  std::string snapshot;
  const size_t place = BeginRecord(&snapshot);
  EncodeEdit(&snapshot, state.AsEdit());
  FinishRecord(&snapshot, place, header, kEditRecordType, 1);
  Status status = PutInPlace(header, snapshot);
  while (absl::IsUnavailable(status) && ballast_.Release(snapshot.size(), status)) {
    status = PutInPlace(header, snapshot);
  }
  return status;
}

Status Manifest::PutInPlace(const FramedFileHeader& header, std::string_view snapshot) {
  const std::string path = PathOf(directory_);
  const std::string new_path = StrCat(path, ".new");
  ASSIGN_OR_RETURN(auto writer, FramedFileWriter::Create(files_, new_path, header));
  RETURN_IF_ERROR(writer->Append(snapshot));
  RETURN_IF_ERROR(writer->Sync());
  // From here on the old file may be gone, or come back in a crash: nothing more goes into it.
  writer_.reset();
  RETURN_IF_ERROR(files_->RenameFile(new_path, path));
  RETURN_IF_ERROR(files_->SyncDirectory(directory_));

  writer_ = std::move(writer);
  next_ordinal_ = 2;
  rewrite_at_ = std::max(kMinRewriteSize, 3 * writer_->size());
  ballast_bytes_ = (rewrite_at_ + 1_MiB - 1) / 1_MiB * 1_MiB;  // the same for a while
  stats_.bytes = writer_->size();
  ++stats_.rewrites;
  return absl::OkStatus();
}

}  // namespace skald::storage
