#include "query/engine/vector_aggregation.h"

#include <algorithm>
#include <cmath>

namespace skald::query {
namespace {

// As in Loki, `by` tells empty labels from absent ones and `without` does not.
EmptyLabels EmptyLabelsIn(const std::optional<Grouping>& grouping) {
  const bool without = grouping.has_value() && grouping->without;
  return without ? EmptyLabels::kDropped : EmptyLabels::kKept;
}

}  // namespace

bool IsReducing(VectorOp op) {
  switch (op) {
    case VectorOp::kSum:
    case VectorOp::kAvg:
    case VectorOp::kCount:
    case VectorOp::kMax:
    case VectorOp::kMin:
    case VectorOp::kStddev:
    case VectorOp::kStdvar:
      return true;
    default:
      return false;
  }
}

VectorAggregator::VectorAggregator(const VectorAggregation& aggregation, size_t steps,
                                   MemoryCharge* charge)
    : op_(aggregation.op),
      steps_(steps),
      charge_(charge),
      groups_(LabelGroups::Of(aggregation.grouping, EmptyLabelsIn(aggregation.grouping))) {}

Status VectorAggregator::Add(std::span<const LabelView> labels, const StepValues& values) {
  const uint32_t group = groups_.GroupOf(labels);
  if (group == cells_.size()) {
    RETURN_IF_ERROR(charge_->Add(steps_ * sizeof(Cell) + MemoryOf(labels)));
    cells_.emplace_back(steps_);
  }
  std::vector<Cell>& cells = cells_[group];
  values.ForEach([&](size_t step, double value) { AddTo(&cells[step], value); });
  return absl::OkStatus();
}

void VectorAggregator::AddTo(Cell* cell, double value) const {
  const bool first = cell->count++ == 0;
  switch (op_) {
    case VectorOp::kSum:
    case VectorOp::kAvg:
      cell->value += value;
      break;
    case VectorOp::kMax:
      if (first || cell->value < value || std::isnan(cell->value)) cell->value = value;
      break;
    case VectorOp::kMin:
      if (first || cell->value > value || std::isnan(cell->value)) cell->value = value;
      break;
    case VectorOp::kStddev:
    case VectorOp::kStdvar: {
      if (first) {  // one value has no spread, be it NaN or infinite
        cell->value = value;
        break;
      }
      const double distance = value - cell->value;
      cell->value += distance / static_cast<double>(cell->count);
      cell->spread += distance * (value - cell->value);
      break;
    }
    default:
      break;
  }
}

double VectorAggregator::Result(const Cell& cell) const {
  switch (op_) {
    case VectorOp::kCount:
      return static_cast<double>(cell.count);
    case VectorOp::kAvg:
      return cell.value / static_cast<double>(cell.count);
    case VectorOp::kStddev:
      return std::sqrt(cell.spread / static_cast<double>(cell.count));
    case VectorOp::kStdvar:
      return cell.spread / static_cast<double>(cell.count);
    default:
      return cell.value;
  }
}

std::vector<Series> VectorAggregator::Finish(Arena* arena) {
  std::vector<Series> result;
  result.reserve(cells_.size());
  for (uint32_t group = 0; group < cells_.size(); ++group) {
    Series series{CopyLabels(groups_.labels(group), arena), StepValues(steps_)};
    for (size_t step = 0; step < steps_; ++step) {
      const Cell& cell = cells_[group][step];
      if (cell.count > 0) series.values.Set(step, Result(cell));
    }
    result.push_back(std::move(series));
  }
  std::sort(result.begin(), result.end(),
            [](const Series& a, const Series& b) { return LabelsLess(a.labels, b.labels); });
  return result;
}

}  // namespace skald::query
