#include "storage/compact/merge_job.h"

#include <algorithm>
#include <utility>

#include "storage/compact/part_merger.h"
#include "storage/part/part_format.h"
#include "storage/part/part_writer.h"
#include "storage/part_files.h"

namespace skald::storage {
namespace {

constexpr int kZstdLevel = 3;

class MergeJob {
 public:
  MergeJob(const MergeTools& tools, const MergePlan& plan) : tools_(tools), plan_(plan) {}

  StatusOr<MergedParts> Run() {
    const Status status = WriteAll();
    if (status.ok()) return std::move(result_);
    for (const std::string& path : written_) tools_.files->RemoveFile(path).IgnoreError();
    return status;
  }

 private:
  Status WriteAll() {
    const std::optional<TenantNumber> tenant =
        tools_.catalog->TenantOf(plan_.inputs.front()->file_number());
    if (!tenant.has_value()) return Internal("a part to be merged is not in the manifest");
    tenant_ = *tenant;
    ASSIGN_OR_RETURN(const auto merger, PartMerger::Open(plan_.inputs, tools_.pace));
    std::optional<int64_t> next = plan_.inputs.front()->footer().min_time;
    for (const auto& input : plan_.inputs) {
      next = std::min(*next, input->footer().min_time);
      result_.edit.parts_removed.push_back(input->file_number());
      result_.input_bytes += input->file_size();
    }
    while (next.has_value()) {
      ASSIGN_OR_RETURN(next, WriteDay(DayOf(*next), merger.get()));
    }
    return Publish();
  }

  // Returns what PartMerger::Merge does.
  StatusOr<std::optional<int64_t>> WriteDay(int32_t day, PartMerger* merger) {
    PartInfo info;
    info.tenant = tenant_;
    info.file = tools_.catalog->ReserveFiles(1);
    const std::string temporary = PartTemporaryPath(tools_.directory, tenant_, info.file);
    ASSIGN_OR_RETURN(auto file, tools_.files->NewWritableFile(temporary));
    written_.push_back(temporary);
    PartWriter writer(std::move(file), kZstdLevel,
                      plan_.level > 1 ? kColdLinePageRawBytes : kLinePageRawBytes);
    const DayBounds bounds = BoundsOfDay(day);
    ASSIGN_OR_RETURN(const auto next, merger->Merge(bounds.first, bounds.last, &writer));
    if (writer.rows() == 0) return DataLoss("times and extents of parts to be merged disagree");

    PartProperties properties;
    properties.tenant = plan_.inputs.front()->footer().tenant;
    properties.level = plan_.level;
    properties.day = day;
    properties.log_first = plan_.inputs.front()->footer().log_first;
    for (const auto& input : plan_.inputs) {
      properties.log_last = std::max(properties.log_last, input->footer().log_last);
    }
    if (!next.has_value()) properties.replaces = result_.edit.parts_removed;
    ASSIGN_OR_RETURN(const PartSummary summary, writer.Finish(properties));

    info.level = properties.level;
    info.day = day;
    info.retention_class = properties.retention_class;
    info.rows = summary.rows;
    info.bytes = summary.file_bytes;
    info.min_time = summary.min_time;
    info.max_time = summary.max_time;
    info.first = properties.log_first;
    info.last = properties.log_last;
    info.replaces = properties.replaces;
    result_.edit.parts_added.push_back(info);
    result_.output_bytes += summary.file_bytes;
    return next;
  }

  // Gives the outputs their names, durably, and opens them.
  Status Publish() {
    const std::string directory = TenantDirectory(tools_.directory, tenant_);
    const size_t outputs = written_.size();
    for (size_t i = 0; i < outputs; ++i) {
      if (i > 0 && i + 1 == outputs) RETURN_IF_ERROR(tools_.files->SyncDirectory(directory));
      const FileNumber number = result_.edit.parts_added[i].file;
      const std::string path = PartPath(tools_.directory, tenant_, number);
      RETURN_IF_ERROR(tools_.files->RenameFile(written_[i], path));
      written_[i] = path;
      ASSIGN_OR_RETURN(auto part, Part::Open(tools_.files, path, number, tools_.cache));
      result_.outputs.push_back(std::move(part));
    }
    RETURN_IF_ERROR(tools_.files->SyncDirectory(directory));
    result_.paths = written_;
    return absl::OkStatus();
  }

  const MergeTools& tools_;
  const MergePlan& plan_;
  TenantNumber tenant_ = 0;
  std::vector<std::string> written_;  // temporary or final paths, one an output
  MergedParts result_;
};

}  // namespace

StatusOr<MergedParts> RunMerge(const MergeTools& tools, const MergePlan& plan) {
  return MergeJob(tools, plan).Run();
}

}  // namespace skald::storage
