#include "storage/base/cpu_count.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace skald {

int CpuCount() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return std::max(1, CPU_COUNT(&allowed));
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));  // over 1024 CPUs
}

}  // namespace skald
