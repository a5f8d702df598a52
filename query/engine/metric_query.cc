#include "query/engine/metric_query.h"

#include <algorithm>
#include <utility>

#include "query/engine/metric_evaluator.h"
#include "query/engine/series_table.h"

namespace skald::query {
namespace {

// True if sort or sort_desc stands anywhere in the expression: its order is then the answer's.
bool HasSort(const MetricExpr& expr) {
  if (const auto* aggregation = std::get_if<VectorAggregation>(&expr.node)) {
    return aggregation->op == VectorOp::kSort || aggregation->op == VectorOp::kSortDesc ||
           HasSort(*aggregation->inner);
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&expr.node)) {
    return HasSort(*binary->left) || HasSort(*binary->right);
  }
  if (const auto* replace = std::get_if<LabelReplaceExpr>(&expr.node)) {
    return HasSort(*replace->inner);
  }
  return false;
}

uint64_t CountSamples(const std::vector<Series>& series) {
  uint64_t samples = 0;
  for (const Series& one : series) one.values.ForEach([&](size_t, double) { ++samples; });
  return samples;
}

// Charges and copies the series into `result`.
Status Fill(const std::vector<Series>& series, const StepGrid& grid, QueryResult* result,
            MetricResult* metric) {
  uint64_t bytes = CountSamples(series) * sizeof(Sample);
  for (const Series& one : series) bytes += MemoryOf(one.labels) + sizeof(MetricSeries);
  RETURN_IF_ERROR(result->memory.Grow(bytes));
  for (const Series& one : series) {
    MetricSeries out;
    out.labels = CopyLabels(one.labels, &result->arena);
    one.values.ForEach([&](size_t step, double value) {
      out.samples.push_back({grid.TimeOf(step), value});
    });
    if (!out.samples.empty()) metric->series.push_back(std::move(out));
  }
  return absl::OkStatus();
}

void SortByLabels(MetricResult* metric) {
  std::stable_sort(
      metric->series.begin(), metric->series.end(),
      [](const MetricSeries& a, const MetricSeries& b) { return LabelsLess(a.labels, b.labels); });
}

// Makes one series of those with equal labels, as Loki's matrices have it. REQUIRES: sorted.
void MergeEqualSeries(MetricResult* metric) {
  std::vector<MetricSeries> merged;
  for (MetricSeries& series : metric->series) {
    if (merged.empty() || !std::equal(merged.back().labels.begin(), merged.back().labels.end(),
                                      series.labels.begin(), series.labels.end())) {
      merged.push_back(std::move(series));
      continue;
    }
    std::vector<Sample>& samples = merged.back().samples;
    samples.insert(samples.end(), series.samples.begin(), series.samples.end());
    std::stable_sort(samples.begin(), samples.end(),
                     [](const Sample& a, const Sample& b) { return a.timestamp < b.timestamp; });
  }
  metric->series = std::move(merged);
}

MetricResult::Type TypeOf(const MetricExpr& expr, bool instant) {
  if (!instant) return MetricResult::Type::kMatrix;
  return std::holds_alternative<LiteralExpr>(expr.node) ? MetricResult::Type::kScalar
                                                        : MetricResult::Type::kVector;
}

}  // namespace

StatusOr<QueryResult> RunMetricQuery(const MetricExpr& expr, const StepGrid& grid, bool instant,
                                     MemoryBudget* budget, QueryContext* context) {
  MetricEvaluator evaluator(grid, context);
  ASSIGN_OR_RETURN(const std::vector<Series> series, evaluator.Evaluate(expr));
  QueryResult result;
  result.memory = Reservation(budget);
  MetricResult metric;
  metric.type = TypeOf(expr, instant);
  RETURN_IF_ERROR(Fill(series, grid, &result, &metric));
  if (!instant || !HasSort(expr)) SortByLabels(&metric);
  if (!instant) MergeEqualSeries(&metric);
  for (const MetricSeries& one : metric.series) {
    context->stats.entries_returned += one.samples.size();
  }
  result.data = std::move(metric);
  return result;
}

}  // namespace skald::query
