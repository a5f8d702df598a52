// The selection over parts and memtables that BuildSelection makes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/memory_charge.h"
#include "storage/base/mutex.h"
#include "storage/memtable/memtable.h"
#include "storage/part/part.h"
#include "storage/reader.h"
#include "storage/select/deleted_rows.h"
#include "storage/select/tenant_snapshot.h"

namespace skald::storage {

// Selected streams of one memtable that make one scan unit.
struct MemUnit {
  struct Run {
    uint32_t stream;  // index into the selection's streams
    const MemStream* rows;
    uint32_t count;   // of its rows that were published when the selection was made
    TimeRange range;  // of those, the unit's
    // SourceRows ids of duplicates, sorted; null: none.
    std::shared_ptr<const std::vector<uint64_t>> hidden;
  };
  std::vector<Run> runs;
};

// Selected runs of one block of a part that make one scan unit.
struct PartUnit {
  struct Rows {  // of the block, [begin, end)
    uint32_t begin;
    uint32_t end;
  };
  std::shared_ptr<const Part> part;
  size_t block = 0;
  std::vector<StreamRun> runs;
  std::vector<int64_t> cuts;  // of each run: rows before this are past their retention
  std::vector<bool> whole;    // of each run: the part shows all its rows of the stream
  std::vector<Rows> hidden;   // duplicates; ascending
  std::shared_ptr<const HiddenRows> deleted;  // of the part; null: none
};

// Threads: immutable once built, but for a guarded memory of the filters' answers.
class StoredSelection : public Selection {
 public:
  // `memory` may be null; else it must outlive this.
  StoredSelection(std::shared_ptr<const TenantSnapshot> snapshot, TimeRange range,
                  MemoryBudget* memory)
      : snapshot_(std::move(snapshot)), range_(range), charge_(memory) {}

  const std::vector<StreamPtr>& streams() const override { return streams_; }
  const std::vector<ScanUnit>& units() const override { return units_; }
  StatusOr<std::unique_ptr<Block>> Open(size_t index, const StopToken* stop) const override;
  StatusOr<bool> MayMatch(size_t index,
                          std::span<const RequiredLiterals* const> required) const override;
  StatusOr<bool> MayHaveMetadata(size_t index, const RequiredMetadata& required) const override;
  StatusOr<std::vector<StreamTotals>> TotalsBetween(std::span<const int64_t> edges,
                                                    const StopToken* stop) const override;
  StatusOr<std::vector<StreamTotals>> Totals(const StopToken* stop) const override;
  ScanStats stats() const override { return stats_; }

  // The block that a unit of a part is.
  size_t BlockOf(size_t index) const { return details_[index].part->block; }

 private:
  friend class SelectionBuilder;
  struct Detail {
    // Exactly one of the two is set.
    std::unique_ptr<PartUnit> part;
    std::unique_ptr<MemUnit> memtable;
  };
  // The part's blocks in which `required` may be satisfied; worked out once per selection.
  StatusOr<std::shared_ptr<const RowSet>> PossibleBlocksOf(const std::shared_ptr<const Part>& part,
                                                           const RequiredLiterals& required) const;
  std::unique_ptr<Block> OpenMemtable(const MemUnit& unit) const;
  // The rows of the unit's block that are not visible.
  static std::vector<uint32_t> HiddenRowsOf(const PartUnit& unit);
  // Totals under construction, and the edges between which they are.
  struct Totalling {
    std::span<const int64_t> edges;
    std::vector<StreamTotals> totals;
    StreamTotals& At(uint32_t stream, size_t stretch) {
      return totals[stream * (edges.size() - 1) + stretch];
    }
  };
  // Adds the streams that the part shows whole and that lie between two edges, where their rows
  // begin; returns the other runs, and their cuts.
  StatusOr<PartUnit> CountWholeStreams(const PartUnit& unit, Totalling* totalling) const;
  // Opens the unit for its ranks; null: the table of streams has told all there is to count.
  StatusOr<std::unique_ptr<Block>> OpenForTotals(size_t unit, Totalling* totalling) const;
  Status AddTotals(size_t unit, const StopToken* stop, Totalling* totalling) const;

  const std::shared_ptr<const TenantSnapshot> snapshot_;
  const TimeRange range_;
  MemoryCharge charge_;
  std::vector<StreamPtr> streams_;
  std::vector<ScanUnit> units_;
  std::vector<Detail> details_;
  // Per stream: metadata bytes per row, for totals (metadata is not ranked).
  std::vector<double> metadata_bytes_per_row_;
  ScanStats stats_;

  // Answers of the parts' filters, by file number and hash of the literals.
  using PrunedKey = std::pair<uint64_t, std::pair<uint64_t, uint64_t>>;
  mutable Mutex pruned_mutex_;
  mutable absl::flat_hash_map<PrunedKey, std::shared_ptr<const RowSet>> pruned_
      SKALD_GUARDED_BY(pruned_mutex_);
};

}  // namespace skald::storage
