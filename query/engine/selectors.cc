#include "query/engine/selectors.h"

namespace skald::query {
namespace {

// The depth is bounded by the parser.
void Collect(const MetricExpr& expr, std::vector<const LogRange*>* ranges) {
  if (const auto* range = std::get_if<RangeAggregation>(&expr.node)) {
    ranges->push_back(&range->range);
  } else if (const auto* vector = std::get_if<VectorAggregation>(&expr.node)) {
    Collect(*vector->inner, ranges);
  } else if (const auto* binary = std::get_if<BinaryExpr>(&expr.node)) {
    Collect(*binary->left, ranges);
    Collect(*binary->right, ranges);
  } else if (const auto* replace = std::get_if<LabelReplaceExpr>(&expr.node)) {
    Collect(*replace->inner, ranges);
  } else if (const auto* variants = std::get_if<VariantsExpr>(&expr.node)) {
    for (const MetricExprPtr& variant : variants->variants) Collect(*variant, ranges);
    ranges->push_back(&variants->of);
  }
}

}  // namespace

std::vector<const LogRange*> RangesOf(const Query& query) {
  std::vector<const LogRange*> ranges;
  if (query.metric() != nullptr) Collect(*query.metric(), &ranges);
  return ranges;
}

std::vector<const LogExpr*> LogsOf(const Query& query) {
  std::vector<const LogExpr*> logs;
  if (query.log() != nullptr) logs.push_back(query.log());
  for (const LogRange* range : RangesOf(query)) logs.push_back(&range->log);
  return logs;
}

}  // namespace skald::query
