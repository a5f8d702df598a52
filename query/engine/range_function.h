// The functions of range aggregations: how samples become a window's value.
//
// Work is done in two halves. A UnitSamples gathers what one scan unit has, compactly and without
// locks; the RangeFunction takes the units' shares in their order and, at the end, puts the windows
// of each series together. Functions whose windows are made of panes (pane_function.h) keep one
// small state per series and pane; the others (quantile.h, counter_rate.h) keep the samples.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "query/engine/ordered_tasks.h"
#include "query/engine/step_values.h"
#include "query/engine/windows.h"
#include "query/syntax/ast.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/base/stop_pacer.h"

namespace skald::query {

// Samples in the columns of a batch, all of one length. No pane is kNoPane.
struct SampleColumns {
  std::span<const uint32_t> series;
  std::span<const uint32_t> panes;
  std::span<const int64_t> times;
  std::span<const double> values;
};

// What one scan unit contributes. Threads: externally synchronised.
class UnitSamples : public TaskResult {
 public:
  virtual void Add(const SampleColumns& samples) = 0;
  // Adds `rows` samples at once whose values sum up to `total`. REQUIRES: the function counts rows
  // or bytes.
  virtual void AddCount(uint32_t series, uint32_t pane, uint64_t rows, uint64_t total) = 0;
};

// Threads: externally synchronised, except NewUnit.
class RangeFunction {
 public:
  virtual ~RangeFunction() = default;

  // `arrival` orders units whose rows may have equal times.
  virtual std::unique_ptr<UnitSamples> NewUnit(uint64_t arrival) const = 0;
  // Takes a unit's samples. REQUIRES: `unit` came from NewUnit.
  virtual Status Merge(const UnitSamples& unit) = 0;
  // Puts the values of a series' windows into `out`, which is empty. Errors are `pacer`'s.
  virtual Status Evaluate(uint32_t series, StopPacer* pacer, StepValues* out) = 0;
};

// The function of an aggregation. What it refers to must outlive it.
std::unique_ptr<RangeFunction> NewRangeFunction(const RangeAggregation& aggregation,
                                                const Windows& windows, MemoryCharge* charge);

}  // namespace skald::query
