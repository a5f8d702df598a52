#include "server/api/query_pool.h"

#include <pthread.h>

#include <utility>

namespace skald::api {

QueryPool::QueryPool(const QueryPoolOptions& options)
    : max_waiting_(options.max_waiting),
      light_(options.max_waiting_per_tenant),
      heavy_(options.max_waiting_per_tenant) {
  for (int i = 0; i < options.threads + options.light_threads; ++i) {
    const bool takes_heavy = i < options.threads;
    threads_.emplace_back([this, takes_heavy] { Work(takes_heavy); });
    pthread_setname_np(threads_.back().native_handle(),
                       takes_heavy ? "skald-query" : "skald-light");
  }
}

QueryPool::~QueryPool() { Stop(); }

bool QueryPool::TrySubmit(Lane lane, std::string_view tenant, Job job) {
  {
    MutexLock lock(&mutex_);
    if (stopping_ || light_.size() + heavy_.size() >= max_waiting_) return false;
    FairQueue& queue = lane == Lane::kLight ? light_ : heavy_;
    if (!queue.Push(tenant, std::move(job))) return false;
  }
  if (lane == Lane::kLight) wake_light_.NotifyOne();
  wake_.NotifyOne();
  return true;
}

void QueryPool::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  wake_light_.NotifyAll();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

size_t QueryPool::queued() const {
  MutexLock lock(&mutex_);
  return light_.size() + heavy_.size();
}

void QueryPool::Work(bool takes_heavy) {
  while (true) {
    std::optional<Job> job;
    {
      MutexLock lock(&mutex_);
      job = Take(takes_heavy);
      while (!job.has_value() && !stopping_) {
        WakeOf(takes_heavy)->Wait(&mutex_);
        job = Take(takes_heavy);
      }
    }
    if (!job.has_value()) return;
    (*job)();
  }
}

std::optional<QueryPool::Job> QueryPool::Take(bool takes_heavy) {
  std::optional<Job> job;
  if (takes_heavy) job = heavy_.Pop();
  return job.has_value() ? std::move(job) : light_.Pop();
}

}  // namespace skald::api
