#include "storage/compact/idle_priority.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace skald::storage {
namespace {

// From linux/ioprio.h, which not every system has: classes, and best effort's middle level.
constexpr int kIdle = 3 << 13;
constexpr int kBestEffort = (2 << 13) | 4;

// Of the scheduler and of the disk.
void SetClasses(pid_t thread, int policy, int disk_priority) {
  const sched_param parameters{};
  sched_setscheduler(thread, policy, &parameters);
#ifdef SYS_ioprio_set
  constexpr int kWhoProcess = 1;  // which means a thread
  syscall(SYS_ioprio_set, kWhoProcess, thread, disk_priority);
#endif
}

}  // namespace

void IdlePriority::Enter() {
  MutexLock lock(&mutex_);
  if (ended_) return;
  thread_ = gettid();
  SetClasses(thread_, SCHED_IDLE, kIdle);
}

void IdlePriority::Leave() {
  MutexLock lock(&mutex_);
  Restore();
}

void IdlePriority::End() {
  MutexLock lock(&mutex_);
  Restore();
  thread_ = 0;
  ended_ = true;
}

void IdlePriority::Restore() {
  if (thread_ != 0) SetClasses(thread_, SCHED_OTHER, kBestEffort);
}

}  // namespace skald::storage
