// Remembers what label texts come to, so that a known stream costs one hash lookup a push.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ingest/settings.h"
#include "ingest/stream_resolver.h"
#include "storage/base/hash.h"
#include "storage/base/mutex.h"

namespace skald::ingest {

// Streams are looked up some hundred at a time: each is a few misses of the processor's caches,
// which then overlap.
//
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
  // The same for several texts; out[i] becomes that of label_texts[i] unless it is set already.
  // REQUIRES: label_texts.size() == out.size() <= kMaxAtOnce.
  static constexpr size_t kMaxAtOnce = 256;
  void Resolve(std::span<const std::string_view> label_texts, std::string_view tenant,
               const IngestSettings& settings,
               std::span<std::shared_ptr<const ResolvedStream>> out);

  // Bytes held, roughly.
  size_t size_bytes() const;

 private:
  using Value = std::shared_ptr<const ResolvedStream>;
  struct KeyHash {
    size_t operator()(const Hash128Value& key) const { return key.low; }
  };
  struct Shard {
    mutable Mutex mutex;
    absl::flat_hash_map<Hash128Value, Value, KeyHash> entries SKALD_GUARDED_BY(mutex);
    std::vector<Hash128Value> keys SKALD_GUARDED_BY(mutex);  // to choose from at random
    size_t bytes SKALD_GUARDED_BY(mutex) = 0;
    uint64_t random SKALD_GUARDED_BY(mutex) = 1;
  };
  static constexpr size_t kShards = 16;
  static size_t ShardOf(const Hash128Value& key) { return key.high >> 60; }

  // Finds the keys of one shard; `wanted` are indexes into keys and out. Leaves null what is new.
  static void FindIn(Shard* shard, std::span<const Hash128Value> keys,
                     std::span<const uint16_t> wanted, std::span<Value> out);
  void Add(const Hash128Value& key, const Value& value, Shard* shard) SKALD_REQUIRES(shard->mutex);
  static void EvictOne(Shard* shard) SKALD_REQUIRES(shard->mutex);

  const size_t shard_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace skald::ingest
