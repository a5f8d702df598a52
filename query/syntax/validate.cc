#include "query/syntax/validate.h"

#include <algorithm>

#include "query/syntax/operators.h"
#include "storage/base/go_number.h"
#include "storage/base/strings.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

bool GroupingAllowed(RangeOp op) {
  switch (op) {
    case RangeOp::kAvgOverTime:
    case RangeOp::kStddevOverTime:
    case RangeOp::kStdvarOverTime:
    case RangeOp::kQuantileOverTime:
    case RangeOp::kMaxOverTime:
    case RangeOp::kMinOverTime:
    case RangeOp::kFirstOverTime:
    case RangeOp::kLastOverTime:
      return true;
    default:
      return false;
  }
}

bool UnwrapAllowed(RangeOp op) {
  return op != RangeOp::kCountOverTime && op != RangeOp::kBytesOverTime &&
         op != RangeOp::kBytesRate;
}

bool UnwrapRequired(RangeOp op) {
  return UnwrapAllowed(op) && op != RangeOp::kRate && op != RangeOp::kAbsentOverTime;
}

Status ReadRangeParameter(std::optional<std::string_view> text, RangeAggregation* aggregation) {
  const RangeOp op = aggregation->op;
  if (op != RangeOp::kQuantileOverTime) {
    if (!text.has_value()) return absl::OkStatus();
    return InvalidArgument(
        StrCat("parameter ", *text, " not supported for operation ", OpText(op)));
  }
  if (!text.has_value()) {
    return InvalidArgument(StrCat("parameter required for operation ", OpText(op)));
  }
  const StatusOr<double> value = ParseGoFloat(*text);
  if (!value.ok()) {
    return InvalidArgument(
        StrCat("invalid parameter for operation ", OpText(op), ": ", Message(value.status())));
  }
  aggregation->parameter = *value;
  return absl::OkStatus();
}

Status ReadCount(std::optional<std::string_view> text, VectorAggregation* aggregation) {
  const std::string_view op = OpText(aggregation->op);
  if (!TakesCount(aggregation->op)) {
    if (!text.has_value()) return absl::OkStatus();
    return InvalidArgument(StrCat("unsupported parameter for operation ", op, "(", *text, ","));
  }
  if (!text.has_value()) return InvalidArgument(StrCat("parameter required for operation ", op));
  const StatusOr<int64_t> count = ParseGoInt(*text);
  if (!count.ok()) return InvalidArgument(StrCat("invalid parameter ", op, "(", *text, ","));
  if (*count <= 0) {
    return InvalidArgument(StrCat("invalid parameter (must be greater than 0) ", op, "(", *text));
  }
  aggregation->parameter = *count;
  return absl::OkStatus();
}

Status NotSelective() {
  return InvalidArgument(
      "queries require at least one regexp or equality matcher that does not have an "
      "empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but "
      "app=~\".+\" will");
}

}  // namespace

Status CompleteRangeAggregation(std::optional<std::string_view> parameter,
                                RangeAggregation* aggregation) {
  RETURN_IF_ERROR(ReadRangeParameter(parameter, aggregation));
  const RangeOp op = aggregation->op;
  if (aggregation->grouping.has_value() && !GroupingAllowed(op)) {
    return InvalidArgument(StrCat("grouping not allowed for ", OpText(op), " aggregation"));
  }
  const bool has_unwrap = aggregation->range.unwrap.has_value();
  if (has_unwrap ? !UnwrapAllowed(op) : UnwrapRequired(op)) {
    return InvalidArgument(StrCat("invalid aggregation ", OpText(op),
                                  has_unwrap ? " with unwrap" : " without unwrap"));
  }
  return absl::OkStatus();
}

Status CompleteVectorAggregation(std::optional<std::string_view> parameter,
                                 VectorAggregation* aggregation) {
  RETURN_IF_ERROR(ReadCount(parameter, aggregation));
  const bool grouped = aggregation->grouping.has_value();
  if (grouped && aggregation->op == VectorOp::kApproxTopk) {
    return InvalidArgument("grouping not allowed for approx_topk aggregation");
  }
  const bool sorts = aggregation->op == VectorOp::kSort || aggregation->op == VectorOp::kSortDesc;
  if (sorts && grouped && !aggregation->grouping->labels.empty()) {
    return InvalidArgument("sort and sort_desc doesn't allow grouping by ");
  }
  return absl::OkStatus();
}

Status CheckLabelReplace(const LabelReplaceExpr& expr) {
  const Status valid = CompileGoRegex(StrCat("^(?:", expr.regex, ")$")).status();
  if (valid.ok()) return valid;
  return InvalidArgument(StrCat("invalid regex in label_replace: ", Message(valid)));
}

Status CheckSelectors(const LogExpr& log) {
  const bool selective =
      std::any_of(log.matchers.begin(), log.matchers.end(),
                  [](const Matcher& matcher) { return !matcher.MatchesEmpty(); });
  return selective ? absl::OkStatus() : NotSelective();
}

Status CheckSelectors(const MetricExpr& expr) {
  if (const auto* range = std::get_if<RangeAggregation>(&expr.node)) {
    return CheckSelectors(range->range.log);
  }
  if (const auto* vector = std::get_if<VectorAggregation>(&expr.node)) {
    if (std::holds_alternative<LiteralExpr>(vector->inner->node)) return NotSelective();
    return CheckSelectors(*vector->inner);
  }
  if (const auto* replace = std::get_if<LabelReplaceExpr>(&expr.node)) {
    return CheckSelectors(*replace->inner);
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&expr.node)) {
    RETURN_IF_ERROR(CheckSelectors(*binary->left));
    return CheckSelectors(*binary->right);
  }
  if (const auto* variants = std::get_if<VariantsExpr>(&expr.node)) {
    return CheckSelectors(variants->of.log);
  }
  return absl::OkStatus();
}

}  // namespace skald::query
