#include "query/engine/range_plan.h"

#include <algorithm>
#include <utility>

#include "storage/model/row.h"

namespace skald::query {
namespace {

constexpr std::string_view kExtractedSuffix = "_extracted";

RowValue ValueOf(const RangeAggregation& aggregation) {
  switch (aggregation.op) {
    case RangeOp::kBytesOverTime:
    case RangeOp::kBytesRate:
      return RowValue::kLineBytes;
    case RangeOp::kCountOverTime:
    case RangeOp::kAbsentOverTime:
      return RowValue::kOne;
    default:
      return aggregation.range.unwrap.has_value() ? RowValue::kUnwrapped : RowValue::kOne;
  }
}

// True if a stage removes labels.
bool RemovesLabels(const Stage& stage) {
  if (const auto* format = std::get_if<LabelFormatStage>(&stage)) {
    return std::any_of(format->formats.begin(), format->formats.end(),
                       [](const LabelFormat& f) { return f.is_rename; });
  }
  return std::holds_alternative<DropStage>(stage) || std::holds_alternative<KeepStage>(stage);
}

// Whether a series without `by` lacks its empty labels, as in Loki: without any grouping if the
// pipeline removes labels; with `without` in what Loki computes as vector aggregations over shards.
bool DropsEmptyLabels(const RangeAggregation& aggregation) {
  const std::vector<Stage>& stages = aggregation.range.log.stages;
  if (!aggregation.grouping.has_value()) {
    return std::any_of(stages.begin(), stages.end(), RemovesLabels);
  }
  const bool sharded = aggregation.op == RangeOp::kMinOverTime ||
                       aggregation.op == RangeOp::kMaxOverTime ||
                       aggregation.op == RangeOp::kAvgOverTime;
  return sharded && !aggregation.grouping->labels.empty();
}

// Loki leaves rows in error out of a `by` of the aggregation's own. Where it aggregates over shards
// it does not show.
bool LeavesErrorsUngrouped(const RangeAggregation& aggregation) {
  if (!aggregation.grouping.has_value() || aggregation.grouping->without) return false;
  switch (aggregation.op) {
    case RangeOp::kFirstOverTime:
    case RangeOp::kLastOverTime:
    case RangeOp::kQuantileOverTime:
    case RangeOp::kStddevOverTime:
    case RangeOp::kStdvarOverTime:
      return true;
    default:
      return false;
  }
}

// The grouping that reaches the samples, if any.
const Grouping* InnerGrouping(const RangeAggregation& aggregation, const VectorAggregation* fused) {
  static const Grouping kNothing;  // by ()
  if (aggregation.op == RangeOp::kAbsentOverTime) return &kNothing;
  if (aggregation.grouping.has_value()) return &*aggregation.grouping;
  if (fused == nullptr) return nullptr;
  return fused->grouping.has_value() ? &*fused->grouping : &kNothing;
}

// True if structured metadata of these names cannot tell two series of the grouping apart.
bool IsBlindTo(const SeriesGrouping& grouping, std::span<const std::string_view> metadata_names) {
  const auto is_metadata = [&](std::string_view name) {
    return std::find(metadata_names.begin(), metadata_names.end(), name) != metadata_names.end();
  };
  if (grouping.without) {
    return std::none_of(metadata_names.begin(), metadata_names.end(),
                        [&](std::string_view name) { return grouping.Keeps(name); });
  }
  return std::none_of(grouping.labels.begin(), grouping.labels.end(), [&](std::string_view name) {
    if (is_metadata(name)) return true;
    if (!name.ends_with(kExtractedSuffix)) return false;
    name.remove_suffix(kExtractedSuffix.size());  // metadata that a stream label has renamed
    return is_metadata(name);
  });
}

}  // namespace

bool CanFuse(const VectorAggregation& outer, const RangeAggregation& inner) {
  if (outer.op != VectorOp::kSum || inner.grouping.has_value()) return false;
  switch (inner.op) {
    case RangeOp::kCountOverTime:
    case RangeOp::kRate:
    case RangeOp::kBytesOverTime:
    case RangeOp::kBytesRate:
    case RangeOp::kSumOverTime:
      return true;
    default:
      return false;
  }
}

RangePlan PlanRange(const RangeAggregation& aggregation, const VectorAggregation* fused) {
  RangePlan plan;
  plan.value = ValueOf(aggregation);
  plan.options.metric = true;
  plan.options.errors_ungrouped = LeavesErrorsUngrouped(aggregation);
  plan.options.counts_bytes = plan.value == RowValue::kLineBytes;
  const std::optional<Unwrap>& unwrap = aggregation.range.unwrap;
  if (unwrap.has_value()) plan.options.unwrap = &*unwrap;

  const Grouping* grouping = InnerGrouping(aggregation, fused);
  if (grouping != nullptr) {
    plan.grouping.without = grouping->without;
    plan.grouping.labels = grouping->labels;
  }
  if (plan.grouping.without) {
    plan.grouping.drop_empty = fused != nullptr || DropsEmptyLabels(aggregation);
    if (unwrap.has_value()) plan.grouping.labels.push_back(unwrap->label);
  } else {
    plan.options.grouping_labels = plan.grouping.labels;
  }
  return plan;
}

RowLabels RowLabelsOf(const SeriesGrouping& grouping,
                      std::span<const std::string_view> metadata_names) {
  if (IsBlindTo(grouping, metadata_names)) return RowLabels::kNone;
  std::vector<std::string_view> others(metadata_names.begin(), metadata_names.end());
  std::erase(others, kDetectedLevel);
  return IsBlindTo(grouping, others) ? RowLabels::kLevel : RowLabels::kAny;
}

}  // namespace skald::query
