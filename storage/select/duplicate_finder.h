// Finds the rows of a selection that an earlier part or memtable has too: they are not shown.
//
// Costs follow the number of sources and the rows that may be copies, not the time that sources
// span. What two parts have in common is remembered in the page cache; parts never change.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/memory_budget.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/model/timestamp.h"
#include "storage/select/deleted_rows.h"
#include "storage/select/duplicates.h"
#include "storage/select/source_overlaps.h"
#include "storage/select/stream_source.h"
#include "storage/select/tenant_snapshot.h"

namespace skald::storage {

// Rows of a stream in one source, [begin, end), by their ids (SourceRows::id).
struct RowRange {
  uint64_t begin;
  uint64_t end;
};

// By arrival of the source and number of the stream; sorted, disjoint.
using HiddenRanges = absl::flat_hash_map<std::pair<size_t, uint32_t>, std::vector<RowRange>>;

// By arrival of the part.
using DeletedByArrival = absl::flat_hash_map<size_t, std::shared_ptr<const HiddenRows>>;

class PairComparer;
class PartDuplicates;

// Threads: externally synchronised.
class DuplicateFinder {
 public:
  // `sources`: of every selected stream, in order of arrival. `deleted`: rows that hide no copy,
  // because they are not shown themselves. Rows outside of `range` may be found or not. All must
  // outlive this. `memory` is charged as long as this lives; it and `stop` may be null. Comparing
  // parts is work that `stop` counts; when it refuses more, what was found until then is
  // remembered.
  DuplicateFinder(const TenantSnapshot& snapshot,
                  std::span<const std::vector<StreamSource>> sources,
                  const DeletedByArrival& deleted, TimeRange range, const StopToken* stop,
                  MemoryBudget* memory)
      : snapshot_(snapshot),
        sources_(sources),
        deleted_(deleted),
        range_(range),
        stop_(stop),
        memory_(memory),
        charge_(memory),
        comparing_(memory) {}

  StatusOr<HiddenRanges> Find();

 private:
  // The overlaps of one stream in two sources.
  struct StreamPair {
    uint32_t stream;
    const StreamSource* earlier;
    const StreamSource* later;
    std::span<const SourceOverlap> overlaps;
  };

  const StreamSource& SourceOf(uint32_t stream, size_t arrival) const;

  Status ChargeOverlaps();
  // Settles what was gathered in overlaps_.
  Status Settle();
  // The overlaps of two sources, by stream, in the order of the later one.
  std::vector<StreamPair> StreamsOf(std::span<const SourceOverlap> overlaps) const;
  Status SettlePair(std::span<const SourceOverlap> overlaps);
  // Hides what is known of two sources, or finds it and adds to `learned` what may be remembered.
  Status SettleStreams(std::span<const SourceOverlap> overlaps, const PartDuplicates* known,
                       PartDuplicates* learned);
  bool IsPart(size_t arrival) const { return arrival < snapshot_.parts().size(); }
  Status Compare(const StreamPair& pair, PairComparer* comparer, std::vector<DuplicateRun>* copies);
  Status Hide(const StreamPair& pair, std::span<const DuplicateRun> copies);
  Status HideShown(const StreamSource& earlier, const HiddenRows& deleted,
                   std::span<const DuplicateRun> copies, std::vector<RowRange>* hidden);

  const TenantSnapshot& snapshot_;
  const std::span<const std::vector<StreamSource>> sources_;
  const DeletedByArrival& deleted_;
  const TimeRange range_;
  const StopToken* const stop_;
  MemoryBudget* const memory_;
  MemoryCharge charge_;    // for overlaps and copies
  Reservation comparing_;  // for the blocks that are compared
  std::vector<SourceOverlap> overlaps_;
  size_t charged_overlaps_ = 0;
  HiddenRanges hidden_;
};

}  // namespace skald::storage
