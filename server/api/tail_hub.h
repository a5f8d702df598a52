// Brings rows that are stored to the tails that follow them.
//
// A push copies the rows of streams that some tail of its tenant wants into the tenant's buffer,
// and never waits for a tail; without tails it costs one look at a counter. Twice a second one
// thread takes the buffers and has every tail run its query over them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ingest/push_observer.h"
#include "server/api/tail.h"
#include "storage/base/memory_budget.h"
#include "storage/base/metrics.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"
#include "storage/row_buffer.h"

namespace skald::api {

// Threads: thread-safe.
class TailHub final : public ingest::PushObserver {
 public:
  // `memory` is charged for buffered rows; it and `metrics` must outlive the hub.
  TailHub(MemoryBudget* memory, MetricsRegistry* metrics);
  // REQUIRES: every tail was removed, or none is used any more.
  ~TailHub() override;

  // From now on the tail gets what its tenant's pushes store. ResourceExhausted with Loki's text
  // when the tenant has `most` tails already (0: any number).
  Status Add(std::shared_ptr<Tail> tail, uint32_t most);
  void Remove(const std::shared_ptr<Tail>& tail);

  void OnStored(std::string_view tenant, std::span<const StreamRows> rows) override;

 private:
  // What a tenant's pushes stored since the last round.
  struct Arrivals {
    std::unique_ptr<storage::RowBuffer> buffer;  // null: nothing
    Reservation memory;
    std::vector<DroppedRow> dropped;
  };
  struct Tenant {
    std::vector<std::shared_ptr<Tail>> tails;
    absl::flat_hash_map<StreamId, bool> wanted;  // whether any of them wants a stream
    Arrivals arrivals;
  };
  struct Work {
    std::vector<std::shared_ptr<Tail>> tails;
    Arrivals arrivals;
  };

  bool IsWanted(const Stream& stream, Tenant* tenant) SKALD_REQUIRES(mutex_);
  // Has the tails of the tenant asked again which streams they want.
  void ForgetWanted(Tenant* tenant) SKALD_REQUIRES(mutex_);
  void Buffer(std::string_view name, std::span<const StreamRows> rows, Tenant* tenant)
      SKALD_REQUIRES(mutex_);
  void Run();
  // Waits for the time of the next round; false when there shall be none.
  bool AwaitRound();
  std::vector<Work> TakeWork();

  MemoryBudget* const memory_;
  const uint64_t urgent_bytes_;  // a tenant with so many is not left until the next round
  const Gauge active_;
  const Gauge active_streams_;
  const Counter bytes_;
  std::atomic<size_t> tails_{0};
  Mutex mutex_;
  CondVar changed_;
  StringMap<Tenant> tenants_ SKALD_GUARDED_BY(mutex_);  // those with tails
  bool urgent_ SKALD_GUARDED_BY(mutex_) = false;        // a buffer fills up
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace skald::api
