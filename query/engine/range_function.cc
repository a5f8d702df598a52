#include "query/engine/range_function.h"

#include "query/engine/counter_rate.h"
#include "query/engine/pane_function.h"
#include "query/engine/pane_states.h"
#include "query/engine/quantile.h"

namespace skald::query {

std::unique_ptr<RangeFunction> NewRangeFunction(const RangeAggregation& aggregation,
                                                const Windows& windows, MemoryCharge* charge) {
  const double seconds = static_cast<double>(aggregation.range.range_nanos) / 1e9;
  const auto panes = [&]<typename State>(State) -> std::unique_ptr<RangeFunction> {
    return std::make_unique<PaneFunction<State>>(windows, seconds, charge);
  };
  switch (aggregation.op) {
    case RangeOp::kCountOverTime:
    case RangeOp::kBytesOverTime:
    case RangeOp::kAbsentOverTime:
      return panes(CountState<false>());
    case RangeOp::kBytesRate:
      return panes(CountState<true>());
    case RangeOp::kRate:
      if (aggregation.range.unwrap.has_value()) return panes(SumState<true>());
      return panes(CountState<true>());
    case RangeOp::kSumOverTime:
      return panes(SumState<false>());
    case RangeOp::kAvgOverTime:
      return panes(MeanState());
    case RangeOp::kMinOverTime:
      return panes(ExtremeState<false>());
    case RangeOp::kMaxOverTime:
      return panes(ExtremeState<true>());
    case RangeOp::kStdvarOverTime:
      return panes(SpreadState<false>());
    case RangeOp::kStddevOverTime:
      return panes(SpreadState<true>());
    case RangeOp::kFirstOverTime:
      return panes(EdgeState<false>());
    case RangeOp::kLastOverTime:
      return panes(EdgeState<true>());
    case RangeOp::kQuantileOverTime:
      return NewQuantile(aggregation.parameter.value_or(0), windows, charge);
    case RangeOp::kRateCounter:
      return NewCounterRate(seconds, windows, charge);
  }
  return nullptr;
}

}  // namespace skald::query
