// Remembers what label texts come to, so that a known stream costs one hash lookup a push.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ingest/settings.h"
#include "ingest/stream_resolver.h"
#include "storage/base/hash.h"
#include "storage/base/mutex.h"

namespace skald::ingest {

// Bounded by bytes. What goes to make room is chosen at random: a set of streams somewhat larger
// than the cache, pushed in turn, then still finds most of its streams.
//
// A text is known by a 128-bit hash of it, as a stream is by one of its canonical text.
//
// Threads: thread-safe.
class StreamCache {
 public:
  explicit StreamCache(size_t capacity_bytes);

  // What `label_text` comes to for this tenant under these settings.
  std::shared_ptr<const ResolvedStream> Resolve(std::string_view label_text,
                                                std::string_view tenant,
                                                const IngestSettings& settings);

  // Bytes held, roughly.
  size_t size_bytes() const;

 private:
  struct Entry {
    Hash128Value key;
    std::shared_ptr<const ResolvedStream> value;
  };
  struct KeyHash {
    size_t operator()(const Hash128Value& key) const { return key.low; }
  };
  struct Shard {
    mutable Mutex mutex;
    std::vector<Entry> entries SKALD_GUARDED_BY(mutex);
    // Where a key's entry is.
    absl::flat_hash_map<Hash128Value, uint32_t, KeyHash> places SKALD_GUARDED_BY(mutex);
    size_t bytes SKALD_GUARDED_BY(mutex) = 0;
    uint64_t random SKALD_GUARDED_BY(mutex) = 1;
  };
  static constexpr size_t kShards = 16;

  void Add(const Hash128Value& key, std::shared_ptr<const ResolvedStream> value, Shard* shard)
      SKALD_REQUIRES(shard->mutex);
  static void EvictOne(Shard* shard) SKALD_REQUIRES(shard->mutex);

  const size_t shard_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace skald::ingest
