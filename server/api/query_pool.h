// The threads that run queries, and the two lanes in which queries wait for them.
//
// Nobody knows what a query costs before it is planned, so every query begins in the light lane,
// with an allowance of work; one that needs more starts again in the heavy lane (dispatcher.cc).
// Some threads take nothing but light queries: however many heavy ones there are, a light query
// waits for light ones only. The other threads prefer heavy ones, so that no number of light
// queries keeps those waiting either. Within a lane tenants take turns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/api/fair_queue.h"
#include "storage/base/mutex.h"

namespace skald::api {

enum class Lane { kLight, kHeavy };

struct QueryPoolOptions {
  int threads = 4;        // that take heavy queries, and light ones while there are none
  int light_threads = 2;  // that take light queries only
  size_t max_waiting = 32'000;
  size_t max_waiting_per_tenant = 2048;  // in each lane
};

// Threads: thread-safe. Jobs must not throw.
class QueryPool {
 public:
  using Job = FairQueue::Job;

  explicit QueryPool(const QueryPoolOptions& options);
  // As Stop.
  ~QueryPool();

  // Queues a job; false, without taking it, when too many wait or the pool is stopping.
  [[nodiscard]] bool TrySubmit(Lane lane, std::string_view tenant, Job job);
  // Finishes queued jobs, refuses new ones, joins. Idempotent; not for two threads at once, nor for
  // a thread of the pool.
  void Stop();

  // Jobs that wait for a thread.
  size_t queued() const;

 private:
  // What a thread runs until the pool stops, taking jobs from the heavy lane or not.
  void Work(bool takes_heavy);
  std::optional<Job> Take(bool takes_heavy) SKALD_REQUIRES(mutex_);
  CondVar* WakeOf(bool takes_heavy) { return takes_heavy ? &wake_ : &wake_light_; }

  const size_t max_waiting_;
  mutable Mutex mutex_;
  CondVar wake_;        // of threads that take heavy queries
  CondVar wake_light_;  // of the others
  FairQueue light_ SKALD_GUARDED_BY(mutex_);
  FairQueue heavy_ SKALD_GUARDED_BY(mutex_);
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace skald::api
