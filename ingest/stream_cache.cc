#include "ingest/stream_cache.h"

#include <numeric>
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
  std::shared_ptr<const ResolvedStream> result;
  Resolve(std::span(&label_text, 1), tenant, settings, std::span(&result, 1));
  return result;
}

void StreamCache::Resolve(std::span<const std::string_view> label_texts, std::string_view tenant,
                          const IngestSettings& settings,
                          std::span<std::shared_ptr<const ResolvedStream>> out) {
  // Texts mean different things to different tenants and under different settings.
  const uint64_t scope = Hash64(tenant, settings.id());
  std::array<Hash128Value, kMaxAtOnce> keys;
  std::array<uint16_t, kShards + 1> begins{};
  for (size_t i = 0; i < label_texts.size(); ++i) {
    keys[i] = Hash128(label_texts[i], scope);
    ++begins[ShardOf(keys[i]) + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::array<uint16_t, kMaxAtOnce> by_shard;
  std::array<uint16_t, kShards + 1> next = begins;
  for (size_t i = 0; i < label_texts.size(); ++i) {
    by_shard[next[ShardOf(keys[i])]++] = static_cast<uint16_t>(i);
  }
  for (size_t s = 0; s < kShards; ++s) {
    const auto wanted = std::span(by_shard).subspan(begins[s], size_t{begins[s + 1]} - begins[s]);
    if (!wanted.empty()) FindIn(&shards_[s], keys, wanted, out);
  }
  for (size_t i = 0; i < label_texts.size(); ++i) {
    if (out[i] != nullptr) continue;
    out[i] = ResolveStream(label_texts[i], tenant, settings);
    Shard& shard = shards_[ShardOf(keys[i])];
    MutexLock lock(&shard.mutex);
    Add(keys[i], out[i], &shard);
  }
}

void StreamCache::FindIn(Shard* shard, std::span<const Hash128Value> keys,
                         std::span<const uint16_t> wanted, std::span<Value> out) {
  MutexLock lock(&shard->mutex);
  if (wanted.size() > 1) {
    for (const uint16_t i : wanted) shard->entries.prefetch(keys[i]);
  }
  std::array<const Value*, kMaxAtOnce> found;
  for (size_t k = 0; k < wanted.size(); ++k) {
    const auto entry = shard->entries.find(keys[wanted[k]]);
    found[k] = entry == shard->entries.end() ? nullptr : &entry->second;
    if (found[k] != nullptr) __builtin_prefetch(found[k]->get(), /*rw=*/1);
  }
  for (size_t k = 0; k < wanted.size(); ++k) {
    if (found[k] != nullptr) out[wanted[k]] = *found[k];
  }
}

void StreamCache::Add(const Hash128Value& key, const Value& value, Shard* shard) {
  const size_t cost = Cost(*value);
  if (cost > shard_bytes_ || shard->entries.contains(key)) return;
  while (shard->bytes + cost > shard_bytes_) EvictOne(shard);
  shard->entries.emplace(key, value);
  shard->keys.push_back(key);
  shard->bytes += cost;
}

void StreamCache::EvictOne(Shard* shard) {
  shard->random = shard->random * 6364136223846793005 + 1442695040888963407;
  const size_t victim = (shard->random >> 33) % shard->keys.size();
  const auto entry = shard->entries.find(shard->keys[victim]);
  shard->bytes -= Cost(*entry->second);
  shard->entries.erase(entry);
  shard->keys[victim] = shard->keys.back();
  shard->keys.pop_back();
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
