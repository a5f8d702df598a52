// Jobs of many tenants in the order in which they are run: tenants take turns, so that the one with
// a thousand waiting queries delays the one with a single query by one query.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/strings.h"
#include "storage/base/thread_pool.h"

namespace skald::api {

// Threads: externally synchronised.
class FairQueue {
 public:
  using Job = ThreadPool::Job;

  explicit FairQueue(size_t max_per_tenant) : max_per_tenant_(max_per_tenant) {}

  // Adds a job; false, without taking it, when the tenant has too many waiting.
  [[nodiscard]] bool Push(std::string_view tenant, Job job);
  // Takes the oldest job of the tenant whose turn it is.
  std::optional<Job> Pop();

  bool HasJobsOf(std::string_view tenant) const { return tenants_.contains(tenant); }
  size_t size() const { return size_; }

 private:
  struct Waiting {
    std::string tenant;
    std::deque<Job> jobs;  // never empty
  };

  const size_t max_per_tenant_;
  size_t size_ = 0;
  std::list<Waiting> turns_;  // tenants with waiting jobs, the next one first
  StringMap<std::list<Waiting>::iterator> tenants_;
};

}  // namespace skald::api
