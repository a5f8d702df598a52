// One tenant's data at one moment: the parts and memtables that the engine showed when it was made.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/cache/page_cache.h"
#include "storage/memtable/memtable.h"
#include "storage/part/part.h"
#include "storage/reader.h"
#include "storage/retention.h"
#include "storage/select/active_delete.h"

namespace skald::storage {

using PartPtr = std::shared_ptr<const Part>;
using PartList = std::vector<PartPtr>;  // in log order

class HiddenRows;

// What a part shows of a selector's streams.
struct PartStreams {
  OrdinalSet ordinals;
  // Rows of the part that delete requests hide; null: none.
  std::shared_ptr<const HiddenRows> hidden;
};

// Rows appended to the active memtable after the snapshot was taken may or may not be seen.
// Threads: immutable.
class TenantSnapshot : public Snapshot, public std::enable_shared_from_this<TenantSnapshot> {
 public:
  // `memtables` from the oldest to the active one; all their rows came after those of `parts`.
  // `deletes` may be null: there are none.
  TenantSnapshot(std::string tenant, std::shared_ptr<const PartList> parts,
                 std::vector<std::shared_ptr<const Memtable>> memtables, PageCache* cache,
                 RetentionCuts cuts = RetentionCuts(),
                 std::shared_ptr<const DeleteList> deletes = nullptr);

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

  const PartList& parts() const { return *parts_; }
  const std::vector<std::shared_ptr<const Memtable>>& memtables() const { return memtables_; }
  // The streams of parts()[part] that match and may have visible rows in the range.
  StatusOr<PartStreams> StreamsOf(size_t part, std::span<const Matcher> matchers, TimeRange range,
                                  const StopToken* stop) const;
  // The tenant's rows in memtables()[i], or null.
  const MemTenant* mem_tenant(size_t i) const { return mem_tenants_[i]; }
  PageCache* cache() const { return cache_; }
  const RetentionCuts& cuts() const { return cuts_; }

 private:
  // What delete requests hide, in the range, of the streams of a part; null: nothing.
  StatusOr<std::shared_ptr<const HiddenRows>> HiddenIn(const PartPtr& part,
                                                       const OrdinalSet& streams, TimeRange range,
                                                       const StopToken* stop) const;
  // Calls f(stream) for every stream of the memtables that matches and overlaps the range.
  template <typename F>
  Status ForEachMemStream(std::span<const Matcher> matchers, TimeRange range, const StopToken* stop,
                          F&& f) const;

  const std::string tenant_;
  const std::shared_ptr<const PartList> parts_;
  const std::vector<std::shared_ptr<const Memtable>> memtables_;
  std::vector<const MemTenant*> mem_tenants_;
  PageCache* const cache_;
  const RetentionCuts cuts_;
  const std::shared_ptr<const DeleteList> deletes_;
};

// The ordinals of a part's streams that match and may have rows in the range, as far as they are
// not cut.
StatusOr<OrdinalSet> MatchingStreams(const Part& part, std::span<const Matcher> matchers,
                                     TimeRange range, const RetentionCuts& cuts);

}  // namespace skald::storage
