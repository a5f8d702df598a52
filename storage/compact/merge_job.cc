#include "storage/compact/merge_job.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/units.h"
#include "storage/catalog/part_files.h"
#include "storage/compact/part_cursor.h"
#include "storage/compact/part_merger.h"
#include "storage/part/part_format.h"
#include "storage/part/part_writer.h"

namespace skald::storage {
namespace {

// For the inputs' sections; their pages are read once.
constexpr uint64_t kInputCacheBytes = 32_MiB;

// A part that is being written.
struct Output {
  PartInfo info;
  std::string path;  // temporary, then final
  std::unique_ptr<PartWriter> writer;
};

class MergeJob {
 public:
  MergeJob(const MergeTools& tools, const MergePlan& plan, RowSieve* sieve,
           std::optional<FileNumber>* unreadable)
      : tools_(tools), plan_(plan), sieve_(sieve), unreadable_(unreadable) {}

  StatusOr<MergedParts> Run() {
    const Status status = Catching("merging parts", [&] { return WriteAll(); });
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
    ASSIGN_OR_RETURN(auto inputs, OpenInputs());
    PartMerger merger(std::move(inputs), plan_.level);
    std::optional<int64_t> next = plan_.inputs.front()->footer().min_time;
    for (const auto& input : plan_.inputs) {
      next = std::min(*next, input->footer().min_time);
      log_last_ = std::max(log_last_, input->footer().log_last);
      result_.edit.parts_removed.push_back(input->file_number());
      result_.input_bytes += input->file_size();
    }
    while (next.has_value()) {
      auto after = WriteDay(DayOf(*next), &merger);
      if (!after.ok()) *unreadable_ = merger.unreadable();
      ASSIGN_OR_RETURN(next, std::move(after));
    }
    result_.blocks_copied = merger.blocks_copied();
    if (last_.has_value()) RETURN_IF_ERROR(Finish(&*last_, result_.edit.parts_removed));
    return Publish();
  }

  // The inputs once more, behind a cache of their own: what is read once must not displace what
  // queries come back to.
  StatusOr<std::vector<std::unique_ptr<PartCursor>>> OpenInputs() {
    std::vector<std::unique_ptr<PartCursor>> inputs;
    for (const auto& input : plan_.inputs) {
      auto cursor = OpenInput(input->file_number());
      if (!cursor.ok()) *unreadable_ = input->file_number();
      RETURN_IF_ERROR(cursor.status());
      inputs.push_back(*std::move(cursor));
    }
    return inputs;
  }
  StatusOr<std::unique_ptr<PartCursor>> OpenInput(FileNumber number) {
    ASSIGN_OR_RETURN(auto part,
                     Part::Open(tools_.files, PartPath(tools_.directory, tenant_, number), number,
                                &input_cache_));
    return PartCursor::Open(std::move(part), tools_.pace, sieve_);
  }

  // Returns what PartMerger::Merge does.
  StatusOr<std::optional<int64_t>> WriteDay(int32_t day, PartMerger* merger) {
    std::map<uint32_t, Output> by_class;
    const DayBounds bounds = BoundsOfDay(day);
    const auto writer_of = [&](const LabelSet& labels) -> StatusOr<PartWriter*> {
      const uint32_t retention_class = sieve_->ClassOf(labels);
      Output& output = by_class[retention_class];
      if (output.writer == nullptr) RETURN_IF_ERROR(Begin(day, retention_class, &output));
      return output.writer.get();
    };
    ASSIGN_OR_RETURN(const auto next, merger->Merge(bounds.first, bounds.last, writer_of));
    for (auto& [retention_class, output] : by_class) {
      if (last_.has_value()) RETURN_IF_ERROR(Finish(&*last_, {}));
      last_ = std::move(output);
    }
    return next;
  }

  Status Begin(int32_t day, uint32_t retention_class, Output* output) {
    PartInfo& info = output->info;
    info.tenant = tenant_;
    info.file = tools_.catalog->ReserveFiles(1);
    info.level = plan_.level;
    info.day = day;
    info.retention_class = retention_class;
    info.first = plan_.inputs.front()->footer().log_first;
    info.last = log_last_;
    output->path = PartTemporaryPath(tools_.directory, tenant_, info.file);
    ASSIGN_OR_RETURN(auto file, tools_.files->NewWritableFile(output->path));
    written_.push_back(output->path);
    const bool is_last = plan_.level > 1;  // level 2 is not written again
    output->writer = std::make_unique<PartWriter>(
        std::move(file), is_last ? CompressionEffort::kThorough : CompressionEffort::kQuick,
        is_last ? kColdLinePageRawBytes : kLinePageRawBytes);
    return absl::OkStatus();
  }

  Status Finish(Output* output, std::vector<FileNumber> replaces) {
    PartInfo& info = output->info;
    info.replaces = std::move(replaces);
    PartProperties properties;
    properties.tenant = plan_.inputs.front()->footer().tenant;
    properties.level = info.level;
    properties.day = *info.day;
    properties.retention_class = *info.retention_class;
    properties.log_first = info.first;
    properties.log_last = info.last;
    properties.replaces = info.replaces;
    ASSIGN_OR_RETURN(const PartSummary summary, output->writer->Finish(properties));
    info.rows = summary.rows;
    info.bytes = summary.file_bytes;
    info.min_time = summary.min_time;
    info.max_time = summary.max_time;
    result_.edit.parts_added.push_back(info);
    result_.output_bytes += summary.file_bytes;
    return absl::OkStatus();
  }

  // Gives the outputs their names, durably, and opens them.
  Status Publish() {
    const std::string directory = TenantDirectory(tools_.directory, tenant_);
    const std::vector<PartInfo>& outputs = result_.edit.parts_added;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (i > 0 && i + 1 == outputs.size()) {
        RETURN_IF_ERROR(tools_.files->SyncDirectory(directory));
      }
      const FileNumber number = outputs[i].file;
      const std::string path = PartPath(tools_.directory, tenant_, number);
      RETURN_IF_ERROR(
          tools_.files->RenameFile(PartTemporaryPath(tools_.directory, tenant_, number), path));
      written_.push_back(path);
      ASSIGN_OR_RETURN(auto part, Part::Open(tools_.files, path, number, tools_.cache));
      result_.outputs.push_back(std::move(part));
    }
    return outputs.empty() ? absl::OkStatus() : tools_.files->SyncDirectory(directory);
  }

  const MergeTools& tools_;
  const MergePlan& plan_;
  RowSieve* const sieve_;
  std::optional<FileNumber>* const unreadable_;
  PageCache input_cache_{kInputCacheBytes};
  TenantNumber tenant_ = 0;
  LogPosition log_last_;
  std::vector<std::string> written_;  // every path that was used
  std::optional<Output> last_;        // written wholly, but for what it replaces
  MergedParts result_;
};

}  // namespace

StatusOr<MergedParts> RunMerge(const MergeTools& tools, const MergePlan& plan, RowSieve* sieve,
                               std::optional<FileNumber>* unreadable) {
  return MergeJob(tools, plan, sieve, unreadable).Run();
}

}  // namespace skald::storage
