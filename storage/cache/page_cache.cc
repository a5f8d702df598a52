#include "storage/cache/page_cache.h"

#include <utility>

namespace skald::storage {
namespace {
// What an entry costs besides its object: list node, index slot, the object's control block.
constexpr uint64_t kEntryOverhead = 192;
// Findings take this part of the capacity at most.
constexpr uint64_t kFindingsShare = 4;

// Rows and what tells of their contents: nearly all of a part.
bool IsOfRows(CacheKind kind) {
  return kind == CacheKind::kPage || kind == CacheKind::kTimes || kind == CacheKind::kLengths ||
         kind == CacheKind::kFilter;
}

// What was worked out of the rows of a part.
bool IsFinding(CacheKind kind) {
  return kind == CacheKind::kDuplicates || kind == CacheKind::kTimeSpans ||
         kind == CacheKind::kDeletedRows;
}

bool IsOf(const CacheKey& key, uint64_t file) {
  return key.file == file || (key.kind == CacheKind::kDuplicates && key.offset == file);
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
  entry->segment->bytes -= entry->charge;
  evicted->splice(evicted->begin(), entry->segment->entries, entry);
}

void PageCache::Add(const CacheKey& key, std::shared_ptr<const void> object, uint64_t charge) {
  Segment& segment = IsFinding(key.kind) ? findings_ : IsOfRows(key.kind) ? probation_ : protected_;
  segment.entries.push_front({key, std::move(object), charge, &segment});
  segment.bytes += charge;
  index_[key] = segment.entries.begin();
}

void PageCache::Move(Entries::iterator entry, Segment* segment) {
  Segment* const from = entry->segment;
  from->bytes -= entry->charge;
  segment->bytes += entry->charge;
  segment->entries.splice(segment->entries.begin(), from->entries, entry);
  entry->segment = segment;
}

void PageCache::Promote(Entries::iterator entry) {
  Move(entry, entry->segment == &findings_ ? &findings_ : &protected_);
  Demote();
}

void PageCache::Demote() {
  // The protected segment keeps at most three quarters of what findings leave.
  while (protected_.bytes > (capacity_ - findings_.bytes) / 4 * 3) {
    Move(std::prev(protected_.entries.end()), &probation_);
  }
}

void PageCache::EvictOldest(Segment* segment, Entries* evicted) {
  const auto victim = std::prev(segment->entries.end());
  segment->bytes -= victim->charge;
  index_.erase(victim->key);
  evicted->splice(evicted->begin(), segment->entries, victim);
}

void PageCache::Evict(Entries* evicted) {
  while (findings_.bytes > capacity_ / kFindingsShare) EvictOldest(&findings_, evicted);
  Demote();
  while (bytes() > capacity_ && !probation_.entries.empty()) EvictOldest(&probation_, evicted);
}

void PageCache::EraseFile(uint64_t file) {
  MutexLock lock(&mutex_);
  for (Segment* segment : {&probation_, &protected_, &findings_}) {
    for (auto entry = segment->entries.begin(); entry != segment->entries.end();) {
      if (!IsOf(entry->key, file)) {
        ++entry;
        continue;
      }
      segment->bytes -= entry->charge;
      index_.erase(entry->key);
      entry = segment->entries.erase(entry);
    }
  }
}

PageCacheStats PageCache::stats() const {
  MutexLock lock(&mutex_);
  return {bytes(), hits_, misses_};
}

}  // namespace skald::storage
