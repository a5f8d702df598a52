#include "server/api/fair_queue.h"

#include <utility>

namespace skald::api {

bool FairQueue::TrySubmit(std::string_view tenant, ThreadPool::Job job) {
  MutexLock lock(&mutex_);
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end() && found->second->jobs.size() >= max_per_tenant_) return false;
  // The pool holds as many calls of RunNext as there are jobs here.
  if (!pool_->TrySubmit([this] { RunNext(); })) return false;
  if (found != tenants_.end()) {
    found->second->jobs.push_back(std::move(job));
    return true;
  }
  turns_.push_back({std::string(tenant), {}});
  turns_.back().jobs.push_back(std::move(job));
  tenants_.emplace(std::string(tenant), std::prev(turns_.end()));
  return true;
}

void FairQueue::RunNext() { TakeNext()(); }

ThreadPool::Job FairQueue::TakeNext() {
  MutexLock lock(&mutex_);
  const auto first = turns_.begin();
  ThreadPool::Job job = std::move(first->jobs.front());
  first->jobs.pop_front();
  if (first->jobs.empty()) {
    tenants_.erase(first->tenant);
    turns_.erase(first);
  } else {
    turns_.splice(turns_.end(), turns_, first);
  }
  return job;
}

}  // namespace skald::api
