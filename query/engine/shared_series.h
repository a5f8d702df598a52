// The series of one range aggregation, numbered for all workers.
#pragma once

#include <cstdint>
#include <span>

#include "query/engine/series_table.h"
#include "storage/base/memory_charge.h"
#include "storage/base/mutex.h"
#include "storage/base/status.h"

namespace skald::query {

// The numbers depend on scheduling; whoever cares for order sorts by labels.
// Threads: thread-safe.
class SharedSeries {
 public:
  // More than `limit` series are an error; 0: any number.
  SharedSeries(MemoryBudget* budget, uint32_t limit) : charge_(budget), limit_(limit) {}

  // The number of the series with these labels, which are copied if they are new.
  StatusOr<uint32_t> FindOrAdd(LabelsKey key, std::span<const LabelView> labels);

  // REQUIRES: no other thread adds.
  const SeriesTable& table() const { return table_; }

 private:
  Mutex mutex_;
  SeriesTable table_;
  MemoryCharge charge_ SKALD_GUARDED_BY(mutex_);
  const uint32_t limit_;
};

// The error of a query with more than `limit` series.
Status TooManySeries(uint32_t limit);

}  // namespace skald::query
