// How many processors the process may use.
#pragma once

namespace skald {

// Processors in the thread's affinity mask (taskset, containers' cpusets); at least 1.
int CpuCount();

}  // namespace skald
