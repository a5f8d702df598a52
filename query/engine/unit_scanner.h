// Brings the rows of scan units through a pipeline: opening, pruning, line conditions over whole
// pages, and batches.
//
// Each worker of a query has its own scanner, with its own compiled pipeline and batch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "query/batch/batch.h"
#include "query/engine/query_stats.h"
#include "query/stage/pipeline.h"
#include "query/syntax/ast.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/reader.h"

namespace skald::query {

// Threads: externally synchronised.
class UnitScanner {
 public:
  // `selection`, `log` and what `options` points to must outlive the scanner. Batches and the
  // metadata of the open unit are charged to `budget`; it and `stop` may be null. Errors as
  // Pipeline::Compile.
  static StatusOr<std::unique_ptr<UnitScanner>> Create(const storage::Selection& selection,
                                                       const LogExpr& log,
                                                       const PipelineOptions& options,
                                                       MemoryBudget* budget, const StopToken* stop);

  // The work, as a stop token counts it, that a unit will surely take if all of it is asked for,
  // and if only a part is; 0 if filters may tell that it need not be opened.
  struct LeastWork {
    uint64_t whole = 0;
    uint64_t part = 0;
  };
  LeastWork LeastWorkOf(const storage::ScanUnit& unit) const;

  // Opens a unit in place of the one before. False when it is known to have no row that gets
  // through the pipeline. This and what follows count their work with the stop token.
  StatusOr<bool> Open(size_t unit);

  // Puts the open unit's rows in `range` that satisfy the line conditions into rows(), ascending.
  Status SelectRows(TimeRange range);
  std::span<const uint32_t> rows() const { return rows_; }

  storage::Block* block() { return block_.get(); }
  const storage::ScanUnit& unit() const { return selection_.units()[unit_]; }
  size_t unit_index() const { return unit_; }

  // How many of `rows`, from the first on, make one batch: as far as one can tell from the batches
  // before.
  StatusOr<size_t> BatchSize(std::span<const uint32_t> rows);
  // Loads rows of the open unit, ascending, into batch() and runs the pipeline over them. Row i of
  // the batch is rows[i]. `all_metadata`: load every metadata column, needed or not. kTooWide
  // (batch.h): these rows have too many labels for one batch; BatchSize() will be less. Other
  // errors as Batch::Check.
  Status LoadBatch(std::span<const uint32_t> rows, bool with_lines, bool all_metadata);

  // LoadBatch for as many of `rows`, from the first on, as fit into one batch; returns how many.
  StatusOr<size_t> LoadFitting(std::span<const uint32_t> rows, bool with_lines, bool all_metadata);

  Batch* batch() { return &batch_; }
  const Pipeline& pipeline() const { return *pipeline_; }

  // The length of every row's line in the open unit.
  StatusOr<std::span<const uint32_t>> LineLengths();

  // A metadata column of the open unit's block, by index into its names.
  StatusOr<StringColumn> Metadata(size_t index);
  // Notes, for the statistics, that metadata was read without Metadata().
  void NoteMetadataUse() { stats_.used_metadata = true; }

  // The metadata of a row of the open unit whose columns LoadBatch left out, for messages.
  StatusOr<std::vector<LabelView>> UnloadedMetadata(uint32_t row);

  // Notes that all selected rows have passed, for who runs no batch over them.
  void CountAllMatched() { stats_.rows_matched += rows_.size(); }

  // Takes the statistics gathered so far.
  QueryStats TakeStats();

 private:
  UnitScanner(const storage::Selection& selection, MemoryBudget* budget, const StopToken* stop)
      : selection_(selection), stop_(stop), block_memory_(budget), batch_(budget, stop) {}
  // False if no row of the unit can get through the pipeline, as far as filters know.
  StatusOr<bool> MayPass(size_t unit) const;
  Status MatchConditions(RowSet* rows);
  // Loads what the pipeline needs of the lines: their fields, as far as storage knows them, or
  // text.
  Status LoadLines(std::span<const uint32_t> rows);
  Status LoadMetadata(std::span<const uint32_t> rows, bool all);
  Status FillBatch(std::span<const uint32_t> rows, bool with_lines, bool all_metadata);
  // Learns from a batch that was run how many rows are to make the next.
  void AdaptBatchSize(size_t rows, const Status& status);
  bool IsMetadataNeeded(std::string_view name) const;
  // Takes from the budget what the open block's metadata has come to take.
  Status ChargeBlock();
  void FoldBlockStats();

  const storage::Selection& selection_;
  const StopToken* const stop_;
  std::unique_ptr<Pipeline> pipeline_;
  // What filters are asked about a unit: literals of lines, and conditions on fields.
  RequiredLiterals asked_literals_;
  std::vector<FieldCondition> asked_fields_;
  size_t unit_ = 0;
  std::unique_ptr<storage::Block> block_;
  Reservation block_memory_;  // for the metadata of block_
  std::vector<uint32_t> rows_;
  std::vector<uint32_t> lengths_;  // empty until asked for
  Batch batch_;
  size_t fitting_rows_ = kMaxBatchRows;  // for the next batch
  QueryStats stats_;
};

}  // namespace skald::query
