#include "storage/engine/startup.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "storage/base/log.h"
#include "storage/catalog/part_files.h"
#include "storage/wal/durable_directory.h"

namespace skald::storage {
namespace {

class PartOpener {
 public:
  PartOpener(FileSystem* files, const std::string& directory, Manifest* manifest,
             bool manifest_existed, PageCache* cache)
      : files_(files),
        directory_(directory),
        manifest_(manifest),
        rebuilding_(manifest->state().needs_rebuild || !manifest_existed),
        cache_(cache) {}

  StatusOr<std::vector<std::shared_ptr<Part>>> Run() {
    RETURN_IF_ERROR(OpenNamed());
    RETURN_IF_ERROR(DealWithLeftovers());
    std::sort(parts_.begin(), parts_.end(), [](const auto& a, const auto& b) {
      return std::make_pair(a->footer().log_first, a->file_number()) <
             std::make_pair(b->footer().log_first, b->file_number());
    });
    return std::move(parts_);
  }

 private:
  // FailedPrecondition: a part is of a version that cannot be read. Nothing was touched then.
  // A disk that cannot be read is no damage: without the part, merges and delete requests would be
  // settled as if it had no rows.
  Status OpenNamed() {
    for (const auto& [number, info] : manifest_->state().parts) {
      StatusOr<std::shared_ptr<Part>> part =
          Part::Open(files_, PartPath(directory_, info.tenant, number), number, cache_);
      if (absl::IsFailedPrecondition(part.status())) return RefuseVersion(part.status());
      if (!part.ok() && !IsGone(part.status())) return Annotate(part.status(), "opening a part");
      if (!part.ok()) {
        SKALD_LOG(kError, "a part cannot be read and is left out",
                  {{"file", PartPath(directory_, info.tenant, number)},
                   {"rows", info.rows},
                   {"err", Message(part.status())}});
        continue;
      }
      parts_.push_back(*std::move(part));
    }
    return absl::OkStatus();
  }

  // Damage, or a file that somebody has taken away.
  static bool IsGone(const Status& status) {
    return absl::IsDataLoss(status) || absl::IsNotFound(status);
  }

  Status RefuseVersion(const Status& cause) const {
    return absl::FailedPreconditionError(
        StrCat("the data directory ", directory_,
               " was written by another version of Skald and is left as it is: ", Message(cause)));
  }

  Status DealWithLeftovers() {
    const std::string root = directory_ + "/tenants";
    const auto tenants = files_->ListDirectory(root);
    if (absl::IsNotFound(tenants.status())) return FinishRebuild();
    RETURN_IF_ERROR(tenants.status());
    for (const std::string& name : *tenants) {
      TenantNumber number = 0;
      if (!absl::SimpleAtoi(name, &number)) continue;
      rebuild_.min_next_tenant = std::max(rebuild_.min_next_tenant, number + 1);
      ASSIGN_OR_RETURN(const auto entries, files_->ListDirectory(StrCat(root, "/", name)));
      for (const std::string& entry : entries) RETURN_IF_ERROR(DealWith(number, entry));
    }
    return FinishRebuild();
  }

  Status DealWith(TenantNumber tenant, const std::string& name) {
    const std::string path = TenantDirectory(directory_, tenant) + "/" + name;
    if (IsTemporaryName(name)) return files_->RemoveFile(path);
    const std::optional<FileNumber> number = ParsePartName(name);
    if (!number.has_value() || IsNamed(tenant, *number)) return absl::OkStatus();
    if (!rebuilding_ && !manifest_->durable()) return absl::OkStatus();
    if (!rebuilding_) return files_->RemoveFile(path);
    rebuild_.min_next_file = std::max(rebuild_.min_next_file, *number + 1);
    return TakeBack(tenant, *number, path);
  }

  bool IsNamed(TenantNumber tenant, FileNumber number) const {
    const auto& parts = manifest_->state().parts;
    const auto found = parts.find(number);
    return found != parts.end() && found->second.tenant == tenant;
  }

  // Puts a part that a damaged manifest does not name back into it.
  Status TakeBack(TenantNumber tenant, FileNumber number, const std::string& path) {
    StatusOr<std::shared_ptr<Part>> part = Part::Open(files_, path, number, cache_);
    if (absl::IsFailedPrecondition(part.status())) return RefuseVersion(part.status());
    if (!part.ok() && !IsGone(part.status())) return Annotate(part.status(), "opening a part");
    if (!part.ok()) return SetAside(tenant, number, path);
    const PartFooter& footer = (*part)->footer();
    PartInfo info;
    info.tenant = tenant;
    info.file = number;
    info.level = footer.level;
    if (footer.level > 0) {
      info.day = footer.day;
      info.retention_class = footer.retention_class;
    }
    info.rows = footer.rows;
    info.bytes = (*part)->file_size();
    info.min_time = footer.min_time;
    info.max_time = footer.max_time;
    info.first = footer.log_first;
    info.last = footer.log_last;
    info.replaces = footer.replaces;
    if (!manifest_->state().tenants.contains(tenant)) tenants_[tenant] = footer.tenant;
    rebuild_.parts_added.push_back(info);
    taken_back_.push_back(*std::move(part));
    return absl::OkStatus();
  }

  // Durably: once the manifest is complete, a file that is in its old place would be removed.
  Status SetAside(TenantNumber tenant, FileNumber number, const std::string& path) {
    const std::string aside = directory_ + "/set-aside";
    RETURN_IF_ERROR(CreateDirectoryDurably(files_, aside));
    const std::string target = StrCat(aside, "/", absl::Hex(number, absl::kZeroPad16), ".part");
    SKALD_LOG(kWarn, "an unreadable file that the manifest does not name is set aside",
              {{"from", path}, {"to", target}});
    RETURN_IF_ERROR(files_->RenameFile(path, target));
    RETURN_IF_ERROR(files_->SyncDirectory(aside));
    return files_->SyncDirectory(TenantDirectory(directory_, tenant));
  }

  // Parts that another one replaces are not taken back: their rows are in that one.
  Status FinishRebuild() {
    if (!rebuilding_) return absl::OkStatus();
    std::set<FileNumber> replaced;
    for (const auto& part : parts_) AddReplaced(*part, &replaced);
    for (const auto& part : taken_back_) AddReplaced(*part, &replaced);
    std::erase_if(rebuild_.parts_added,
                  [&](const PartInfo& info) { return replaced.contains(info.file); });
    for (const auto& part : taken_back_) {
      if (!replaced.contains(part->file_number())) parts_.push_back(part);
    }
    for (const auto& [number, id] : tenants_) rebuild_.tenants_added.emplace_back(number, id);
    rebuild_.needs_rebuild = false;
    RETURN_IF_ERROR(manifest_->Apply(rebuild_));
    if (rebuild_.min_next_tenant == 0) return absl::OkStatus();  // no tenant has a directory
    SKALD_LOG(kWarn, "the manifest was damaged or missing and has been completed from part files",
              {{"parts_taken_back", rebuild_.parts_added.size()}});
    return absl::OkStatus();
  }

  static void AddReplaced(const Part& part, std::set<FileNumber>* replaced) {
    replaced->insert(part.footer().replaces.begin(), part.footer().replaces.end());
  }

  FileSystem* const files_;
  const std::string& directory_;
  Manifest* const manifest_;
  const bool rebuilding_;  // files that the manifest does not name may hold rows
  PageCache* const cache_;
  std::vector<std::shared_ptr<Part>> parts_;
  std::vector<std::shared_ptr<Part>> taken_back_;
  std::map<TenantNumber, TenantId> tenants_;
  CatalogEdit rebuild_;
};

}  // namespace

StatusOr<std::vector<std::shared_ptr<Part>>> OpenParts(FileSystem* files,
                                                       const std::string& directory,
                                                       Manifest* manifest, bool manifest_existed,
                                                       PageCache* cache) {
  return PartOpener(files, directory, manifest, manifest_existed, cache).Run();
}

Status ReplayPushes(FileSystem* files, const std::string& log_directory, LogPosition skip_up_to,
                    RecordDecoder* decoder, InsertRows insert, ReplayStats* stats) {
  return ReplayLog(
      files, log_directory, skip_up_to,
      [&](const ReplayedRecord& record) -> Status {
        if (record.rows != nullptr) {
          return insert(record.rows->tenant, record.position, record.rows->streams);
        }
        Status inserted;
        const Status decoded =
            decoder->Decode(*record.push, [&](std::span<const StreamRows> streams) {
              inserted = insert(record.push->tenant, record.position, streams);
            });
        if (decoded.ok()) return inserted;
        SKALD_LOG(kError, "a logged push cannot be decoded and is set aside",
                  {{"segment", record.position.segment},
                   {"record", record.position.record},
                   {"err", Message(decoded)}});
        return DataLoss(Message(decoded));
      },
      stats);
}

}  // namespace skald::storage
