// Sends the bodies of a corpus to a server over some connections and measures how that goes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "storage/base/status.h"
#include "tools/bench/corpus_file.h"

namespace skald::bench {

struct LoadOptions {
  std::string url;
  std::string tenant;  // X-Scope-OrgID; empty: none
  uint32_t connections = 4;
  double line_bytes_per_second = 0;  // 0: as fast as the server takes them
};

struct LoadResult {
  double seconds = 0;
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
  std::map<int64_t, uint64_t> statuses;  // HTTP status -> replies
  uint64_t repeated = 0;                 // pushes sent again after a 429 or 503
  // Of the pushes that were taken, from the first byte sent to the reply, in milliseconds.
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

// Pushes every body once, again after a second (or what Retry-After says) while the server answers
// 429 or 503. Unavailable: the server cannot be reached.
StatusOr<LoadResult> RunLoad(const Corpus& corpus, const LoadOptions& options);

}  // namespace skald::bench
