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

StatusOr<MetricExprPtr> Expand(const MetricExpr& variant, const LogExpr& common) {
  ASSIGN_OR_RETURN(MetricExprPtr copy, CopyExpr(variant));
  if (auto* range = std::get_if<RangeAggregation>(&copy->node)) {
    ASSIGN_OR_RETURN(range->range.log, CopyLog(common, {}));
    return copy;
  }
  auto* vector = std::get_if<VectorAggregation>(&copy->node);
  auto* inner = vector == nullptr ? nullptr : std::get_if<RangeAggregation>(&vector->inner->node);
  if (inner == nullptr) {
    return Internal("expected range aggregation expression but got *syntax.VectorAggregationExpr");
  }
  ASSIGN_OR_RETURN(inner->range.log, CopyLog(common, inner->range.log.stages));
  return copy;
}

}  // namespace

StatusOr<std::vector<MetricExprPtr>> ExpandVariants(const VariantsExpr& expr) {
  std::vector<MetricExprPtr> variants;
  for (const MetricExprPtr& variant : expr.variants) {
    ASSIGN_OR_RETURN(MetricExprPtr expanded, Expand(*variant, expr.of.log));
    variants.push_back(std::move(expanded));
  }
  return variants;
}

void LabelVariant(size_t number, Arena* arena, std::vector<Series>* series) {
  const std::string value = StrCat(number);
  for (Series& one : *series) {
    std::vector<LabelView> labels(one.labels.begin(), one.labels.end());
    const LabelView added{kVariantLabel, value};
    labels.insert(std::lower_bound(labels.begin(), labels.end(), added), added);
    one.labels = CopyLabels(labels, arena);
  }
}

}  // namespace skald::query
