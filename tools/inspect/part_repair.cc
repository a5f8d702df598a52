#include "tools/inspect/part_repair.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "storage/base/strings.h"
#include "storage/part/part_block.h"
#include "storage/part/part_writer.h"

namespace skald::inspect {
namespace {

using storage::BlockInfo;
using storage::PageInfo;
using storage::PageKind;
using storage::Part;
using storage::PartBlock;
using storage::PartWriter;

class Salvage {
 public:
  Salvage(std::shared_ptr<const Part> part, PartWriter* writer)
      : part_(std::move(part)), writer_(*writer) {}

  StatusOr<RepairResult> Run() {
    ASSIGN_OR_RETURN(directory_, part_->Directory());
    ASSIGN_OR_RETURN(streams_, part_->Streams());
    ASSIGN_OR_RETURN(index_, part_->Index());
    for (size_t i = 0; i < directory_->size(); ++i) RETURN_IF_ERROR(SaveBlock(i));
    RETURN_IF_ERROR(EndStream());
    if (result_.rows_saved == 0) return DataLoss("no row of the part can be read");
    RETURN_IF_ERROR(writer_.Finish(Properties()).status());
    return std::move(result_);
  }

 private:
  storage::PartProperties Properties() const {
    const storage::PartFooter& footer = part_->footer();
    storage::PartProperties properties;
    properties.tenant = footer.tenant;
    properties.level = footer.level;
    properties.day = footer.day;
    properties.retention_class = footer.retention_class;
    properties.log_first = footer.log_first;
    properties.log_last = footer.log_last;
    properties.replaces = footer.replaces;
    return properties;
  }

  void Lose(uint64_t rows, std::string what) {
    result_.rows_lost += rows;
    result_.losses.push_back(std::move(what));
  }

  // An error is one of writing.
  Status SaveBlock(size_t index) {
    const BlockInfo& info = directory_->block(index);
    auto opened = PartBlock::Open(part_, index, {storage::StreamRun{0, 0, info.rows}}, {});
    Status status = opened.status();
    if (status.ok()) status = (*opened)->Timestamps().status();
    if (status.ok()) status = (*opened)->Lines().status();
    if (!status.ok()) {
      Lose(info.rows, StrCat("block ", index, ": ", info.rows, " rows: ", Message(status)));
      return absl::OkStatus();
    }
    LoadMetadata(index, opened->get());
    return SaveLinePages(index, info, opened->get());
  }

  // Fills columns_ with those that can be read.
  void LoadMetadata(size_t index, PartBlock* block) {
    columns_.clear();
    for (size_t i = 0; i < block->metadata_names().size(); ++i) {
      const std::string_view name = block->metadata_names()[i];
      const StatusOr<StringColumn> column = block->Metadata(i);
      if (column.ok()) {
        columns_.emplace_back(name, *column);
      } else {
        Lose(0, StrCat("block ", index, ": all values of metadata ", name, ": ",
                       Message(column.status())));
      }
    }
  }

  Status SaveLinePages(size_t index, const BlockInfo& info, PartBlock* block) {
    std::vector<uint32_t> begins;
    for (const PageInfo& page : directory_->pages(index)) {
      if (page.kind == PageKind::kLines) begins.push_back(page.first_row);
    }
    begins.push_back(info.rows);
    for (size_t i = 0; i + 1 < begins.size(); ++i) {
      std::vector<uint32_t> rows(begins[i + 1] - begins[i]);
      std::iota(rows.begin(), rows.end(), begins[i]);
      std::vector<std::string_view> lines(rows.size());
      const Status read = (*block->Lines())->Materialise(rows, std::span(lines));
      if (!read.ok()) {
        Lose(rows.size(), StrCat("block ", index, ", rows ", begins[i], " to ", begins[i + 1] - 1,
                                 ": ", Message(read)));
        continue;
      }
      RETURN_IF_ERROR(SaveRows(info, block, rows, lines));
    }
    return absl::OkStatus();
  }

  Status SaveRows(const BlockInfo& info, PartBlock* block, const std::vector<uint32_t>& rows,
                  const std::vector<std::string_view>& lines) {
    ASSIGN_OR_RETURN(const std::span<const int64_t> times, block->Timestamps());
    std::vector<LabelView> metadata;
    for (size_t i = 0; i < rows.size(); ++i) {
      const uint32_t stream = streams_->StreamOf(info.first_row + rows[i]);
      if (stream_ != stream) RETURN_IF_ERROR(EndStream());
      stream_ = stream;
      metadata.clear();
      for (const auto& [name, column] : columns_) {
        const std::string_view value = column[rows[i]];
        if (!IsAbsent(value)) metadata.push_back({name, value});
      }
      RETURN_IF_ERROR(writer_.Add({times[rows[i]], lines[i], metadata}));
      ++result_.rows_saved;
    }
    return absl::OkStatus();
  }

  Status EndStream() {
    if (!stream_.has_value()) return absl::OkStatus();
    RETURN_IF_ERROR(writer_.EndStream(streams_->Labels(*stream_, *index_)));
    stream_.reset();
    return absl::OkStatus();
  }

  const std::shared_ptr<const Part> part_;
  PartWriter& writer_;
  std::shared_ptr<const storage::BlockDirectory> directory_;
  std::shared_ptr<const storage::StreamTable> streams_;
  std::shared_ptr<const storage::LabelIndex> index_;
  std::vector<std::pair<std::string_view, StringColumn>> columns_;
  std::optional<uint32_t> stream_;  // whose rows were added last
  RepairResult result_;
};

}  // namespace

StatusOr<RepairResult> RepairPart(FileSystem* files, const std::shared_ptr<const Part>& part,
                                  const std::string& output) {
  if (files->FileExists(output)) return absl::AlreadyExistsError(StrCat(output, " exists"));
  ASSIGN_OR_RETURN(auto file, files->NewWritableFile(output));
  const uint32_t line_page =
      part->footer().level > 1 ? storage::kColdLinePageRawBytes : storage::kLinePageRawBytes;
  PartWriter writer(std::move(file), CompressionEffort::kThorough, line_page);
  StatusOr<RepairResult> result = Salvage(part, &writer).Run();
  if (!result.ok()) files->RemoveFile(output).IgnoreError();
  return result;
}

}  // namespace skald::inspect
