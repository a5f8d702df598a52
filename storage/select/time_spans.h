// Spans of time that cover the rows of a stream in a block, long gaps left out: a part that has a
// body sent again after a minute holds two short spans, not a minute.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/base/status.h"
#include "storage/cache/page_cache.h"
#include "storage/part/part.h"

namespace skald::storage {

// Both ends included.
struct TimeSpan {
  int64_t first;
  int64_t last;
  bool operator==(const TimeSpan&) const = default;
};

// Appends spans that cover `times`, ascending and disjoint. Two are parted by a gap that takes more
// than a share of the time from the first row to the last: a quarter for few rows, a 64th for many;
// so there are 64 at most. REQUIRES: `times` ascend; there is at least one.
void AppendSpans(std::span<const int64_t> times, std::vector<TimeSpan>* spans);

// Of all streams in one block of a part. Threads: immutable.
class BlockSpans {
 public:
  // From the times page of the block, or as it was remembered in the part's cache.
  static StatusOr<std::shared_ptr<const BlockSpans>> Of(const std::shared_ptr<const Part>& part,
                                                        size_t block, PageCache* cache);

  // Of the stream with that ordinal. REQUIRES: it has rows in the block.
  std::span<const TimeSpan> OfStream(uint32_t ordinal) const;

 private:
  uint64_t charge() const;

  uint32_t first_stream_ = 0;
  std::vector<uint32_t> ends_;  // per stream, in spans_
  std::vector<TimeSpan> spans_;
};

}  // namespace skald::storage
