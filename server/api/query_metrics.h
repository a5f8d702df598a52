// Loki's metrics of answered queries.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "storage/base/metrics.h"
#include "storage/base/mutex.h"

namespace skald::api {

// Threads: thread-safe.
class QueryMetrics {
 public:
  // `registry` must outlive this.
  explicit QueryMetrics(MetricsRegistry* registry);

  struct Answered {
    int status = 200;
    std::string_view type;   // labels, limited, filter, metric, series, stats, volume
    std::string_view range;  // range, instant or empty
    std::chrono::nanoseconds duration{};
    uint64_t bytes = 0;  // looked at
  };
  void Observe(const Answered& query);
  // How long a query waited for its turn.
  void ObserveWait(std::chrono::nanoseconds wait) const;
  // A query turned out to be heavy.
  void CountHeavy() const { heavy_.Increment(); }

 private:
  struct Handles {
    Histogram latency;
    Histogram bytes_per_second;
  };
  MetricsRegistry* const registry_;
  const Histogram wait_;
  const Counter heavy_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Handles> handles_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::api
