#include "storage/select/source_overlaps.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace skald::storage {
namespace {

// So many overlaps of one stream are joined to one for every two sources.
constexpr size_t kManyOverlaps = 32 << 10;

// A stream with no more blocks in a part is looked at whole, whatever the range: what is found of
// it may be remembered then. One with more only where the range covers all that it shares.
constexpr size_t kFewBlocks = 16;

TimeSpan Intersect(TimeSpan a, TimeSpan b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

bool Overlap(TimeSpan a, TimeSpan b) { return a.first <= b.last && b.first <= a.last; }

// True if some source begins before one that arrived earlier has ended.
bool AnyTouch(std::span<const StreamSource> sources) {
  int64_t end = std::numeric_limits<int64_t>::min();
  for (const StreamSource& source : sources) {
    if (&source != sources.data() && source.min_time <= end) return true;
    end = std::max(end, source.max_time);
  }
  return false;
}

// Joins the overlaps from `begin` on that have the same two sources; all are of one stream.
void JoinPairs(size_t begin, std::vector<SourceOverlap>* overlaps) {
  const auto first = overlaps->begin() + static_cast<ptrdiff_t>(begin);
  std::sort(first, overlaps->end(), OverlapLess);
  auto kept = first;
  for (auto next = first; next != overlaps->end(); ++next) {
    if (next == first) continue;
    if (next->later == kept->later && next->earlier == kept->earlier) {
      kept->span.last = std::max(kept->span.last, next->span.last);
    } else {
      *++kept = *next;
    }
  }
  overlaps->erase(kept + 1, overlaps->end());
}

}  // namespace

bool OverlapLess(const SourceOverlap& a, const SourceOverlap& b) {
  return std::tie(a.later, a.earlier, a.stream, a.span.first) <
         std::tie(b.later, b.earlier, b.stream, b.span.first);
}

Status OverlapFinder::Add(uint32_t stream, std::span<const StreamSource> sources,
                          std::vector<SourceOverlap>* overlaps) {
  if (!AnyTouch(sources)) return absl::OkStatus();  // one after the other, as a rule
  std::vector<StreamSource> by_begin(sources.begin(), sources.end());
  std::sort(by_begin.begin(), by_begin.end(),
            [](const StreamSource& a, const StreamSource& b) { return a.min_time < b.min_time; });
  spans_.clear();
  int64_t end = std::numeric_limits<int64_t>::min();  // of those that begin earlier
  for (size_t i = 0; i < by_begin.size(); ++i) {
    const StreamSource& source = by_begin[i];
    std::vector<TimeSpan> shared;  // with any other source
    if (i > 0 && source.min_time <= end) {
      shared.push_back({source.min_time, std::min(source.max_time, end)});
    }
    if (i + 1 < by_begin.size() && by_begin[i + 1].min_time <= source.max_time) {
      const int64_t begin = by_begin[i + 1].min_time;
      if (!shared.empty() && begin <= shared.back().last) {
        shared.back().last = source.max_time;
      } else {
        shared.push_back({begin, source.max_time});
      }
    }
    end = std::max(end, source.max_time);
    if (shared.empty()) continue;
    if (source.memtable == nullptr) {
      RETURN_IF_ERROR(AddPartSpans(source, std::move(shared)));
    } else if (!InRange(shared).empty()) {
      AddMemSpans(source);
    }
  }
  Sweep(stream, overlaps);
  return absl::OkStatus();
}

std::vector<TimeSpan> OverlapFinder::InRange(std::span<const TimeSpan> shared) const {
  const TimeSpan range{range_.begin, range_.end - 1};
  std::vector<TimeSpan> within;
  for (const TimeSpan& span : shared) {
    const TimeSpan clipped = Intersect(span, range);
    if (clipped.first <= clipped.last) within.push_back(clipped);
  }
  return within;
}

Status OverlapFinder::AddPartSpans(const StreamSource& source, std::vector<TimeSpan> shared) {
  const PartPtr& part = snapshot_.parts()[source.arrival];
  ASSIGN_OR_RETURN(const auto directory, part->Directory());
  ASSIGN_OR_RETURN(const auto streams, part->Streams());
  const auto [begin, end] = directory->BlocksOfRows(streams->first_row(source.ordinal),
                                                    streams->first_row(source.ordinal + 1));
  bool is_whole = end - begin <= kFewBlocks;
  if (!is_whole) {
    const std::vector<TimeSpan> within = InRange(shared);
    is_whole = within == shared;
    shared = within;
  }
  for (size_t i = begin; i < end; ++i) {
    const BlockInfo& info = directory->block(i);
    const TimeSpan of_block{info.min_time, info.max_time};
    const auto overlaps = [&](const TimeSpan& span) { return Overlap(span, of_block); };
    if (std::none_of(shared.begin(), shared.end(), overlaps)) continue;
    ASSIGN_OR_RETURN(const auto found, BlockSpans::Of(part, i, snapshot_.cache()));
    for (const TimeSpan& span : found->OfStream(source.ordinal)) {
      for (const TimeSpan& wanted : shared) {
        if (!Overlap(span, wanted)) continue;
        spans_.push_back(
            {Intersect(span, wanted), static_cast<uint32_t>(source.arrival), is_whole});
      }
    }
  }
  return absl::OkStatus();
}

void OverlapFinder::AddMemSpans(const StreamSource& source) {
  std::vector<int64_t> times;
  source.memtable->rows().ForEach(source.mem_rows, [&](const MemRow& row) {
    if (range_.Contains(row.time)) times.push_back(row.time);
  });
  if (times.empty()) return;
  if (!std::is_sorted(times.begin(), times.end())) std::sort(times.begin(), times.end());
  std::vector<TimeSpan> spans;
  AppendSpans(times, &spans);
  for (const TimeSpan& span : spans) {
    spans_.push_back({span, static_cast<uint32_t>(source.arrival), false});
  }
}

void OverlapFinder::Sweep(uint32_t stream, std::vector<SourceOverlap>* overlaps) {
  std::sort(spans_.begin(), spans_.end(),
            [](const SourceSpan& a, const SourceSpan& b) { return a.span.first < b.span.first; });
  const size_t begin = overlaps->size();
  size_t most = kManyOverlaps;
  std::vector<const SourceSpan*> open;
  for (const SourceSpan& next : spans_) {
    std::erase_if(open, [&](const SourceSpan* o) { return o->span.last < next.span.first; });
    for (const SourceSpan* other : open) {
      if (other->arrival == next.arrival) continue;
      const auto [earlier, later] = std::minmax(other->arrival, next.arrival);
      overlaps->push_back({later, earlier, stream, other->is_whole && next.is_whole,
                           Intersect(other->span, next.span)});
    }
    open.push_back(&next);
    if (overlaps->size() - begin < most) continue;
    JoinPairs(begin, overlaps);
    most = kManyOverlaps + 2 * (overlaps->size() - begin);
  }
}

}  // namespace skald::storage
