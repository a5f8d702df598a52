// The patterns that stored lines follow, and how often at which time.
//
// They are mined when they are asked for: pushing costs nothing, and patterns cover whatever range
// the rows do. Of very many rows a regular sample is read, and counts are scaled up.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/base/thread_pool.h"
#include "storage/model/matcher.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::query {

struct PatternParams {
  std::vector<Matcher> matchers;
  TimeRange range;
  int64_t step = 0;             // ns, positive
  uint64_t max_rows = 1 << 20;  // about so many are read
  ThreadPool* pool = nullptr;   // optional
  const StopToken* stop = nullptr;
  MemoryBudget* memory = nullptr;  // charged for the selection and the patterns; optional
};

struct LinePattern {
  std::string pattern;  // as in `|> "…"`
  std::string level;    // detected_level of the lines
  uint64_t total = 0;
  std::vector<std::pair<int64_t, uint64_t>> samples;  // start of the step in ns, lines
};

// The most frequent patterns, at most 300, the most frequent first. Patterns of few lines among
// many are left out.
StatusOr<std::vector<LinePattern>> FindPatterns(const storage::Snapshot& snapshot,
                                                const PatternParams& params);

}  // namespace skald::query
