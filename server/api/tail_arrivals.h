// What a tenant's pushes stored since its tails last looked: rows in slices of bounded size, and
// word of those for which there was no room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/tail.h"
#include "storage/base/memory_budget.h"
#include "storage/model/row.h"
#include "storage/row_buffer.h"

namespace skald::api {

// Threads: externally synchronised.
class TailArrivals {
 public:
  static constexpr uint64_t kMaxBytes = 16 << 20;
  // What a tail looks at in one turn; a longer row is a slice of its own.
  static constexpr uint64_t kSliceBytes = 1 << 20;

  // Rows as a tail's query reads them. Threads: as RowBuffer.
  struct Slice {
    Slice(std::string_view tenant, MemoryBudget* budget) : rows(tenant), memory(budget) {}
    storage::RowBuffer rows;
    Reservation memory;
    uint64_t bytes = 0;
  };

  // `memory` is charged for the rows and must outlive the slices; it may be null.
  TailArrivals(std::string_view tenant, MemoryBudget* memory) : tenant_(tenant), memory_(memory) {}

  // Copies the rows in, as far as there is room for them.
  void Add(const StreamRows& stream);

  uint64_t bytes() const { return bytes_; }
  // Takes what has come, in order, and begins anew.
  std::vector<std::shared_ptr<Slice>> TakeSlices();
  std::vector<DroppedRow> TakeDropped();

 private:
  // Adds as many of the rows, from the first on, as the open slice takes; returns how many.
  size_t AddToSlice(const StreamRows& stream);
  void Drop(const StreamRows& stream);

  const std::string tenant_;
  MemoryBudget* const memory_;
  std::vector<std::shared_ptr<Slice>> slices_;  // the last one is open
  std::vector<DroppedRow> dropped_;
  uint64_t bytes_ = 0;
};

}  // namespace skald::api
