// Brings rows that are stored to the tails that follow them.
//
// A push copies the rows of streams that some tail of its tenant wants into the tenant's arrivals,
// and never waits for a tail; without tails it costs one look at a counter. Twice a second one
// thread takes what has arrived and has every tail run its query over it. Tenants take turns, and a
// turn is one tail's look at one slice: tails that are slow delay those of their own tenant, which
// gets nothing new until they are done, and others by a slice.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ingest/push_observer.h"
#include "server/api/fair_queue.h"
#include "server/api/tail.h"
#include "server/api/tail_arrivals.h"
#include "storage/base/memory_budget.h"
#include "storage/base/metrics.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"

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
  struct Tenant {
    Tenant(std::string_view name, MemoryBudget* memory) : arrivals(name, memory) {}
    std::vector<std::shared_ptr<Tail>> tails;
    absl::flat_hash_map<StreamId, bool> wanted;  // whether any of them wants a stream
    TailArrivals arrivals;
  };

  bool IsWanted(const Stream& stream, Tenant* tenant) SKALD_REQUIRES(mutex_);
  // Has the tails of the tenant asked again which streams they want.
  void ForgetWanted(Tenant* tenant) SKALD_REQUIRES(mutex_);
  void Buffer(std::span<const StreamRows> rows, Tenant* tenant) SKALD_REQUIRES(mutex_);

  // What the thread runs.
  void Run();
  // Waits until a round is due, or some tenant cannot wait for that; false when the hub stops.
  bool Await(std::chrono::steady_clock::time_point due);
  // Puts the turns of tenants that have none left into `turns`: of all, or of the urgent ones.
  void TakeArrivals(bool all, FairQueue* turns);
  // Where memory runs out, the tenant's tails end.
  static void AddTurns(const std::string& name, Tenant* tenant, FairQueue* turns);
  static Status TryAddTurns(const std::string& name, Tenant* tenant, FairQueue* turns);

  MemoryBudget* const memory_;
  const uint64_t urgent_bytes_;  // a tenant with so many is not left until the next round
  const Gauge active_;
  const Gauge active_streams_;
  const Counter bytes_;
  std::atomic<size_t> tails_{0};
  Mutex mutex_;
  CondVar changed_;
  StringMap<Tenant> tenants_ SKALD_GUARDED_BY(mutex_);  // those with tails
  bool urgent_ SKALD_GUARDED_BY(mutex_) = false;        // arrivals of some tenant pile up
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace skald::api
