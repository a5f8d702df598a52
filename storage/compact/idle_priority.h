// The priority of a thread of background work: behind everything else, or like everything else.
#pragma once

#include <sys/types.h>

#include "storage/base/mutex.h"

namespace skald::storage {

// Of one thread, the one that calls Enter; without rights to change it, nothing happens.
// Threads: thread-safe.
class IdlePriority {
 public:
  // Puts the calling thread into the idle class of scheduler and disk. On a machine that is busy
  // without end it may then not run for seconds.
  void Enter() SKALD_EXCLUDES(mutex_);
  // Takes the thread, which may be another than the caller's, out of both. For the scheduler a
  // process without privileges needs RLIMIT_NICE of 20.
  void Leave() SKALD_EXCLUDES(mutex_);
  // The same, for good. The thread must not end before.
  void End() SKALD_EXCLUDES(mutex_);

 private:
  void Restore() SKALD_REQUIRES(mutex_);

  Mutex mutex_;
  pid_t thread_ SKALD_GUARDED_BY(mutex_) = 0;  // the kernel's number; 0: none
  bool ended_ SKALD_GUARDED_BY(mutex_) = false;
};

}  // namespace skald::storage
