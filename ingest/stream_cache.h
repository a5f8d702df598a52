// Remembers what label texts come to, so that a known stream costs one hash lookup a push.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "ingest/settings.h"
#include "ingest/stream_resolver.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"

namespace skald::ingest {

// Bounded by bytes. Each shard has two generations: entries are added to the young one; when that
// has half of the shard's bytes the old one is dropped and the young one takes its place; an entry
// that is used while old becomes young again.
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
  // Texts mean different things in different scopes: a tenant under some settings.
  struct Key {
    uint64_t scope;
    std::string text;
  };
  struct KeyView {
    KeyView(uint64_t s, std::string_view t) : scope(s), text(t) {}
    KeyView(const Key& key) : scope(key.scope), text(key.text) {}  // NOLINT: heterogeneous lookup
    uint64_t scope;
    std::string_view text;
  };
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(KeyView key) const;
  };
  struct KeyEqual {
    using is_transparent = void;
    bool operator()(KeyView a, KeyView b) const { return a.scope == b.scope && a.text == b.text; }
  };
  using Generation =
      absl::flat_hash_map<Key, std::shared_ptr<const ResolvedStream>, KeyHash, KeyEqual>;

  struct Shard {
    mutable Mutex mutex;
    Generation young SKALD_GUARDED_BY(mutex);
    Generation old SKALD_GUARDED_BY(mutex);
    size_t young_bytes SKALD_GUARDED_BY(mutex) = 0;
    size_t old_bytes SKALD_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kShards = 16;

  std::shared_ptr<const ResolvedStream> Find(KeyView key, Shard* shard)
      SKALD_REQUIRES(shard->mutex);
  void Add(Key key, std::shared_ptr<const ResolvedStream> value, Shard* shard)
      SKALD_REQUIRES(shard->mutex);

  const size_t generation_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace skald::ingest
