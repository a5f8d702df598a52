#include "server/process_limits.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

#include "storage/base/cpu_count.h"
#include "storage/base/units.h"

namespace skald {
namespace {

// Parts and connections are open files: as many as the system allows, whatever the shell's default.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// glibc gives every thread a heap of its own, up to eight a processor, and keeps what has been
// freed in each. It also learns from large buffers to keep them; these go back at once instead.
void BoundHeaps() {
  mallopt(M_ARENA_MAX, std::max(2, CpuCount()));
  mallopt(M_MMAP_THRESHOLD, static_cast<int>(512_KiB));
}

}  // namespace

void SetProcessLimits() {
  RaiseFileLimit();
  BoundHeaps();
}

}  // namespace skald
