#include "server/api/fair_queue.h"

#include <utility>

namespace skald::api {

bool FairQueue::Push(std::string_view tenant, Job job) {
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) {
    if (max_per_tenant_ == 0) return false;
    turns_.push_back({std::string(tenant), {}});
    turns_.back().jobs.push_back(std::move(job));
    tenants_.emplace(std::string(tenant), std::prev(turns_.end()));
  } else {
    std::deque<Job>& jobs = found->second->jobs;
    if (jobs.size() >= max_per_tenant_) return false;
    jobs.push_back(std::move(job));
  }
  ++size_;
  return true;
}

std::optional<FairQueue::Job> FairQueue::Pop() {
  if (turns_.empty()) return std::nullopt;
  const auto first = turns_.begin();
  Job job = std::move(first->jobs.front());
  first->jobs.pop_front();
  --size_;
  if (first->jobs.empty()) {
    tenants_.erase(first->tenant);
    turns_.erase(first);
  } else {
    turns_.splice(turns_.end(), turns_, first);
  }
  return job;
}

}  // namespace skald::api
