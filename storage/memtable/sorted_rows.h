// The rows of a memtable's stream in the order that blocks and parts have them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "storage/memtable/memtable.h"
#include "storage/model/timestamp.h"

namespace skald::storage {

// True if the two are the same row: equal time, line and metadata as pushed.
bool SameRow(const MemRow& a, const MemRow& b);

// Of the first `count` rows of `stream` those with times in `range` (all, if it is nullopt), sorted
// by (time, arrival), each distinct row once (its first arrival). `*duplicates`, if not null, grows
// by the number dropped. REQUIRES: count <= a size() of its rows already loaded.
std::vector<MemRow> SortedRows(const MemStream& stream, uint32_t count,
                               std::optional<TimeRange> range, uint64_t* duplicates);

// Makes `rows` all rows of one stream that lies in several memtables, the earlier ones first, in
// the same order. REQUIRES: nothing is added to them any more.
void SortedRowsOfAll(std::span<const MemStream* const> streams, std::vector<MemRow>* rows);

// Cuts `range` into at most so many parts that hold about as many of the first `count` rows each.
std::vector<TimeRange> EqualSlices(const MemStream& stream, uint32_t count, TimeRange range,
                                   size_t slices);

}  // namespace skald::storage
