// sum, avg, count, min, max, stddev and stdvar over the series of a group, step by step.
//
// Series are added one after the other, so that an aggregation right over a range aggregation never
// holds all its input.
#pragma once

#include <span>
#include <vector>

#include "query/engine/label_groups.h"
#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"

namespace skald::query {

// True for the operators of this file.
bool IsReducing(VectorOp op);

// Threads: externally synchronised. The answer depends on the order of Add within floating-point
// error; callers add in label order.
class VectorAggregator {
 public:
  // REQUIRES: IsReducing(aggregation.op).
  VectorAggregator(const VectorAggregation& aggregation, size_t steps, MemoryCharge* charge);

  Status Add(std::span<const LabelView> labels, const StepValues& values);

  // One series per group, in label order, its labels copied to `arena`.
  std::vector<Series> Finish(Arena* arena);

 private:
  // What is known of a group's members at one step.
  struct Cell {
    uint64_t count = 0;
    double value = 0;   // sum, extreme or mean, by operator
    double spread = 0;  // sum of squared distances from the mean
  };
  void AddTo(Cell* cell, double value) const;
  double Result(const Cell& cell) const;

  const VectorOp op_;
  const size_t steps_;
  MemoryCharge* const charge_;
  LabelGroups groups_;
  std::vector<std::vector<Cell>> cells_;  // by group, then step
};

}  // namespace skald::query
