// Jobs of many tenants on one pool, taken in turns, so that the tenant with a thousand waiting
// queries delays the one with a single query by one query.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <string>
#include <string_view>

#include "storage/base/mutex.h"
#include "storage/base/strings.h"
#include "storage/base/thread_pool.h"

namespace skald::api {

// Threads: thread-safe.
class FairQueue {
 public:
  // `pool` must run nothing else and be stopped before this goes.
  FairQueue(ThreadPool* pool, size_t max_per_tenant)
      : pool_(pool), max_per_tenant_(max_per_tenant) {}

  // Queues a job; false, without taking it, when the tenant has too many waiting or the pool is
  // full.
  [[nodiscard]] bool TrySubmit(std::string_view tenant, ThreadPool::Job job);

 private:
  struct Waiting {
    std::string tenant;
    std::deque<ThreadPool::Job> jobs;  // never empty
  };
  // Runs the next tenant's oldest job.
  void RunNext();
  ThreadPool::Job TakeNext();

  ThreadPool* const pool_;
  const size_t max_per_tenant_;
  Mutex mutex_;
  // Tenants with waiting jobs, the next one first.
  std::list<Waiting> turns_ SKALD_GUARDED_BY(mutex_);
  StringMap<std::list<Waiting>::iterator> tenants_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::api
