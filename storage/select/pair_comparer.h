// Compares the rows that two sources of a stream have at the same times, with one decoded block of
// each in memory, whatever they hold.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/base/status.h"
#include "storage/memtable/memtable_block.h"
#include "storage/part/part_block.h"
#include "storage/select/duplicates.h"
#include "storage/select/source_rows.h"
#include "storage/select/stream_source.h"
#include "storage/select/tenant_snapshot.h"
#include "storage/select/time_spans.h"

namespace skald::storage {

// The block of a source that is open: streams that follow each other in a part share one.
// Threads: externally synchronised.
class OpenSourceBlock {
 public:
  // What the block's metadata takes is taken from `memory`, which may be null.
  OpenSourceBlock(const TenantSnapshot& snapshot, MemoryBudget* memory)
      : snapshot_(snapshot), memory_(memory) {}

  // The blocks of the source, by number, that may have rows in the span.
  StatusOr<std::vector<size_t>> BlocksIn(const StreamSource& source, TimeSpan span) const;
  // The source's rows in the span that lie in one of these blocks. Valid until the next call.
  StatusOr<SourceRows> Rows(const StreamSource& source, size_t block, TimeSpan span);

 private:
  static constexpr size_t kNone = ~size_t{0};

  StatusOr<SourceRows> PartRows(const StreamSource& source, size_t block, TimeSpan span);
  SourceRows MemRows(const StreamSource& source, TimeSpan span);

  const TenantSnapshot& snapshot_;
  Reservation memory_;
  size_t arrival_ = kNone;
  size_t index_ = kNone;
  std::unique_ptr<PartBlock> part_block_;
  std::unique_ptr<MemtableBlock> mem_block_;
  std::vector<int64_t> times_;  // of a memtable's rows
  std::vector<uint64_t> ids_;   // of a memtable's rows
};

// Threads: externally synchronised.
class PairComparer {
 public:
  // The snapshot and `memory`, which may be null, must outlive this.
  PairComparer(const TenantSnapshot& snapshot, MemoryBudget* memory)
      : earlier_(snapshot, memory), later_(snapshot, memory) {}

  // Appends the rows of a stream in `later` with times in the span that `earlier` has too.
  Status Compare(const StreamSource& earlier, const StreamSource& later, TimeSpan span,
                 std::vector<DuplicateRun>* copies);

 private:
  OpenSourceBlock earlier_;
  OpenSourceBlock later_;
};

}  // namespace skald::storage
