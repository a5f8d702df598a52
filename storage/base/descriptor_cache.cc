#include "storage/base/descriptor_cache.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace skald {
namespace {

// Asked for whenever a file is opened: the process raises its limit when it starts.
size_t MostOpen() {
  rlimit files{};
  return DescriptorCache::MostOf(getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 0);
}

}  // namespace

size_t DescriptorCache::MostOf(size_t descriptors) {
  constexpr size_t kFewest = 16;
  return std::max(descriptors / 2, kFewest);
}

StatusOr<DescriptorCache::Handle> DescriptorCache::Acquire(Entry* entry, Open open) {
  {
    MutexLock lock(&mutex_);
    if (entry->descriptor_ != nullptr) {
      open_.splice(open_.begin(), open_, entry->place_);
      return entry->descriptor_;
    }
  }
  ASSIGN_OR_RETURN(Descriptor opened, open());
  Handle handle = std::make_shared<const Descriptor>(std::move(opened));
  const size_t most = MostOpen();
  std::vector<Handle> closed;  // when the lock is released
  MutexLock lock(&mutex_);
  if (entry->descriptor_ != nullptr) return entry->descriptor_;  // another thread was faster
  entry->descriptor_ = handle;
  entry->place_ = open_.insert(open_.begin(), entry);
  while (open_.size() > most) {
    closed.push_back(std::exchange(open_.back()->descriptor_, nullptr));
    open_.pop_back();
  }
  return handle;
}

void DescriptorCache::Release(Entry* entry) {
  Handle closed;  // when the lock is released
  MutexLock lock(&mutex_);
  if (entry->descriptor_ == nullptr) return;
  closed = std::exchange(entry->descriptor_, nullptr);
  open_.erase(entry->place_);
}

}  // namespace skald
