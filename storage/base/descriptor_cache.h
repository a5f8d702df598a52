// The descriptors of files that are read: no more at a time than half of what the process may have.
//
// Every part keeps its file, and there may be more parts than descriptors. What was not read for
// longest is closed, and opened again when it is read.
#pragma once

#include <list>
#include <memory>

#include "absl/functional/function_ref.h"
#include "storage/base/descriptor.h"
#include "storage/base/mutex.h"
#include "storage/base/status.h"

namespace skald {

// Threads: thread-safe.
class DescriptorCache {
 public:
  using Handle = std::shared_ptr<const Descriptor>;
  using Open = absl::FunctionRef<StatusOr<Descriptor>()>;

  // The place of a file. Its owner calls Release before it goes.
  class Entry {
   private:
    friend class DescriptorCache;
    Handle descriptor_;  // null: closed; this and the place under the cache's lock
    std::list<Entry*>::iterator place_;
  };

  // Of so many descriptors that the process may have, what the cache takes at the most.
  static size_t MostOf(size_t descriptors);

  // The file's descriptor, which stays open while the handle is held. When it is closed, `open`
  // opens it, no lock held, and its error is returned.
  StatusOr<Handle> Acquire(Entry* entry, Open open) SKALD_EXCLUDES(mutex_);
  void Release(Entry* entry) SKALD_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::list<Entry*> open_ SKALD_GUARDED_BY(mutex_);  // read last first
};

}  // namespace skald
