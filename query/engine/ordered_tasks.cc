#include "query/engine/ordered_tasks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/mutex.h"

namespace skald::query {
namespace {

// Tasks in flight or waiting for their turn to be merged, per worker.
constexpr size_t kAheadPerWorker = 4;
// Of what a task throws.
constexpr std::string_view kContext = "error while processing request";

// The state that workers share. Jobs that the pool starts late find it closed and do nothing, so
// the caller need not wait for them.
class Run {
 public:
  Run(size_t workers, OrderedTasks tasks)
      : tasks_(std::move(tasks)), ahead_(workers * kAheadPerWorker) {}

  // Works until nothing is left. A no-op once Finish has been called.
  void Work(size_t worker) {
    if (!Enter()) return;
    size_t task = 0;
    while (Claim(&task)) {
      // Workers must leave in order, whatever happens, before the caller does.
      Status status = Catching(kContext, [&] { return Deliver(task, tasks_.run(worker, task)); });
      if (!status.ok()) Abandon(task, std::move(status));
    }
    Leave();
  }

  // Waits for the workers that have entered and leaves nothing of the caller's behind: jobs that
  // have not yet started keep the shell alive. REQUIRES: the caller has worked.
  Status Finish() {
    MutexLock lock(&mutex_);
    closed_ = true;
    while (active_ > 0) changed_.Wait(&mutex_);
    waiting_.clear();
    tasks_ = OrderedTasks();
    return std::exchange(error_, absl::OkStatus());
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  using Result = StatusOr<std::unique_ptr<TaskResult>>;

  bool Enter() {
    MutexLock lock(&mutex_);
    if (closed_) return false;
    ++active_;
    return true;
  }

  void Leave() {
    MutexLock lock(&mutex_);
    --active_;
    changed_.NotifyAll();
  }

  // Takes the next task; false when there is none or some task has failed.
  bool Claim(size_t* task) {
    MutexLock lock(&mutex_);
    while (failed_task_ == kNone && next_ < tasks_.count && next_ >= merged_ + ahead_) {
      changed_.Wait(&mutex_);
    }
    if (failed_task_ != kNone || next_ >= tasks_.count) return false;
    *task = next_++;
    return true;
  }

  // Keeps a result and merges everything whose turn has come, unless another thread is at it.
  // Returns the task's own error.
  Status Deliver(size_t task, Result result) {
    RETURN_IF_ERROR(result.status());
    MutexLock lock(&mutex_);
    waiting_[task] = *std::move(result);
    if (merging_) return absl::OkStatus();
    merging_ = true;
    MergeReady();
    merging_ = false;
    changed_.NotifyAll();
    return absl::OkStatus();
  }

  void MergeReady() SKALD_REQUIRES(mutex_) {
    while (!waiting_.empty() && waiting_.begin()->first == merged_ && merged_ < failed_task_) {
      std::unique_ptr<TaskResult> result = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      const size_t task = merged_;
      if (tasks_.merge != nullptr) {
        mutex_.Unlock();
        Status status = Catching(kContext, [&] { return tasks_.merge(task, std::move(result)); });
        mutex_.Lock();
        if (!status.ok()) Fail(task, std::move(status));
      }
      ++merged_;
      changed_.NotifyAll();
    }
  }

  void Abandon(size_t task, Status status) {
    MutexLock lock(&mutex_);
    Fail(task, std::move(status));
  }

  void Fail(size_t task, Status status) SKALD_REQUIRES(mutex_) {
    if (task < failed_task_) {
      failed_task_ = task;
      error_ = std::move(status);
    }
    changed_.NotifyAll();
  }

  OrderedTasks tasks_;
  const size_t ahead_;
  Mutex mutex_;
  CondVar changed_;
  size_t next_ SKALD_GUARDED_BY(mutex_) = 0;
  size_t merged_ SKALD_GUARDED_BY(mutex_) = 0;
  bool merging_ SKALD_GUARDED_BY(mutex_) = false;
  bool closed_ SKALD_GUARDED_BY(mutex_) = false;
  size_t active_ SKALD_GUARDED_BY(mutex_) = 0;
  std::map<size_t, std::unique_ptr<TaskResult>> waiting_ SKALD_GUARDED_BY(mutex_);
  size_t failed_task_ SKALD_GUARDED_BY(mutex_) = kNone;
  Status error_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

size_t WorkerCount(const ThreadPool* pool, size_t tasks) {
  const size_t threads = pool == nullptr ? 1 : static_cast<size_t>(pool->threads());
  return std::clamp<size_t>(tasks, 1, std::max<size_t>(threads, 1));
}

Status RunOrdered(ThreadPool* pool, size_t workers, OrderedTasks tasks) {
  if (tasks.count == 0) return absl::OkStatus();
  auto run = std::make_shared<Run>(workers, std::move(tasks));
  const Status submitted = Catching(kContext, [&] {
    for (size_t worker = 1; worker < workers; ++worker) {
      if (!pool->TrySubmit([run, worker] { run->Work(worker); })) break;
    }
    return absl::OkStatus();
  });
  submitted.IgnoreError();  // fewer workers do as well
  run->Work(0);
  return run->Finish();
}

}  // namespace skald::query
