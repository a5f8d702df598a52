#include "storage/cache/page_cache.h"

#include <utility>

namespace skald::storage {
namespace {
// What an entry costs besides its object: list node, index slot, the object's control block.
constexpr uint64_t kEntryOverhead = 192;

// Rows and what tells of their contents: nearly all of a part.
bool IsOfRows(CacheKind kind) {
  return kind == CacheKind::kPage || kind == CacheKind::kTimes || kind == CacheKind::kLengths ||
         kind == CacheKind::kFilter;
}

}  // namespace

std::shared_ptr<const void> PageCache::FindAny(const CacheKey& key) {
  MutexLock lock(&mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  Promote(found->second);
  return found->second->object;
}

void PageCache::InsertAny(const CacheKey& key, std::shared_ptr<const void> object,
                          uint64_t charge) {
  charge += kEntryOverhead;
  if (charge > capacity_ / 4) return;
  Entries evicted;  // goes after the lock
  MutexLock lock(&mutex_);
  if (index_.contains(key)) return;
  Add(key, std::move(object), charge);
  Evict(&evicted);
}

void PageCache::ReplaceAny(const CacheKey& key, std::shared_ptr<const void> object,
                           uint64_t charge) {
  charge += kEntryOverhead;
  Entries evicted;  // goes after the lock
  MutexLock lock(&mutex_);
  Take(key, &evicted);
  if (charge > capacity_ / 4) return;
  Add(key, std::move(object), charge);
  Evict(&evicted);
}

void PageCache::Take(const CacheKey& key, Entries* evicted) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  const Entries::iterator entry = found->second;
  index_.erase(found);
  (entry->is_protected ? protected_bytes_ : probation_bytes_) -= entry->charge;
  evicted->splice(evicted->begin(), entry->is_protected ? protected_ : probation_, entry);
}

void PageCache::Add(const CacheKey& key, std::shared_ptr<const void> object, uint64_t charge) {
  probation_.push_front({key, std::move(object), charge, false});
  probation_bytes_ += charge;
  index_[key] = probation_.begin();
  if (!IsOfRows(key.kind)) Promote(probation_.begin());
}

void PageCache::Promote(Entries::iterator entry) {
  if (entry->is_protected) {
    protected_.splice(protected_.begin(), protected_, entry);
    return;
  }
  entry->is_protected = true;
  probation_bytes_ -= entry->charge;
  protected_bytes_ += entry->charge;
  protected_.splice(protected_.begin(), probation_, entry);
  Demote();
}

void PageCache::Demote() {
  // The protected segment keeps at most three quarters.
  while (protected_bytes_ > capacity_ / 4 * 3) {
    const auto oldest = std::prev(protected_.end());
    oldest->is_protected = false;
    protected_bytes_ -= oldest->charge;
    probation_bytes_ += oldest->charge;
    probation_.splice(probation_.begin(), protected_, oldest);
  }
}

void PageCache::Evict(Entries* evicted) {
  while (probation_bytes_ + protected_bytes_ > capacity_ && !probation_.empty()) {
    const auto victim = std::prev(probation_.end());
    probation_bytes_ -= victim->charge;
    index_.erase(victim->key);
    evicted->splice(evicted->begin(), probation_, victim);
  }
}

void PageCache::EraseFile(uint64_t file) {
  MutexLock lock(&mutex_);
  const auto erase_from = [&](Entries* entries, uint64_t* bytes) SKALD_REQUIRES(mutex_) {
    for (auto entry = entries->begin(); entry != entries->end();) {
      if (entry->key.file != file) {
        ++entry;
        continue;
      }
      *bytes -= entry->charge;
      index_.erase(entry->key);
      entry = entries->erase(entry);
    }
  };
  erase_from(&probation_, &probation_bytes_);
  erase_from(&protected_, &protected_bytes_);
}

PageCacheStats PageCache::stats() const {
  MutexLock lock(&mutex_);
  return {probation_bytes_ + protected_bytes_, hits_, misses_};
}

}  // namespace skald::storage
