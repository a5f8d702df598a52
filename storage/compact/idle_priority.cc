#include "storage/compact/idle_priority.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace skald::storage {

void SetIdlePriority() {
  const sched_param parameters{};
  sched_setscheduler(0, SCHED_IDLE, &parameters);
#ifdef SYS_ioprio_set
  // From linux/ioprio.h, which not every system has: the calling thread, class idle.
  constexpr int kWhoProcess = 1;
  constexpr int kClassIdle = 3 << 13;
  syscall(SYS_ioprio_set, kWhoProcess, 0, kClassIdle);
#endif
}

void SetNormalPriority(pthread_t thread) {
  const sched_param parameters{};
  pthread_setschedparam(thread, SCHED_OTHER, &parameters);
}

}  // namespace skald::storage
