// Loki's metrics of HTTP requests: durations by route, method and status, and those in flight.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/base/metrics.h"
#include "storage/base/mutex.h"

namespace skald::api {

// Threads: thread-safe.
class RequestMetrics {
 public:
  // `registry` must outlive this.
  explicit RequestMetrics(MetricsRegistry* registry)
      : registry_(registry),
        panics_(registry->GetCounter("loki_panic_total",
                                     "The total number of requests that ended by an exception.")) {}

  struct Finished {
    std::string_view method;
    std::string_view route;
    int status = 0;
    std::chrono::nanoseconds duration{};
    uint64_t request_bytes = 0;
    uint64_t response_bytes = 0;
    bool websocket = false;
  };
  void Observe(const Finished& request);

  // Counts a handler that ended by an exception.
  void CountPanic() const { panics_.Increment(); }

  // The gauge of requests in flight. REQUIRES: `route` is one of a bounded set.
  Gauge InFlight(std::string_view method, std::string_view route);

 private:
  struct Handles {
    Histogram duration;
    Histogram request_bytes;
    Histogram response_bytes;
  };
  Handles HandlesOf(const Finished& request);

  MetricsRegistry* const registry_;
  const Counter panics_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Handles> handles_ SKALD_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Gauge> in_flight_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::api
