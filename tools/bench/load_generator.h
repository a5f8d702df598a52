// Sends the bodies of a corpus to a server over some connections and measures how that goes.
#pragma once

#include <cstdint>

#include "storage/base/status.h"
#include "tools/bench/corpus_file.h"
#include "tools/bench/load_meter.h"
#include "tools/bench/push_connection.h"

namespace skald::bench {

struct LoadOptions {
  PushTarget target;
  uint32_t connections = 4;
  double line_bytes_per_second = 0;  // 0: as fast as the server takes them
};

// Pushes every body once, again after a second (or what Retry-After says) while the server answers
// 429 or 503. Unavailable: the server cannot be reached.
StatusOr<LoadResult> RunLoad(const Corpus& corpus, const LoadOptions& options);

}  // namespace skald::bench
