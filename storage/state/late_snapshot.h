// A snapshot taken while others keep so much memory that this one has to wait.
//
// A snapshot keeps the memtables that it shows, also when they have become parts. Most of what a
// selection costs is finding copies of rows among parts, which needs no memtable and is remembered
// in the page cache: so that is done in the meantime, and the moment that the snapshot shows is
// fixed afterwards, once others keep little enough.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/retention.h"
#include "storage/select/tenant_snapshot.h"
#include "storage/state/engine_state.h"

namespace skald::storage {

// The moment that the snapshots of one query show, fixed once. Threads: thread-safe.
class LateMoment {
 public:
  // Returns the engine's state once there is memory to keep it; as Fix().
  using Source = std::function<StatusOr<std::shared_ptr<const EngineState>>(const StopToken*)>;

  explicit LateMoment(Source source) : source_(std::move(source)) {}

  bool is_fixed() const;
  // The state that is shown; fixes it now if it is not. ResourceExhausted: running queries keep so
  // much that this may not.
  StatusOr<std::shared_ptr<const EngineState>> Fix(const StopToken* stop);

 private:
  const Source source_;
  mutable Mutex mutex_;
  std::shared_ptr<const EngineState> state_ SKALD_GUARDED_BY(mutex_);
};

// Threads: thread-safe. Must not outlive the engine.
class LateSnapshot final : public Snapshot {
 public:
  // `stored`: what is on disk now.
  LateSnapshot(std::string tenant, std::shared_ptr<LateMoment> moment, PageCache* cache,
               RetentionCuts cuts, std::shared_ptr<const StoredState> stored);

  using Snapshot::LabelNames;
  using Snapshot::LabelValues;
  using Snapshot::Select;
  using Snapshot::Streams;
  StatusOr<std::unique_ptr<Selection>> Select(std::span<const Matcher> matchers, TimeRange range,
                                              const StopToken* stop,
                                              MemoryBudget* memory) const override;
  StatusOr<std::vector<StreamPtr>> Streams(std::span<const Matcher> matchers, TimeRange range,
                                           const StopToken* stop,
                                           MemoryCharge* charge) const override;
  StatusOr<std::vector<std::string>> LabelNames(std::span<const Matcher> matchers, TimeRange range,
                                                const StopToken* stop,
                                                MemoryCharge* charge) const override;
  StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                 std::span<const Matcher> matchers, TimeRange range,
                                                 const StopToken* stop,
                                                 MemoryCharge* charge) const override;

 private:
  StatusOr<std::shared_ptr<const TenantSnapshot>> Fixed(const StopToken* stop) const;
  // Has it remembered which rows of the parts are copies of others.
  Status FindCopies(std::span<const Matcher> matchers, TimeRange range, const StopToken* stop,
                    MemoryBudget* memory) const;

  const std::string tenant_;
  const std::shared_ptr<LateMoment> moment_;
  PageCache* const cache_;
  const RetentionCuts cuts_;
  const std::shared_ptr<const StoredState> stored_;
};

}  // namespace skald::storage
