#include "ingest/stream_cache.h"

#include <utility>

namespace skald::ingest {
namespace {

// What an entry costs beside its value.
constexpr size_t kEntryOverhead = 80;

size_t Cost(const ResolvedStream& value) { return value.SizeEstimate() + kEntryOverhead; }

}  // namespace

StreamCache::StreamCache(size_t capacity_bytes) : shard_bytes_(capacity_bytes / kShards) {}

std::shared_ptr<const ResolvedStream> StreamCache::Resolve(std::string_view label_text,
                                                           std::string_view tenant,
                                                           const IngestSettings& settings) {
  // Texts mean different things to different tenants and under different settings.
  const uint64_t scope = Hash64(tenant, settings.id());
  const Hash128Value key = Hash128(label_text, scope);
  Shard& shard = shards_[key.high >> 60];
  {
    MutexLock lock(&shard.mutex);
    const auto found = shard.places.find(key);
    if (found != shard.places.end()) return shard.entries[found->second].value;
  }
  std::shared_ptr<const ResolvedStream> resolved = ResolveStream(label_text, tenant, settings);
  MutexLock lock(&shard.mutex);
  Add(key, resolved, &shard);
  return resolved;
}

void StreamCache::Add(const Hash128Value& key, std::shared_ptr<const ResolvedStream> value,
                      Shard* shard) {
  const size_t cost = Cost(*value);
  if (cost > shard_bytes_ || shard->places.contains(key)) return;
  while (shard->bytes + cost > shard_bytes_) EvictOne(shard);
  shard->places.emplace(key, static_cast<uint32_t>(shard->entries.size()));
  shard->entries.push_back({key, std::move(value)});
  shard->bytes += cost;
}

void StreamCache::EvictOne(Shard* shard) {
  shard->random = shard->random * 6364136223846793005 + 1442695040888963407;
  const size_t victim = (shard->random >> 33) % shard->entries.size();
  std::swap(shard->entries[victim], shard->entries.back());
  shard->places[shard->entries[victim].key] = static_cast<uint32_t>(victim);
  shard->bytes -= Cost(*shard->entries.back().value);
  shard->places.erase(shard->entries.back().key);
  shard->entries.pop_back();
}

size_t StreamCache::size_bytes() const {
  size_t total = 0;
  for (const Shard& shard : shards_) {
    MutexLock lock(&shard.mutex);
    total += shard.bytes;
  }
  return total;
}

}  // namespace skald::ingest
