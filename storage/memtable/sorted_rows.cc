#include "storage/memtable/sorted_rows.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "storage/base/hash.h"
#include "storage/base/same_text.h"
#include "storage/memtable/row_metadata.h"

namespace skald::storage {
namespace {

// Groups of rows with one time up to this size are compared pair by pair.
constexpr size_t kPairwise = 16;
// Times that are looked at for every slice.
constexpr size_t kSlicePoints = 64;

struct HashedRow {
  MemRow row;
  uint64_t hash;
};
struct RowHash {
  size_t operator()(const HashedRow& row) const { return row.hash; }
};
struct RowEqual {
  bool operator()(const HashedRow& a, const HashedRow& b) const {
    return a.hash == b.hash && SameRow(a.row, b.row);
  }
};

// Hashes row after row: metadata that many have in one place, once.
class RowHasher {
 public:
  HashedRow Hash(const MemRow& row) {
    const std::string_view metadata = row.metadata();
    if (metadata.data() != metadata_.data() || metadata.size() != metadata_.size()) {
      metadata_ = metadata;
      metadata_hash_ = Hash64(SplitRowMetadata(metadata).pairs);
    }
    return {row, Hash64(row.line(), metadata_hash_)};
  }

 private:
  std::string_view metadata_;
  uint64_t metadata_hash_ = Hash64({});
};

bool ByTime(const MemRow& a, const MemRow& b) { return a.time < b.time; }

// Moves the distinct rows of [first, last), which share a time, to `to`; returns the new end.
MemRow* KeepDistinct(const MemRow* first, const MemRow* last, MemRow* to) {
  MemRow* const begin = to;
  if (last - first <= static_cast<ptrdiff_t>(kPairwise)) {
    for (; first != last; ++first) {
      const bool seen = std::any_of(begin, to, [&](const MemRow& r) { return SameRow(r, *first); });
      if (!seen) *to++ = *first;
    }
    return to;
  }
  absl::flat_hash_set<HashedRow, RowHash, RowEqual> seen;
  RowHasher hasher;
  for (; first != last; ++first) {
    const HashedRow row = hasher.Hash(*first);
    if (seen.insert(row).second) *to++ = row.row;
  }
  return to;
}

void DropDuplicates(std::vector<MemRow>* rows) {
  MemRow* to = rows->data();
  const MemRow* const end = rows->data() + rows->size();
  for (const MemRow* first = rows->data(); first != end;) {
    const MemRow* last = first + 1;
    while (last != end && last->time == first->time) ++last;
    if (last - first == 1) {
      *to++ = *first;
    } else {
      to = KeepDistinct(first, last, to);
    }
    first = last;
  }
  rows->resize(static_cast<size_t>(to - rows->data()));
}

void SortAndDropDuplicates(std::vector<MemRow>* rows) {
  if (!std::is_sorted(rows->begin(), rows->end(), ByTime)) {
    std::stable_sort(rows->begin(), rows->end(), ByTime);
  }
  DropDuplicates(rows);
}

}  // namespace

bool SameRow(const MemRow& a, const MemRow& b) {
  return a.time == b.time && a.line() == b.line() &&
         SameText(SplitRowMetadata(a.metadata()).pairs, SplitRowMetadata(b.metadata()).pairs);
}

std::vector<MemRow> SortedRows(const MemStream& stream, uint32_t count,
                               std::optional<TimeRange> range, uint64_t* duplicates) {
  std::vector<MemRow> rows;
  if (range.has_value() && !range->Overlaps(stream.min_time(), stream.max_time())) return rows;
  if (!range.has_value() || range->Covers(stream.min_time(), stream.max_time())) {
    rows.reserve(count);
  }
  stream.rows().ForEach(count, [&](const MemRow& row) {
    if (!range.has_value() || range->Contains(row.time)) rows.push_back(row);
  });
  const size_t before = rows.size();
  SortAndDropDuplicates(&rows);
  if (duplicates != nullptr) *duplicates += before - rows.size();
  return rows;
}

std::vector<TimeRange> EqualSlices(const MemStream& stream, uint32_t count, TimeRange range,
                                   size_t slices) {
  if (slices <= 1) return {range};
  std::vector<int64_t> times;  // of some of the rows
  const auto step = std::max<uint32_t>(1, count / static_cast<uint32_t>(slices * kSlicePoints));
  uint32_t row = 0;
  stream.rows().ForEach(count, [&](const MemRow& r) {
    if (row++ % step == 0 && range.Contains(r.time)) times.push_back(r.time);
  });
  std::sort(times.begin(), times.end());
  std::vector<TimeRange> result;
  int64_t begin = range.begin;
  for (size_t i = 1; i < slices; ++i) {
    const size_t at = times.size() * i / slices;
    if (at >= times.size() || times[at] <= begin) continue;
    result.push_back({begin, times[at]});
    begin = times[at];
  }
  result.push_back({begin, range.end});
  return result;
}

void SortedRowsOfAll(std::span<const MemStream* const> streams, std::vector<MemRow>* rows) {
  rows->clear();
  size_t count = 0;
  for (const MemStream* stream : streams) count += stream->rows().size();
  rows->reserve(count);
  for (const MemStream* stream : streams) {
    stream->rows().ForEach(stream->rows().size(), [&](const MemRow& row) { rows->push_back(row); });
  }
  SortAndDropDuplicates(rows);
}

}  // namespace skald::storage
