// A fixed number of threads working off a bounded queue.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "storage/base/mutex.h"

namespace skald {

// Threads: thread-safe. Jobs must not throw.
class ThreadPool {
 public:
  using Job = absl::AnyInvocable<void()>;

  // `name` (15 bytes at most) names the threads for debuggers.
  ThreadPool(std::string name, int threads, size_t queue_limit);
  // Runs what is queued, then joins.
  ~ThreadPool();

  // Queues a job; false, without taking it, when the queue is full or the pool is stopping.
  [[nodiscard]] bool TrySubmit(Job job);
  // Finishes queued jobs, refuses new ones, joins. Idempotent; not for two threads at once, nor for
  // a thread of the pool.
  void Stop();

  size_t queued() const;
  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Work();

  const size_t queue_limit_;
  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<Job> queue_ SKALD_GUARDED_BY(mutex_);
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace skald
