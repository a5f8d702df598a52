#include "ingest/stream_cache.h"

#include <utility>

#include "storage/base/hash.h"

namespace skald::ingest {
namespace {

// What an entry costs beside its text and value.
constexpr size_t kEntryOverhead = 96;

size_t Cost(std::string_view text, const ResolvedStream& value) {
  return text.size() + value.SizeEstimate() + kEntryOverhead;
}

}  // namespace

size_t StreamCache::KeyHash::operator()(KeyView key) const { return Hash64(key.text, key.scope); }

StreamCache::StreamCache(size_t capacity_bytes) : generation_bytes_(capacity_bytes / kShards / 2) {}

std::shared_ptr<const ResolvedStream> StreamCache::Resolve(std::string_view label_text,
                                                           std::string_view tenant,
                                                           const IngestSettings& settings) {
  const KeyView key(Hash64(tenant, settings.id()), label_text);
  // The shard is chosen by high bits, which the maps do not rely on.
  Shard& shard = shards_[KeyHash()(key) >> 60];
  {
    MutexLock lock(&shard.mutex);
    if (auto found = Find(key, &shard)) return found;
  }
  std::shared_ptr<const ResolvedStream> resolved = ResolveStream(label_text, tenant, settings);
  MutexLock lock(&shard.mutex);
  Add({key.scope, std::string(label_text)}, resolved, &shard);
  return resolved;
}

std::shared_ptr<const ResolvedStream> StreamCache::Find(KeyView key, Shard* shard) {
  if (const auto it = shard->young.find(key); it != shard->young.end()) return it->second;
  const auto it = shard->old.find(key);
  if (it == shard->old.end()) return nullptr;
  auto [text, value] = std::pair(Key{key.scope, std::string(key.text)}, it->second);
  shard->old_bytes -= Cost(key.text, *value);
  shard->old.erase(it);
  Add(std::move(text), value, shard);
  return value;
}

void StreamCache::Add(Key key, std::shared_ptr<const ResolvedStream> value, Shard* shard) {
  const size_t cost = Cost(key.text, *value);
  if (cost > generation_bytes_) return;
  if (shard->young_bytes + cost > generation_bytes_) {
    shard->old = std::exchange(shard->young, Generation());
    shard->old_bytes = std::exchange(shard->young_bytes, 0);
  }
  if (shard->young.emplace(std::move(key), std::move(value)).second) shard->young_bytes += cost;
}

size_t StreamCache::size_bytes() const {
  size_t total = 0;
  for (const Shard& shard : shards_) {
    MutexLock lock(&shard.mutex);
    total += shard.young_bytes + shard.old_bytes;
  }
  return total;
}

}  // namespace skald::ingest
