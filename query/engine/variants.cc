#include "query/engine/variants.h"

#include <algorithm>
#include <string>
#include <utility>

#include "query/engine/series_table.h"
#include "query/syntax/parser.h"
#include "query/syntax/printer.h"

namespace skald::query {
namespace {

constexpr std::string_view kVariantLabel = "__variant__";
constexpr uint64_t kVariantLabelBytes = 64;  // with the largest number

// Stages own trees, so copies are made through the canonical text.
StatusOr<LogExpr> CopyLog(const LogExpr& log, const std::vector<Stage>& more) {
  std::string text = Print(log);
  for (const Stage& stage : more) StrAppend(&text, " ", Print(stage));
  ASSIGN_OR_RETURN(Query query, ParseQuery(text));
  return std::move(std::get<LogExpr>(query.node));
}

StatusOr<MetricExprPtr> CopyExpr(const MetricExpr& expr) {
  ASSIGN_OR_RETURN(Query query, ParseQuery(Print(expr)));
  return std::move(std::get<MetricExprPtr>(query.node));
}

}  // namespace

StatusOr<MetricExprPtr> ExpandVariant(const MetricExpr& variant, const LogExpr& of) {
  ASSIGN_OR_RETURN(MetricExprPtr copy, CopyExpr(variant));
  if (auto* range = std::get_if<RangeAggregation>(&copy->node)) {
    ASSIGN_OR_RETURN(range->range.log, CopyLog(of, {}));
    return copy;
  }
  auto* vector = std::get_if<VectorAggregation>(&copy->node);
  auto* inner = vector == nullptr ? nullptr : std::get_if<RangeAggregation>(&vector->inner->node);
  if (inner == nullptr) {
    return Internal("expected range aggregation expression but got *syntax.VectorAggregationExpr");
  }
  ASSIGN_OR_RETURN(inner->range.log, CopyLog(of, inner->range.log.stages));
  return copy;
}

Status LabelVariant(size_t number, Arena* arena, MemoryCharge* charge,
                    std::vector<Series>* series) {
  const std::string value = StrCat(number);
  for (Series& one : *series) {
    RETURN_IF_ERROR(charge->Add(MemoryOf(one.labels) + kVariantLabelBytes));
    std::vector<LabelView> labels(one.labels.begin(), one.labels.end());
    const LabelView added{kVariantLabel, value};
    labels.insert(std::lower_bound(labels.begin(), labels.end(), added), added);
    one.labels = CopyLabels(labels, arena);
  }
  return absl::OkStatus();
}

}  // namespace skald::query
