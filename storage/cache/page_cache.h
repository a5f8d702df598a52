// A bounded cache of decoded pages and sections of part files.
//
// Segmented LRU: a page that is used once sits in a probationary segment and leaves it first, so
// that a scan over much data does not displace pages that queries come back to. What says where
// rows are, of which every query needs a little, begins in the protected segment. Findings, which
// are small but took the reading of many pages, have a segment of their own: however many pages a
// query reads, they stay until there are too many of them.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "storage/base/mutex.h"

namespace skald::storage {

// What is cached; every kind is always used with one type of object.
enum class CacheKind : uint8_t {
  kPage,            // offset: of the page
  kTimes,           // likewise, a times page with its headers read
  kLengths,         // likewise, a lengths page
  kSection,         // offset: the section's number
  kFilter,          // likewise, a section that says what may be in lines and metadata
  kStreamIds,       // of all streams of the file
  kStream,          // file and offset: the stream's id; shared by all files
  kDuplicates,      // with the earlier file whose number is `offset`
  kTimeSpans,       // of the streams in the block whose number is `offset`
  kDeletedRows,     // by the delete request whose serial is `offset`
  kRetentionClass,  // of all its streams, under the policy whose number is `offset`
};

// Names something in a file, or made of it.
struct CacheKey {
  uint64_t file = 0;
  uint64_t offset = 0;
  CacheKind kind = CacheKind::kPage;
  uint32_t ordinal = 0;
  bool operator==(const CacheKey&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const CacheKey& key) {
    return H::combine(std::move(state), key.file, key.offset, key.kind, key.ordinal);
  }
};

struct PageCacheStats {
  uint64_t bytes = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
};

// Holds shared, immutable objects of any type.
// Threads: thread-safe. Objects live on while somebody holds them.
class PageCache {
 public:
  explicit PageCache(uint64_t capacity_bytes) : capacity_(capacity_bytes) {}

  // Null when the key is not cached.
  template <typename T>
  std::shared_ptr<const T> Find(const CacheKey& key) {
    return std::static_pointer_cast<const T>(FindAny(key));
  }
  // Adds an object that holds `charge` bytes, to which the cache's own are added. One too big for
  // the cache is not kept.
  template <typename T>
  void Insert(const CacheKey& key, std::shared_ptr<const T> object, uint64_t charge) {
    InsertAny(key, std::move(object), charge);
  }
  // As Insert, in place of what the key has.
  template <typename T>
  void Replace(const CacheKey& key, std::shared_ptr<const T> object, uint64_t charge) {
    ReplaceAny(key, std::move(object), charge);
  }
  // Forgets everything of a file, and what other files were found to have in common with it.
  void EraseFile(uint64_t file);

  PageCacheStats stats() const;

 private:
  struct Segment;
  struct Entry {
    CacheKey key;
    std::shared_ptr<const void> object;
    uint64_t charge;
    Segment* segment;
  };
  using Entries = std::list<Entry>;
  struct Segment {
    Entries entries;  // front: used last
    uint64_t bytes = 0;
  };

  std::shared_ptr<const void> FindAny(const CacheKey& key);
  void InsertAny(const CacheKey& key, std::shared_ptr<const void> object, uint64_t charge);
  void ReplaceAny(const CacheKey& key, std::shared_ptr<const void> object, uint64_t charge);
  // Moves the entry of a key, if there is one, to `evicted`.
  void Take(const CacheKey& key, Entries* evicted) SKALD_REQUIRES(mutex_);
  void Add(const CacheKey& key, std::shared_ptr<const void> object, uint64_t charge)
      SKALD_REQUIRES(mutex_);
  // Makes the entry the one that was used last, in a segment that may be another.
  void Move(Entries::iterator entry, Segment* segment) SKALD_REQUIRES(mutex_);
  void Promote(Entries::iterator entry) SKALD_REQUIRES(mutex_);
  // Puts the oldest of the protected segment on probation while it holds too much.
  void Demote() SKALD_REQUIRES(mutex_);
  uint64_t bytes() const SKALD_REQUIRES(mutex_) {
    return probation_.bytes + protected_.bytes + findings_.bytes;
  }
  // Moves what is too much to `evicted`.
  void Evict(Entries* evicted) SKALD_REQUIRES(mutex_);
  void EvictOldest(Segment* segment, Entries* evicted) SKALD_REQUIRES(mutex_);

  const uint64_t capacity_;
  mutable Mutex mutex_;
  Segment probation_ SKALD_GUARDED_BY(mutex_);
  Segment protected_ SKALD_GUARDED_BY(mutex_);
  Segment findings_ SKALD_GUARDED_BY(mutex_);
  absl::flat_hash_map<CacheKey, Entries::iterator> index_ SKALD_GUARDED_BY(mutex_);
  uint64_t hits_ SKALD_GUARDED_BY(mutex_) = 0;
  uint64_t misses_ SKALD_GUARDED_BY(mutex_) = 0;
};

}  // namespace skald::storage
