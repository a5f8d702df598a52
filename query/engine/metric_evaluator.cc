#include "query/engine/metric_evaluator.h"

#include <algorithm>
#include <utility>

#include "query/engine/binary_operation.h"
#include "query/engine/label_replace.h"
#include "query/engine/range_aggregation.h"
#include "query/engine/range_plan.h"
#include "query/engine/ranking.h"
#include "query/engine/series_table.h"
#include "query/engine/shared_series.h"
#include "query/engine/variants.h"
#include "query/engine/vector_aggregation.h"
#include "query/syntax/operators.h"

namespace skald::query {
namespace {

const double* AsLiteral(const MetricExpr& expr) {
  const auto* literal = std::get_if<LiteralExpr>(&expr.node);
  return literal == nullptr ? nullptr : &literal->value;
}

// Making a variant's pipeline anew costs as much as looking at so many bytes.
constexpr uint64_t kVariantWork = 256 << 10;

// Aggregations that Loki computes shard by shard: their input's series do not count.
bool HidesInput(VectorOp op) {
  return IsReducing(op) && op != VectorOp::kStddev && op != VectorOp::kStdvar;
}

}  // namespace

StatusOr<std::vector<Series>> MetricEvaluator::Evaluate(const MetricExpr& expr) {
  RETURN_IF_ERROR(CheckStop(context_->stop));
  ASSIGN_OR_RETURN(std::vector<Series> series,
                   std::visit([this](const auto& node) { return EvaluateNode(node); }, expr.node));
  // Variants are limited one by one.
  if (!std::holds_alternative<VariantsExpr>(expr.node)) RETURN_IF_ERROR(LimitSeries(&series));
  return series;
}

uint32_t MetricEvaluator::ScanLimit() const {
  return context_->drilldown ? 0 : context_->limits->max_query_series;
}

Status MetricEvaluator::LimitSeries(std::vector<Series>* series) {
  const uint32_t limit = context_->limits->max_query_series;
  if (limit == 0 || series->size() <= limit) return absl::OkStatus();
  if (!context_->drilldown) return TooManySeries(limit);
  series->resize(limit);
  std::string warning = StrCat("maximum number of series (", limit,
                               ") reached for a single query; returning partial results");
  std::vector<std::string>& warnings = context_->warnings;
  if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
    warnings.push_back(std::move(warning));
  }
  return absl::OkStatus();
}

Status MetricEvaluator::Append(std::span<const LabelView> labels, StepValues values,
                               std::vector<Series>* series) {
  RETURN_IF_ERROR(charge_.Add(StepValues::MemoryOf(grid_.count) + MemoryOf(labels)));
  series->push_back({CopyLabels(labels, &arena_), std::move(values)});
  return absl::OkStatus();
}

StatusOr<std::vector<Series>> MetricEvaluator::Constant(double value) {
  const uint64_t bytes = StepValues::MemoryOf(grid_.count);
  RETURN_IF_ERROR(Spend(context_->stop, bytes));
  RETURN_IF_ERROR(charge_.Add(bytes));
  StepValues values(grid_.count);
  for (size_t step = 0; step < grid_.count; ++step) values.Set(step, value);
  std::vector<Series> series;
  series.push_back({{}, std::move(values)});
  return series;
}

StatusOr<std::vector<Series>> MetricEvaluator::EvaluateNode(const RangeAggregation& aggregation) {
  std::vector<Series> series;
  RETURN_IF_ERROR(EvaluateRange(aggregation, nullptr, grid_, ScanLimit(), context_,
                                [&](std::span<const LabelView> labels, StepValues values) {
                                  return Append(labels, std::move(values), &series);
                                }));
  return series;
}

StatusOr<std::vector<Series>> MetricEvaluator::Reduce(const VectorAggregation& aggregation) {
  VectorAggregator aggregator(aggregation, grid_.count, &charge_);
  if (const auto* range = std::get_if<RangeAggregation>(&aggregation.inner->node)) {
    const VectorAggregation* fused = CanFuse(aggregation, *range) ? &aggregation : nullptr;
    RETURN_IF_ERROR(EvaluateRange(*range, fused, grid_,
                                  HidesInput(aggregation.op) ? 0 : ScanLimit(), context_,
                                  [&](std::span<const LabelView> labels, const StepValues& values) {
                                    return aggregator.Add(labels, values);
                                  }));
  } else {
    ASSIGN_OR_RETURN(const std::vector<Series> input, Evaluate(*aggregation.inner));
    for (const Series& series : input) {
      RETURN_IF_ERROR(aggregator.Add(series.labels, series.values));
    }
  }
  return aggregator.Finish(&arena_);
}

StatusOr<std::vector<Series>> MetricEvaluator::EvaluateNode(const VectorAggregation& aggregation) {
  if (IsReducing(aggregation.op)) return Reduce(aggregation);
  ASSIGN_OR_RETURN(std::vector<Series> input, Evaluate(*aggregation.inner));
  if (aggregation.op == VectorOp::kSort || aggregation.op == VectorOp::kSortDesc) {
    SortByValue(aggregation.op == VectorOp::kSortDesc, &input);
    return input;
  }
  return KeepRanked(aggregation, std::move(input));
}

StatusOr<std::vector<Series>> MetricEvaluator::EvaluateNode(const BinaryExpr& expr) {
  const double* left_number = AsLiteral(*expr.left);
  const double* right_number = AsLiteral(*expr.right);
  if (left_number != nullptr && right_number != nullptr) {
    return Constant(EvaluateScalars(expr.op, *left_number, *right_number));
  }
  if (left_number != nullptr || right_number != nullptr) {
    const bool scalar_left = left_number != nullptr;
    ASSIGN_OR_RETURN(std::vector<Series> vector, Evaluate(scalar_left ? *expr.right : *expr.left));
    ApplyScalar(expr, scalar_left ? *left_number : *right_number, scalar_left, &vector);
    return vector;
  }
  ASSIGN_OR_RETURN(std::vector<Series> left, Evaluate(*expr.left));
  ASSIGN_OR_RETURN(std::vector<Series> right, Evaluate(*expr.right));
  return CombineVectors(expr, std::move(left), std::move(right), grid_.count, &arena_, &charge_,
                        context_->stop);
}

StatusOr<std::vector<Series>> MetricEvaluator::EvaluateNode(const LabelReplaceExpr& expr) {
  ASSIGN_OR_RETURN(std::vector<Series> series, Evaluate(*expr.inner));
  RETURN_IF_ERROR(ReplaceLabels(expr, context_->stop, &arena_, &charge_, &series));
  return series;
}

StatusOr<std::vector<Series>> MetricEvaluator::EvaluateNode(const VariantsExpr& expr) {
  std::vector<Series> all;
  for (size_t i = 0; i < expr.variants.size(); ++i) {
    RETURN_IF_ERROR(Spend(context_->stop, kVariantWork));
    ASSIGN_OR_RETURN(const MetricExprPtr variant, ExpandVariant(*expr.variants[i], expr.of.log));
    StatusOr<std::vector<Series>> series = Evaluate(*variant);
    if (series.status() == TooManySeries(context_->limits->max_query_series)) {
      context_->warnings.push_back(StrCat("maximum of series (", context_->limits->max_query_series,
                                          ") reached for variant (", i, ")"));
      continue;
    }
    RETURN_IF_ERROR(series.status());
    RETURN_IF_ERROR(LabelVariant(i, &arena_, &charge_, &*series));
    std::move(series->begin(), series->end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace skald::query
