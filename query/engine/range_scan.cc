#include "query/engine/range_scan.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "query/engine/pipeline_error.h"
#include "query/engine/row_counter.h"

namespace skald::query {
namespace {

const SeriesGrouping kUngrouped;  // every label makes a series

// One worker: scans units, one at a time.
class RangeWorker {
 public:
  RangeWorker(const RangeScanInput& input, std::unique_ptr<UnitScanner> scanner)
      : input_(input),
        windows_(*input.windows),
        plan_(*input.plan),
        scanner_(std::move(scanner)),
        grouper_(plan_.grouping, input.series),
        error_grouper_(kUngrouped, input.series),
        counter_(*input.selection, plan_, windows_, scanner_.get(), &grouper_) {}

  StatusOr<std::unique_ptr<TaskResult>> Scan(size_t unit) {
    const storage::ScanUnit& about = input_.selection->units()[unit];
    std::unique_ptr<UnitSamples> samples = input_.function->NewUnit(about.arrival);
    if (!windows_.Overlap(about.min_time, about.max_time)) return samples;
    ASSIGN_OR_RETURN(const bool open, scanner_->Open(unit));
    if (!open) return samples;
    RETURN_IF_ERROR(ScanOpenUnit(samples.get()));
    return samples;
  }

  QueryStats TakeStats() { return scanner_->TakeStats(); }

 private:
  Status ScanOpenUnit(UnitSamples* samples) {
    if (scanner_->pipeline().line_conditions().empty()) {
      ASSIGN_OR_RETURN(const bool counted, counter_.CountByRanks(samples));
      if (counted) return absl::OkStatus();
    }
    RETURN_IF_ERROR(scanner_->SelectRows(windows_.span()));
    if (scanner_->rows().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool counted, counter_.CountRows(samples));
    if (!counted) return ScanBatches(samples);
    scanner_->CountAllMatched();
    return absl::OkStatus();
  }

  Status ScanBatches(UnitSamples* samples) {
    const Pipeline& pipeline = scanner_->pipeline();
    std::span<const uint32_t> rows = scanner_->rows();
    while (!rows.empty()) {
      ASSIGN_OR_RETURN(const size_t size,
                       scanner_->LoadFitting(rows, pipeline.needs_lines(), false));
      const std::span<const uint32_t> batch_rows = rows.first(size);
      rows = rows.subspan(size);
      RETURN_IF_ERROR(AddBatch(batch_rows, samples));
    }
    return absl::OkStatus();
  }

  // Adds what the pipeline has left of the batch.
  Status AddBatch(std::span<const uint32_t> batch_rows, UnitSamples* samples) {
    const Batch& batch = *scanner_->batch();
    rows_.clear();
    panes_.clear();
    times_.clear();
    for (const uint32_t row : batch.selection) {
      const uint32_t pane = windows_.PaneOf(batch.timestamps[row], hint_);
      if (pane == kNoPane) continue;
      hint_ = pane;
      rows_.push_back(row);
      panes_.push_back(pane);
      times_.push_back(batch.timestamps[row]);
    }
    RETURN_IF_ERROR(CheckErrors(batch_rows));
    RETURN_IF_ERROR(GroupRows(batch));
    RETURN_IF_ERROR(ReadValues(batch_rows));
    samples->Add({series_, panes_, times_, values_});
    return absl::OkStatus();
  }

  Status GroupRows(const Batch& batch) {
    series_.resize(rows_.size());
    if (!plan_.options.errors_ungrouped || !batch.has_errors()) {
      return grouper_.Group(batch, rows_, series_);
    }
    const std::span<const uint32_t> rows = rows_;
    const std::span<uint32_t> series = series_;
    size_t begin = 0;
    while (begin < rows.size()) {  // run after run of rows in error, or not
      const bool fine = IsAbsent(batch.error(rows[begin]));
      size_t end = begin + 1;
      while (end < rows.size() && IsAbsent(batch.error(rows[end])) == fine) ++end;
      RowGrouper& grouper = fine ? grouper_ : error_grouper_;
      const size_t size = end - begin;
      RETURN_IF_ERROR(grouper.Group(batch, rows.subspan(begin, size), series.subspan(begin, size)));
      begin = end;
    }
    return absl::OkStatus();
  }

  Status CheckErrors(std::span<const uint32_t> batch_rows) {
    const Batch& batch = *scanner_->batch();
    if (!batch.has_errors()) return absl::OkStatus();
    const bool preserved = scanner_->pipeline().preserves_errors();
    for (const uint32_t row : rows_) {
      if (!FailsQuery(batch.error(row), preserved)) continue;
      ASSIGN_OR_RETURN(const std::vector<LabelView> unloaded,
                       scanner_->UnloadedMetadata(batch_rows[row]));
      return PipelineError(batch, row, unloaded);
    }
    return absl::OkStatus();
  }

  // Fills values_ for rows_.
  Status ReadValues(std::span<const uint32_t> batch_rows) {
    const Batch& batch = *scanner_->batch();
    values_.assign(rows_.size(), 1);
    if (plan_.value == RowValue::kUnwrapped) {
      for (size_t i = 0; i < rows_.size(); ++i) values_[i] = batch.values[rows_[i]];
    } else if (plan_.value == RowValue::kLineBytes && scanner_->pipeline().changes_lines()) {
      for (size_t i = 0; i < rows_.size(); ++i) {
        values_[i] = static_cast<double>(batch.lines[rows_[i]].size());
      }
    } else if (plan_.value == RowValue::kLineBytes) {
      ASSIGN_OR_RETURN(const std::span<const uint32_t> lengths, scanner_->LineLengths());
      for (size_t i = 0; i < rows_.size(); ++i) values_[i] = lengths[batch_rows[rows_[i]]];
    }
    return absl::OkStatus();
  }

  const RangeScanInput& input_;
  const Windows& windows_;
  const RangePlan& plan_;
  std::unique_ptr<UnitScanner> scanner_;
  RowGrouper grouper_;
  RowGrouper error_grouper_;
  RowCounter counter_;
  uint32_t hint_ = 0;  // the pane last found
  // The rows of the batch that fall into panes, and their columns.
  std::vector<uint32_t> rows_;
  std::vector<uint32_t> panes_;
  std::vector<uint32_t> series_;
  std::vector<int64_t> times_;
  std::vector<double> values_;
};

// Oldest first, so that the panes of a series mostly grow at one end.
std::vector<size_t> ScanOrder(const std::vector<storage::ScanUnit>& units) {
  std::vector<size_t> order(units.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t i) {
    return std::tuple(units[i].min_time, units[i].arrival, units[i].max_time, i);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  return order;
}

// The work that will be done whatever the lines are.
uint64_t ForeseeableWork(const RangeScanInput& input, const UnitScanner& scanner) {
  const TimeRange span = input.windows->span();
  uint64_t work = 0;
  for (const storage::ScanUnit& unit : input.selection->units()) {
    if (!input.windows->Overlap(unit.min_time, unit.max_time)) continue;
    const UnitScanner::LeastWork least = scanner.LeastWorkOf(unit);
    work += span.Covers(unit.min_time, unit.max_time) ? least.whole : least.part;
  }
  return work;
}

}  // namespace

Status ScanRange(const RangeScanInput& input, QueryContext* context) {
  const std::vector<size_t> order = ScanOrder(input.selection->units());
  const size_t count = WorkerCount(context->pool, order.size());
  std::vector<std::unique_ptr<RangeWorker>> workers;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<UnitScanner> scanner,
                     UnitScanner::Create(*input.selection, *input.log, input.plan->options,
                                         context->budget, context->stop));
    if (i == 0 && context->stop != nullptr) {
      RETURN_IF_ERROR(context->stop->Foresee(ForeseeableWork(input, *scanner)));
    }
    workers.push_back(std::make_unique<RangeWorker>(input, std::move(scanner)));
  }
  OrderedTasks tasks;
  tasks.count = order.size();
  tasks.run = [&](size_t worker, size_t task) { return workers[worker]->Scan(order[task]); };
  tasks.merge = [&](size_t, std::unique_ptr<TaskResult> result) {
    return input.function->Merge(static_cast<const UnitSamples&>(*result));
  };
  Status status = RunOrdered(context->pool, count, std::move(tasks));
  for (const auto& worker : workers) context->stats.Add(worker->TakeStats());
  return status;
}

}  // namespace skald::query
