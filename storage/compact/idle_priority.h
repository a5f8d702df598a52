// The priority of background work: behind everything else, or like everything else.
#pragma once

#include <pthread.h>

namespace skald::storage {

// Puts the calling thread into the idle class of scheduler and disk, as far as the system allows.
void SetIdlePriority();

// Takes a thread out of the idle class of the scheduler, as far as the system allows: a process
// without privileges needs RLIMIT_NICE of 20. On a machine that is busy without end an idle thread
// may not run for seconds.
void SetNormalPriority(pthread_t thread);

}  // namespace skald::storage
