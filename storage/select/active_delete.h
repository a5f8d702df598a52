// A delete request that is not yet processed, as readers and merges meet it.
//
// Rows logged up to the request's position are all in parts before it is accepted (delete_book.h),
// so it never concerns a memtable. While it is active, parts of both sides of its position are
// merged only where those after it have no rows in its time range (merge_plan.h): a part whose log
// range begins at or before the position thus has, within that time range, only rows that the
// request may hide.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "storage/catalog/catalog_state.h"
#include "storage/delete_predicate.h"
#include "storage/model/timestamp.h"
#include "storage/part/part.h"

namespace skald::storage {

// Threads: immutable; shared by pointer.
struct ActiveDelete {
  DeleteRequest request;
  std::shared_ptr<const DeletePredicate> predicate;
  uint64_t serial = 0;    // names it in the page cache; unique within the process
  bool in_force = false;  // false: about to be accepted, hides nothing, but keeps parts apart

  TimeRange range() const {
    const bool is_last = request.end == std::numeric_limits<int64_t>::max();
    return {request.start, is_last ? request.end : request.end + 1};
  }
  // False only if it hides no row of the part.
  bool Concerns(const PartFooter& part) const {
    return in_force && part.log_first <= request.position &&
           range().Overlaps(part.min_time, part.max_time);
  }
};

// One tenant's.
using DeleteList = std::vector<std::shared_ptr<const ActiveDelete>>;

}  // namespace skald::storage
