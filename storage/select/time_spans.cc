#include "storage/select/time_spans.h"

#include <algorithm>
#include <utility>

#include "storage/part/part_block.h"

namespace skald::storage {
namespace {

constexpr uint64_t kRowsPerShare = 8;
constexpr uint64_t kFewestShares = 4;
constexpr uint64_t kMostShares = 64;

uint64_t Length(int64_t from, int64_t to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

}  // namespace

void AppendSpans(std::span<const int64_t> times, std::vector<TimeSpan>* spans) {
  const uint64_t shares = std::clamp(times.size() / kRowsPerShare, kFewestShares, kMostShares);
  const uint64_t longest_gap = Length(times.front(), times.back()) / shares;
  spans->push_back({times.front(), times.front()});
  for (const int64_t time : times) {
    if (Length(spans->back().last, time) > longest_gap) spans->push_back({time, time});
    spans->back().last = time;
  }
}

StatusOr<std::shared_ptr<const BlockSpans>> BlockSpans::Of(const std::shared_ptr<const Part>& part,
                                                           size_t block, PageCache* cache) {
  const CacheKey key{part->file_number(), block, CacheKind::kTimeSpans};
  if (auto known = cache->Find<BlockSpans>(key); known != nullptr) return known;
  auto found = std::make_shared<BlockSpans>();
  ASSIGN_OR_RETURN(const auto directory, part->Directory());
  ASSIGN_OR_RETURN(const auto streams, part->Streams());
  ASSIGN_OR_RETURN(const auto opened, PartBlock::OpenForCounts(part, block, {}, {}));
  ASSIGN_OR_RETURN(const std::span<const int64_t> times, opened->Timestamps());
  const BlockInfo& info = directory->block(block);
  found->first_stream_ = streams->StreamOf(info.first_row);
  uint64_t row = 0;  // of the block
  for (uint32_t ordinal = found->first_stream_; row < info.rows; ++ordinal) {
    const uint64_t end =
        std::min<uint64_t>(info.rows, streams->first_row(ordinal + 1) - info.first_row);
    if (end > row) AppendSpans(times.subspan(row, end - row), &found->spans_);
    found->ends_.push_back(static_cast<uint32_t>(found->spans_.size()));
    row = end;
  }
  found->spans_.shrink_to_fit();
  cache->Insert<BlockSpans>(key, std::shared_ptr<const BlockSpans>(found), found->charge());
  return std::shared_ptr<const BlockSpans>(std::move(found));
}

std::span<const TimeSpan> BlockSpans::OfStream(uint32_t ordinal) const {
  const uint32_t index = ordinal - first_stream_;
  const uint32_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::span(spans_).subspan(begin, ends_[index] - begin);
}

uint64_t BlockSpans::charge() const {
  return sizeof(BlockSpans) + ends_.capacity() * sizeof(uint32_t) +
         spans_.capacity() * sizeof(TimeSpan);
}

}  // namespace skald::storage
