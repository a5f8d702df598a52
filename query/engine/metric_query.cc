#include "query/engine/metric_query.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

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

size_t CountSamples(const Series& series) {
  size_t samples = 0;
  series.values.ForEach([&](size_t, double) { ++samples; });
  return samples;
}

// Charges and copies the series into `result`.
Status Fill(const std::vector<Series>& series, const StepGrid& grid, QueryResult* result,
            MetricResult* metric) {
  for (const Series& one : series) {
    const size_t samples = CountSamples(one);
    if (samples == 0) continue;
    RETURN_IF_ERROR(result->memory.Grow(samples * sizeof(Sample) + MemoryOf(one.labels) +
                                        2 * sizeof(MetricSeries)));
    MetricSeries out;
    out.labels = CopyLabels(one.labels, &result->arena);
    out.samples.reserve(samples);
    one.values.ForEach([&](size_t step, double value) {
      out.samples.push_back({grid.TimeOf(step), value});
    });
    metric->series.push_back(std::move(out));
  }
  return absl::OkStatus();
}

void SortByLabels(MetricResult* metric) {
  std::stable_sort(
      metric->series.begin(), metric->series.end(),
      [](const MetricSeries& a, const MetricSeries& b) { return LabelsLess(a.labels, b.labels); });
}

bool HaveEqualLabels(const MetricSeries& a, const MetricSeries& b) {
  return std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end());
}

// One series of several with equal labels.
StatusOr<MetricSeries> Merge(std::span<MetricSeries> equal, Reservation* memory) {
  size_t count = 0;
  for (const MetricSeries& series : equal) count += series.samples.size();
  RETURN_IF_ERROR(memory->Grow(2 * count * sizeof(Sample)));  // sorting takes as much again
  MetricSeries merged{equal[0].labels, {}};
  merged.samples.reserve(count);
  for (MetricSeries& series : equal) {
    merged.samples.insert(merged.samples.end(), series.samples.begin(), series.samples.end());
    series.samples = {};
  }
  std::stable_sort(merged.samples.begin(), merged.samples.end(),
                   [](const Sample& a, const Sample& b) { return a.timestamp < b.timestamp; });
  return merged;
}

// Makes one series of those with equal labels, as Loki's matrices have it. REQUIRES: sorted.
Status MergeEqualSeries(const StopToken* stop, Reservation* memory, MetricResult* metric) {
  std::vector<MetricSeries>& all = metric->series;
  size_t kept = 0;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    end = begin + 1;
    while (end < all.size() && HaveEqualLabels(all[begin], all[end])) ++end;
    RETURN_IF_ERROR(CheckStop(stop));
    if (end - begin > 1) {
      ASSIGN_OR_RETURN(all[kept], Merge(std::span(all).subspan(begin, end - begin), memory));
    } else if (kept != begin) {
      all[kept] = std::move(all[begin]);
    }
    ++kept;
  }
  all.resize(kept);
  return absl::OkStatus();
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
  if (!instant) {
    RETURN_IF_ERROR(MergeEqualSeries(context->stop, &result.memory, &metric));
  }
  for (const MetricSeries& one : metric.series) {
    context->stats.entries_returned += one.samples.size();
  }
  result.data = std::move(metric);
  return result;
}

}  // namespace skald::query
