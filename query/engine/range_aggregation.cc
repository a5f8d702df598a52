#include "query/engine/range_aggregation.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "query/engine/range_function.h"
#include "query/engine/range_plan.h"
#include "query/engine/range_scan.h"
#include "query/engine/shared_series.h"
#include "query/engine/stream_selection.h"
#include "query/engine/windows.h"

namespace skald::query {
namespace {

// What absent_over_time calls the nothing it has found: the labels that the selector fixes.
std::vector<LabelView> AbsentLabels(const std::vector<Matcher>& matchers) {
  std::vector<LabelView> labels;
  for (const Matcher& matcher : matchers) {
    const auto same_name =
        std::count_if(matchers.begin(), matchers.end(),
                      [&](const Matcher& other) { return other.name() == matcher.name(); });
    if (matcher.op() == MatchOp::kEqual && same_name == 1 && matcher.name() != "__name__" &&
        !matcher.value().empty()) {
      labels.push_back({matcher.name(), matcher.value()});
    }
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

Status EmitAbsent(const RangeAggregation& aggregation, const StepGrid& grid, uint32_t series,
                  const StopToken* stop, RangeFunction* function, SeriesConsumer consumer) {
  StopPacer pacer(stop);
  StepValues present(grid.count);
  for (uint32_t i = 0; i < series; ++i) {
    RETURN_IF_ERROR(function->Evaluate(i, &pacer, &present));
  }
  StepValues absent(grid.count);
  for (size_t step = 0; step < grid.count; ++step) {
    if (!present.Has(step)) absent.Set(step, 1);
  }
  if (absent.empty()) return absl::OkStatus();
  return consumer(AbsentLabels(aggregation.range.log.matchers), std::move(absent));
}

Status EmitSeries(const SeriesTable& table, const StepGrid& grid, const StopToken* stop,
                  RangeFunction* function, SeriesConsumer consumer) {
  std::vector<uint32_t> order(table.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return LabelsLess(table.labels(a), table.labels(b)); });
  StopPacer pacer(stop);
  for (const uint32_t series : order) {
    RETURN_IF_ERROR(CheckStop(stop));
    StepValues values(grid.count);
    RETURN_IF_ERROR(function->Evaluate(series, &pacer, &values));
    if (!values.empty()) RETURN_IF_ERROR(consumer(table.labels(series), std::move(values)));
  }
  return absl::OkStatus();
}

}  // namespace

Status EvaluateRange(const RangeAggregation& aggregation, const VectorAggregation* fused,
                     const StepGrid& grid, uint32_t series_limit, QueryContext* context,
                     SeriesConsumer consumer) {
  const Windows windows(grid, aggregation.range.range_nanos, aggregation.range.offset_nanos);
  RangePlan plan = PlanRange(aggregation, fused);
  plan.options.now_ns = context->now;
  MemoryCharge charge(context->budget);
  SharedSeries series(context->budget, series_limit);
  const std::unique_ptr<RangeFunction> function = NewRangeFunction(aggregation, windows, &charge);
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::Selection> selection,
                   SelectStreams(aggregation.range.log.matchers, windows.span(), context));
  if (!selection->streams().empty()) {  // without streams a stage need not even compile
    RETURN_IF_ERROR(ScanRange(
        {selection.get(), &aggregation.range.log, &plan, &windows, function.get(), &series},
        context));
  }
  if (aggregation.op == RangeOp::kAbsentOverTime) {
    return EmitAbsent(aggregation, grid, series.table().size(), context->stop, function.get(),
                      consumer);
  }
  return EmitSeries(series.table(), grid, context->stop, function.get(), consumer);
}

}  // namespace skald::query
