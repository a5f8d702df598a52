// Questions about streams rather than lines: series, index statistics, volumes.
//
// Label names and values come straight from Snapshot (storage/reader.h). `memory` is charged for
// what is held on the way; it may be null.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "query/engine/limits.h"
#include "storage/base/memory_budget.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/model/matcher.h"
#include "storage/model/stream.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::query {

// The distinct streams that satisfy any of the selectors (no selector: every stream) and may have
// rows in `range`, ordered by label text. `charge` is charged for them; ResourceExhausted: its
// budget does not suffice.
StatusOr<std::vector<StreamPtr>> FindSeries(const storage::Snapshot& snapshot,
                                            std::span<const std::vector<Matcher>> selectors,
                                            TimeRange range, const StopToken* stop,
                                            MemoryCharge* charge);

struct IndexStats {
  uint64_t streams = 0;
  uint64_t chunks = 0;
  uint64_t bytes = 0;
  uint64_t entries = 0;
};
// ResourceExhausted when `memory` does not suffice for a count per stream.
StatusOr<IndexStats> ComputeIndexStats(const storage::Snapshot& snapshot,
                                       std::span<const Matcher> matchers, TimeRange range,
                                       const StopToken* stop, MemoryBudget* memory);

struct VolumeParams {
  std::vector<Matcher> matchers;
  int64_t start = 0;  // ns
  int64_t end = 0;    // ns, exclusive
  int64_t step = 0;   // ns; 0: one total
  uint32_t limit = 100;
  std::vector<std::string> target_labels;
  bool by_label_names = false;  // aggregateBy=labels
  uint32_t max_series = 1000;
};

struct VolumeSample {
  int64_t timestamp = 0;  // ns
  uint64_t bytes = 0;
};
struct VolumeSeries {
  LabelSet labels;                    // by_label_names: empty, see `name`
  std::string name;                   // by_label_names: the label's name
  uint64_t total = 0;                 // bytes over the whole range
  std::vector<VolumeSample> samples;  // by time; buckets without bytes are left out
};

// Bytes of lines and metadata per group of streams, the largest first (then by name), at most
// `limit` groups. InvalidArgument when there are more than max_series groups; ResourceExhausted
// when `memory` does not suffice for a count per stream and two hours or more, or group and step.
StatusOr<std::vector<VolumeSeries>> ComputeVolume(const storage::Snapshot& snapshot,
                                                  const VolumeParams& params, const StopToken* stop,
                                                  MemoryBudget* memory);

}  // namespace skald::query
