// The rows of a memtable's stream in the order that blocks and parts have them.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/memtable/memtable.h"
#include "storage/model/timestamp.h"

namespace skald::storage {

// True if the two are the same row: equal time, line and metadata as pushed.
bool SameRow(const MemRow& a, const MemRow& b);

// The published rows of `stream` with times in `range`, sorted by (time, arrival), each distinct
// row once (its first arrival). `*duplicates`, if not null, grows by the number dropped.
std::vector<MemRow> SortedRows(const MemStream& stream, TimeRange range, uint64_t* duplicates);

}  // namespace skald::storage
