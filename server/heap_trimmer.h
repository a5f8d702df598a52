// Gives freed heap back to the system while the process holds more than three eighths of its memory
// limit.
//
// The allocator keeps what is freed between blocks in use: after queries and flushes of many shapes
// that is as much as what is in use, and all of it counts against the limit of a control group.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "storage/base/mutex.h"

namespace skald {

// When to trim. Threads: externally synchronised.
class TrimPolicy {
 public:
  // Bytes.
  explicit TrimPolicy(uint64_t memory_limit) : limit_(memory_limit) {}

  // Whether to trim now that so many bytes are resident.
  bool IsDue(uint64_t resident);
  // What was resident before and after a trim. One that brought little is not soon repeated, unless
  // the limit is near.
  void Trimmed(uint64_t before, uint64_t after);

 private:
  const uint64_t limit_;
  int looks_to_skip_ = 0;
};

// Looks once a second. Threads: has one of its own; construction and destruction externally
// synchronised.
class HeapTrimmer {
 public:
  explicit HeapTrimmer(uint64_t memory_limit);
  ~HeapTrimmer();

 private:
  void Run();
  // False when it is time to stop.
  bool WaitForNext() SKALD_EXCLUDES(mutex_);

  TrimPolicy policy_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace skald
