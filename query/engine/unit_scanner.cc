#include "query/engine/unit_scanner.h"

#include <algorithm>
#include <utility>

#include "query/engine/gather.h"
#include "query/engine/pruning_literals.h"
#include "query/engine/query_context.h"
#include "query/stage/metadata_columns.h"

namespace skald::query {
namespace {

constexpr uint64_t kMaxBatchLineBytes = 1 << 20;
// Batches of more cells are made of fewer rows, but not of fewer than these: within 768 KiB, cells
// stay in one chunk of the arena and in the processor's cache.
constexpr size_t kManyBatchCells = (768 << 10) / sizeof(std::string_view);
constexpr size_t kEnoughBatchRows = 16;
// Work, in bytes of lines that take about as long: to ask the filters about a unit, to open it, to
// put a row into a batch, and to find that no row of it has some metadata.
constexpr uint64_t kAskingWork = 1 << 10;
constexpr uint64_t kOpeningWork = 4 << 10;
constexpr uint64_t kRowWork = 16;
constexpr uint64_t kAbsentWork = 16;

}  // namespace

StatusOr<std::unique_ptr<UnitScanner>> UnitScanner::Create(const storage::Selection& selection,
                                                           const LogExpr& log,
                                                           const PipelineOptions& options,
                                                           MemoryBudget* budget,
                                                           const StopToken* stop) {
  std::unique_ptr<UnitScanner> scanner(new UnitScanner(selection, budget, stop));
  ASSIGN_OR_RETURN(scanner->pipeline_, Pipeline::Compile(log, options));
  scanner->asked_literals_ = AskedLiterals(scanner->pipeline_->line_conditions());
  const std::span<const FieldCondition> fields = scanner->pipeline_->field_conditions();
  scanner->asked_fields_.assign(fields.begin(), fields.end());
  KeepAskedFields(&scanner->asked_fields_);
  return scanner;
}

UnitScanner::LeastWork UnitScanner::LeastWorkOf(const storage::ScanUnit& unit) const {
  const bool may_skip =
      !asked_literals_.empty() || !asked_fields_.empty() || !pipeline_->metadata_required().empty();
  if (may_skip) return {};
  const bool reads_lines = pipeline_->needs_lines() || !pipeline_->line_conditions().empty();
  constexpr uint64_t kToOpen = kAskingWork + kOpeningWork;
  return {kToOpen + (reads_lines ? unit.line_bytes : 0), kToOpen};
}

StatusOr<bool> UnitScanner::Open(size_t unit) {
  FoldBlockStats();
  RETURN_IF_ERROR(Spend(stop_, kAskingWork));
  unit_ = unit;
  lengths_.clear();
  rows_.clear();
  ASSIGN_OR_RETURN(const bool may_pass, MayPass(unit));
  if (!may_pass) {
    ++stats_.scan.blocks_skipped;
    return false;
  }
  RETURN_IF_ERROR(Spend(stop_, kOpeningWork));
  ASSIGN_OR_RETURN(block_, selection_.Open(unit, stop_));
  ++stats_.units_opened;
  return true;
}

StatusOr<bool> UnitScanner::MayPass(size_t unit) const {
  const auto may_match = [&](const RequiredLiterals* literals) -> StatusOr<bool> {
    if (stop_ != nullptr) RETURN_IF_ERROR(stop_->Check());
    return selection_.MayMatch(unit, {&literals, 1});
  };
  if (!asked_literals_.empty()) {
    ASSIGN_OR_RETURN(const bool in_line, may_match(&asked_literals_));
    if (!in_line) return false;
  }
  for (const FieldCondition& condition : asked_fields_) {
    ASSIGN_OR_RETURN(const bool in_line, may_match(&condition.literals));
    if (in_line) continue;
    ASSIGN_OR_RETURN(const bool in_labels, selection_.MayHaveMetadata(unit, condition.labels));
    if (!in_labels) return false;
  }
  return selection_.MayHaveMetadata(unit, pipeline_->metadata_required());
}

Status UnitScanner::SelectRows(TimeRange range) {
  RowSet selected;
  RETURN_IF_ERROR(block_->SelectRows(range, &selected));
  const uint32_t in_range = selected.count();
  stats_.rows_processed += in_range;
  if (in_range > 0) RETURN_IF_ERROR(MatchConditions(&selected));
  rows_.clear();
  selected.ForEach([this](uint32_t row) { rows_.push_back(row); });
  return absl::OkStatus();
}

Status UnitScanner::MatchConditions(RowSet* rows) {
  const std::span<const LineCondition> conditions = pipeline_->line_conditions();
  if (conditions.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Spend(stop_, unit().line_bytes));
  ASSIGN_OR_RETURN(storage::LineColumn* const lines, block_->Lines());
  for (const LineCondition& condition : conditions) {
    RETURN_IF_ERROR(lines->Match(*condition.matcher, condition.negate, rows));
    if (rows->empty() || &condition == &conditions.back()) break;
    // The next one looks at the lines that are left.
    RETURN_IF_ERROR(Spend(stop_, unit().line_bytes * rows->count() / block_->rows()));
  }
  return absl::OkStatus();
}

StatusOr<std::span<const uint32_t>> UnitScanner::LineLengths() {
  if (lengths_.empty() && block_->rows() > 0) {
    ASSIGN_OR_RETURN(storage::LineColumn* const lines, block_->Lines());
    lengths_.resize(block_->rows());
    RETURN_IF_ERROR(lines->Lengths(lengths_));
  }
  return std::span<const uint32_t>(lengths_);
}

StatusOr<size_t> UnitScanner::BatchSize(std::span<const uint32_t> rows) {
  const size_t most = std::min(rows.size(), fitting_rows_);
  if (unit().line_bytes <= kMaxBatchLineBytes) return most;
  ASSIGN_OR_RETURN(const std::span<const uint32_t> lengths, LineLengths());
  uint64_t bytes = 0;
  for (size_t i = 0; i < most; ++i) {
    bytes += lengths[rows[i]];
    if (bytes > kMaxBatchLineBytes) return std::max<size_t>(i, 1);
  }
  return most;
}

Status UnitScanner::LoadBatch(std::span<const uint32_t> rows, bool with_lines, bool all_metadata) {
  Status status = FillBatch(rows, with_lines, all_metadata);
  if (status.ok()) status = pipeline_->Run(&batch_);
  AdaptBatchSize(rows.size(), status);
  if (status.ok()) stats_.rows_matched += batch_.selection.size();
  return status;
}

// Where every row has labels of its own, twice the rows have four times the cells, of which almost
// all are absent, but are written and passed over.
void UnitScanner::AdaptBatchSize(size_t rows, const Status& status) {
  const size_t cells = rows * batch_.columns().size();
  if (status.code() == kTooWide) {
    fitting_rows_ = std::max<size_t>(rows / 2, 1);
  } else if (!status.ok()) {
    return;
  } else if (cells > kManyBatchCells) {
    fitting_rows_ = std::min(fitting_rows_, std::max(rows / 2, kEnoughBatchRows));
  } else if (rows >= fitting_rows_ && cells < kManyBatchCells / 8 &&
             batch_.memory() < batch_.max_memory() / 4) {
    fitting_rows_ = std::min<size_t>(2 * fitting_rows_, kMaxBatchRows);
  }
}

Status UnitScanner::FillBatch(std::span<const uint32_t> rows, bool with_lines, bool all_metadata) {
  batch_.Reset(selection_.streams());
  ASSIGN_OR_RETURN(const std::span<const int64_t> times, block_->Timestamps());
  batch_.timestamps.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) batch_.timestamps[i] = times[rows[i]];
  GatherStreams(block_->runs(), rows, &batch_.stream_of);
  const uint64_t bytes_before = stats_.line_bytes_processed;
  if (with_lines) RETURN_IF_ERROR(LoadLines(rows));
  const uint64_t bytes = stats_.line_bytes_processed - bytes_before;
  RETURN_IF_ERROR(Spend(stop_, bytes + rows.size() * kRowWork));
  batch_.selection.resize(rows.size());
  for (uint32_t i = 0; i < rows.size(); ++i) batch_.selection[i] = i;
  return LoadMetadata(rows, all_metadata);
}

Status UnitScanner::LoadLines(std::span<const uint32_t> rows) {
  ASSIGN_OR_RETURN(storage::LineColumn* const lines, block_->Lines());
  batch_.lines.resize(rows.size());
  if (pipeline_->fields() != nullptr) {
    RETURN_IF_ERROR(lines->Extract(*pipeline_->fields(), rows, &batch_.fields));
  }
  const RowSet& answered = batch_.fields.answered;
  if (answered.empty() || !pipeline_->needs_only_fields()) {
    RETURN_IF_ERROR(lines->Materialise(rows, batch_.lines));
    for (const std::string_view line : batch_.lines) stats_.line_bytes_processed += line.size();
    return absl::OkStatus();
  }
  std::vector<uint32_t> unanswered;  // indexes into `rows`
  std::vector<uint32_t> unanswered_rows;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (answered.Contains(i)) continue;
    unanswered.push_back(i);
    unanswered_rows.push_back(rows[i]);
  }
  std::vector<std::string_view> texts(unanswered.size());
  RETURN_IF_ERROR(lines->Materialise(unanswered_rows, texts));
  for (size_t k = 0; k < texts.size(); ++k) batch_.lines[unanswered[k]] = texts[k];
  ASSIGN_OR_RETURN(const std::span<const uint32_t> lengths, LineLengths());
  for (const uint32_t row : rows) stats_.line_bytes_processed += lengths[row];
  return absl::OkStatus();
}

StatusOr<size_t> UnitScanner::LoadFitting(std::span<const uint32_t> rows, bool with_lines,
                                          bool all_metadata) {
  while (true) {
    ASSIGN_OR_RETURN(const size_t size, BatchSize(rows));
    const Status loaded = LoadBatch(rows.first(size), with_lines, all_metadata);
    if (loaded.ok()) return size;
    if (loaded.code() != kTooWide || size == 1) return loaded;
  }
}

StatusOr<StringColumn> UnitScanner::Metadata(size_t index) {
  NoteMetadataUse();
  StatusOr<StringColumn> column = block_->Metadata(index);
  RETURN_IF_ERROR(ChargeBlock());
  return column;
}

Status UnitScanner::ChargeBlock() {
  const size_t bytes = block_->metadata_memory();
  if (bytes <= block_memory_.bytes()) return absl::OkStatus();
  return block_memory_.Grow(bytes - block_memory_.bytes());
}

bool UnitScanner::IsMetadataNeeded(std::string_view name) const {
  const auto& needed = pipeline_->metadata_needed();
  return !needed.has_value() || std::binary_search(needed->begin(), needed->end(), name);
}

Status UnitScanner::LoadMetadata(std::span<const uint32_t> rows, bool all) {
  const std::span<const std::string_view> names = block_->metadata_names();
  RETURN_IF_ERROR(ChargeBlock());
  for (size_t i = 0; i < names.size(); ++i) {
    if (!all && !IsMetadataNeeded(names[i])) continue;
    NoteMetadataUse();
    ASSIGN_OR_RETURN(const StringColumn column, block_->MetadataOf(i, rows, batch_.arena()));
    if (IsAbsent(column)) {
      batch_.CountWork(kAbsentWork);
    } else {
      AddMetadata(&batch_, names[i], column);
      batch_.CountWork(rows.size());
    }
    RETURN_IF_ERROR(batch_.Check());
    RETURN_IF_ERROR(ChargeBlock());
  }
  return absl::OkStatus();
}

StatusOr<std::vector<LabelView>> UnitScanner::UnloadedMetadata(uint32_t row) {
  std::vector<LabelView> labels;
  const std::span<const std::string_view> names = block_->metadata_names();
  for (size_t i = 0; i < names.size(); ++i) {
    if (IsMetadataNeeded(names[i])) continue;
    ASSIGN_OR_RETURN(const StringColumn column, block_->MetadataOf(i, {&row, 1}, batch_.arena()));
    if (const std::string_view value = column[0]; !IsAbsent(value)) {
      labels.push_back({names[i], value});
    }
  }
  return labels;
}

void UnitScanner::FoldBlockStats() {
  if (block_ != nullptr) stats_.scan.Add(block_->stats());
  block_.reset();
  block_memory_.Release();
}

QueryStats UnitScanner::TakeStats() {
  FoldBlockStats();
  return std::exchange(stats_, QueryStats());
}

}  // namespace skald::query
