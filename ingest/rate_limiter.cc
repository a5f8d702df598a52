#include "ingest/rate_limiter.h"

#include <algorithm>

#include "storage/base/hash.h"

namespace skald::ingest {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kActiveFor = 30 * 60 * kSecond;
// How often a map is searched for what may be forgotten: a full one, one half full, others.
constexpr int64_t kSweepInterval = kSecond;
constexpr int64_t kHalfFullSweepInterval = 10 * kSecond;
constexpr int64_t kIdleSweepInterval = 60 * kSecond;
constexpr size_t kMaxActiveTenants = 100'000;
// So many streams ahead, memory is asked for.
constexpr size_t kAhead = 8;

// A bucket of other limits may be forgotten early; at worst it fills up again too soon.
constexpr int64_t kForgetAfter = 60 * kSecond;

// Forgets what `dead` says, and frees the room when little is left.
template <typename Map, typename Predicate>
void Sweep(Map* map, Predicate dead) {
  absl::erase_if(*map, dead);
  if (map->size() < map->capacity() / 4) map->rehash(0);
}

size_t SweepIdle(absl::flat_hash_map<StreamId, int64_t>* last_push, int64_t now) {
  Sweep(last_push, [now](const auto& stream) { return now - stream.second > kActiveFor; });
  return last_push->size();
}

}  // namespace

template <typename Map>
bool RateLimiter::MakeRoom(double rate, double burst, int64_t now, Map* buckets,
                           int64_t* last_sweep) {
  const bool full = buckets->size() >= max_buckets_;
  const int64_t interval = full                                  ? kSweepInterval
                           : buckets->size() >= max_buckets_ / 2 ? kHalfFullSweepInterval
                                                                 : kIdleSweepInterval;
  if (now - *last_sweep < interval) return !full;
  *last_sweep = now;
  Sweep(buckets, [&](const auto& entry) {
    const bool idle = now - entry.second.updated() > kForgetAfter;
    const bool refilled = entry.second.TokensAt(rate, burst, now) >= burst;
    return full ? idle || refilled : idle && refilled;
  });
  return buckets->size() < max_buckets_;
}

bool RateLimiter::AllowTenant(std::string_view tenant, double rate, double burst, uint64_t bytes,
                              int64_t now) {
  MutexLock lock(&mutex_);
  auto it = tenants_.find(tenant);
  if (it == tenants_.end()) {
    if (!MakeRoom(rate, burst, now, &tenants_, &last_tenants_sweep_)) return true;
    it = tenants_.emplace(std::string(tenant), TokenBucket(burst, now)).first;
  }
  return it->second.Take(static_cast<double>(bytes), rate, burst, now);
}

std::vector<size_t> RateLimiter::RefusedStreams(std::string_view tenant,
                                                std::span<const Demand> asked, double rate,
                                                double burst, int64_t now) {
  const uint64_t tenant_hash = Hash64(tenant);
  std::vector<size_t> refused;
  MutexLock lock(&mutex_);
  for (size_t i = 0; i < asked.size(); ++i) {
    if (i + kAhead < asked.size()) streams_.prefetch({tenant_hash, asked[i + kAhead].stream});
    if (!AllowStream({tenant_hash, asked[i].stream}, rate, burst, asked[i].bytes, now)) {
      refused.push_back(i);
    }
  }
  return refused;
}

bool RateLimiter::AllowStream(const StreamKey& key, double rate, double burst, uint64_t bytes,
                              int64_t now) {
  auto it = streams_.find(key);
  if (it == streams_.end()) {
    if (!MakeRoom(rate, burst, now, &streams_, &last_streams_sweep_)) return true;
    it = streams_.emplace(key, TokenBucket(burst, now)).first;
  }
  return it->second.Take(static_cast<double>(bytes), rate, burst, now);
}

bool RateLimiter::AllowActiveStream(std::string_view tenant, StreamId stream, uint32_t max_streams,
                                    int64_t now) {
  MutexLock lock(&mutex_);
  auto it = active_.find(tenant);
  if (it == active_.end()) {
    if (!MakeRoomForTenant(now)) return true;
    it = active_.emplace(std::string(tenant), ActiveStreams()).first;
  }
  ActiveStreams& active = it->second;
  if (const auto known = active.last_push.find(stream); known != active.last_push.end()) {
    known->second = now;
    return true;
  }
  if (active.last_push.size() >= max_streams) {
    if (now < active.next_sweep) return false;
    active.next_sweep = now + kSweepInterval;
    if (SweepIdle(&active.last_push, now) >= max_streams) return false;
  }
  active.last_push.emplace(stream, now);
  return true;
}

bool RateLimiter::MakeRoomForTenant(int64_t now) {
  const size_t most = std::min(max_buckets_, kMaxActiveTenants);
  if (active_.size() < most) return true;
  if (now < next_tenant_sweep_) return false;
  next_tenant_sweep_ = now + kSweepInterval;
  Sweep(&active_, [now](auto& tenant) { return SweepIdle(&tenant.second.last_push, now) == 0; });
  return active_.size() < most;
}

}  // namespace skald::ingest
