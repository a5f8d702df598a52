// The limits on how fast and into how many streams a tenant pushes. Asked only where they are on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ingest/token_bucket.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"
#include "storage/model/ids.h"

namespace skald::ingest {

// Times are monotonic nanoseconds. Memory is bounded: a bucket unused for a minute and full again
// is forgotten by and by, when room is needed also one that is only one of both, and a stream
// counts as active for half an hour after a push. What is forgotten is freed.
//
// Threads: thread-safe.
class RateLimiter {
 public:
  // What a remembered stream takes, roughly.
  static constexpr size_t kBytesPerStream = 64;

  // `max_buckets` bounds the tenants and, separately, the streams that are remembered.
  explicit RateLimiter(size_t max_buckets = 1 << 20) : max_buckets_(max_buckets) {}

  // True if the tenant may push `bytes` now; they then count.
  bool AllowTenant(std::string_view tenant, double rate, double burst, uint64_t bytes, int64_t now);
  // The same for streams of a tenant: returns which of `asked` may not, as ascending indexes.
  struct Demand {
    StreamId stream;
    uint64_t bytes;
  };
  std::vector<size_t> RefusedStreams(std::string_view tenant, std::span<const Demand> asked,
                                     double rate, double burst, int64_t now);

  // True if the stream is active or may become so under a limit of `max_streams`, or if so many
  // tenants are active that this one is not counted.
  bool AllowActiveStream(std::string_view tenant, StreamId stream, uint32_t max_streams,
                         int64_t now);

 private:
  struct StreamKey {
    uint64_t tenant_hash;
    StreamId stream;
    bool operator==(const StreamKey&) const = default;
    template <typename H>
    friend H AbslHashValue(H state, const StreamKey& key) {
      return H::combine(std::move(state), key.tenant_hash, key.stream);
    }
  };
  struct ActiveStreams {
    absl::flat_hash_map<StreamId, int64_t> last_push;
    int64_t next_sweep = 0;
  };

  bool AllowStream(const StreamKey& key, double rate, double burst, uint64_t bytes, int64_t now)
      SKALD_REQUIRES(mutex_);
  // Forgets unused buckets now and then; false if the map is at its bound all the same.
  template <typename Map>
  bool MakeRoom(double rate, double burst, int64_t now, Map* buckets, int64_t* last_sweep)
      SKALD_REQUIRES(mutex_);
  // Forgets tenants without active streams when there are too many; false if there still are.
  bool MakeRoomForTenant(int64_t now) SKALD_REQUIRES(mutex_);

  const size_t max_buckets_;
  Mutex mutex_;
  StringMap<TokenBucket> tenants_ SKALD_GUARDED_BY(mutex_);
  int64_t last_tenants_sweep_ SKALD_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<StreamKey, TokenBucket> streams_ SKALD_GUARDED_BY(mutex_);
  int64_t last_streams_sweep_ SKALD_GUARDED_BY(mutex_) = 0;
  int64_t next_tenant_sweep_ SKALD_GUARDED_BY(mutex_) = 0;
  StringMap<ActiveStreams> active_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::ingest
