// Runs numbered tasks in parallel and hands over their results in the order of the numbers.
//
// Results therefore do not depend on scheduling: floating-point sums come out the same every time,
// and of several errors the one of the lowest task is returned. An exception of a task or a merge
// is such an error, Internal.
#pragma once

#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "storage/base/status.h"
#include "storage/base/thread_pool.h"

namespace skald::query {

// What a task leaves behind.
class TaskResult {
 public:
  virtual ~TaskResult() = default;
};

struct OrderedTasks {
  size_t count = 0;
  // Runs one task. Called by several threads at once, each with its own worker number, below the
  // `workers` that RunOrdered was given.
  absl::AnyInvocable<StatusOr<std::unique_ptr<TaskResult>>(size_t worker, size_t task)> run;
  // Takes a task's result: in task order, one call at a time, on any of the threads. May be null.
  absl::AnyInvocable<Status(size_t task, std::unique_ptr<TaskResult>)> merge;
};

// How many workers to use for `tasks` tasks on `pool` (may be null), the caller included.
size_t WorkerCount(const ThreadPool* pool, size_t tasks);

// Runs all tasks with at most `workers` threads: the calling one, and jobs on the pool as far as
// it takes them. Tasks start in order and run ahead of the merge by a bounded number. Returns after
// the first error, or when all is merged.
Status RunOrdered(ThreadPool* pool, size_t workers, OrderedTasks tasks);

}  // namespace skald::query
