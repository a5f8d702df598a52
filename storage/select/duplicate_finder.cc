#include "storage/select/duplicate_finder.h"

#include <algorithm>
#include <optional>

#include "storage/base/units.h"
#include "storage/select/pair_comparer.h"
#include "storage/select/part_duplicates.h"

namespace skald::storage {
namespace {

// So many overlaps are gathered before they are settled: memory stays bounded, whatever the number
// of streams.
constexpr size_t kGatheredOverlaps = 32 << 10;
// Two decoded blocks, and what is compared of them, but for metadata.
constexpr uint64_t kComparingMemory = 4_MiB;
// The work of comparing a span of time, in bytes of lines that take about as long to read.
constexpr uint64_t kComparingWork = 16_KiB;

// Sorts ranges and joins those that overlap or touch.
void Normalise(std::vector<RowRange>* ranges) {
  std::sort(ranges->begin(), ranges->end(),
            [](const RowRange& a, const RowRange& b) { return a.begin < b.begin; });
  size_t kept = 0;
  for (const RowRange& range : *ranges) {
    if (kept > 0 && range.begin <= (*ranges)[kept - 1].end) {
      (*ranges)[kept - 1].end = std::max((*ranges)[kept - 1].end, range.end);
    } else {
      (*ranges)[kept++] = range;
    }
  }
  ranges->resize(kept);
}

}  // namespace

StatusOr<HiddenRanges> DuplicateFinder::Find() {
  OverlapFinder finder(snapshot_, range_);
  for (uint32_t stream = 0; stream < sources_.size(); ++stream) {
    if (sources_[stream].size() < 2) continue;
    RETURN_IF_ERROR(CheckStop(stop_));
    RETURN_IF_ERROR(finder.Add(stream, sources_[stream], &overlaps_));
    RETURN_IF_ERROR(ChargeOverlaps());
    if (overlaps_.size() >= kGatheredOverlaps) RETURN_IF_ERROR(Settle());
  }
  RETURN_IF_ERROR(Settle());
  // A row may have copies in several earlier sources.
  for (auto& [where, hidden] : hidden_) Normalise(&hidden);
  return std::move(hidden_);
}

Status DuplicateFinder::ChargeOverlaps() {
  if (overlaps_.size() <= charged_overlaps_) return absl::OkStatus();
  RETURN_IF_ERROR(charge_.Add((overlaps_.size() - charged_overlaps_) * sizeof(SourceOverlap)));
  charged_overlaps_ = overlaps_.size();
  return absl::OkStatus();
}

const StreamSource& DuplicateFinder::SourceOf(uint32_t stream, size_t arrival) const {
  const std::vector<StreamSource>& sources = sources_[stream];
  return *std::lower_bound(
      sources.begin(), sources.end(), arrival,
      [](const StreamSource& source, size_t wanted) { return source.arrival < wanted; });
}

Status DuplicateFinder::Settle() {
  std::sort(overlaps_.begin(), overlaps_.end(), OverlapLess);
  std::span<const SourceOverlap> left = overlaps_;
  while (!left.empty()) {
    RETURN_IF_ERROR(CheckStop(stop_));
    const SourceOverlap& first = left.front();
    const auto end = std::find_if(left.begin(), left.end(), [&](const SourceOverlap& o) {
      return o.later != first.later || o.earlier != first.earlier;
    });
    const auto pair = left.first(static_cast<size_t>(end - left.begin()));
    RETURN_IF_ERROR(SettlePair(pair));
    left = left.subspan(pair.size());
  }
  overlaps_.clear();
  return absl::OkStatus();
}

std::vector<DuplicateFinder::StreamPair> DuplicateFinder::StreamsOf(
    std::span<const SourceOverlap> overlaps) const {
  std::vector<StreamPair> pairs;
  while (!overlaps.empty()) {
    const uint32_t stream = overlaps.front().stream;
    const auto end = std::find_if(overlaps.begin(), overlaps.end(),
                                  [&](const SourceOverlap& o) { return o.stream != stream; });
    const auto here = overlaps.first(static_cast<size_t>(end - overlaps.begin()));
    pairs.push_back({stream, &SourceOf(stream, here.front().earlier),
                     &SourceOf(stream, here.front().later), here});
    overlaps = overlaps.subspan(here.size());
  }
  std::sort(pairs.begin(), pairs.end(), [](const StreamPair& a, const StreamPair& b) {
    return a.later->ordinal < b.later->ordinal;
  });
  return pairs;
}

Status DuplicateFinder::SettlePair(std::span<const SourceOverlap> overlaps) {
  PartDuplicates learned;
  if (!IsPart(overlaps.front().later)) return SettleStreams(overlaps, nullptr, &learned);
  const CacheKey key{snapshot_.parts()[overlaps.front().later]->file_number(),
                     snapshot_.parts()[overlaps.front().earlier]->file_number(),
                     CacheKind::kDuplicates};
  const auto known = snapshot_.cache()->Find<PartDuplicates>(key);
  const Status status = SettleStreams(overlaps, known.get(), &learned);
  if (learned.empty()) return status;
  const auto all = PartDuplicates::Merge(known == nullptr ? PartDuplicates() : *known, learned);
  snapshot_.cache()->Replace<PartDuplicates>(key, all, all->charge());
  return status;
}

Status DuplicateFinder::SettleStreams(std::span<const SourceOverlap> overlaps,
                                      const PartDuplicates* known, PartDuplicates* learned) {
  PairComparer comparer(snapshot_, memory_);
  std::vector<DuplicateRun> copies;
  for (const StreamPair& pair : StreamsOf(overlaps)) {
    std::optional<std::span<const DuplicateRun>> found;
    if (known != nullptr) found = known->Find(pair.later->ordinal);
    if (!found.has_value()) {
      copies.clear();
      RETURN_IF_ERROR(Compare(pair, &comparer, &copies));
      if (IsPart(pair.later->arrival) && pair.overlaps.front().is_whole) {
        learned->Append(pair.later->ordinal, copies);
      }
      found = copies;
    }
    RETURN_IF_ERROR(Hide(pair, *found));
  }
  return absl::OkStatus();
}

Status DuplicateFinder::Compare(const StreamPair& pair, PairComparer* comparer,
                                std::vector<DuplicateRun>* copies) {
  if (comparing_.bytes() == 0) RETURN_IF_ERROR(comparing_.Grow(kComparingMemory));
  for (const SourceOverlap& overlap : pair.overlaps) {
    RETURN_IF_ERROR(Spend(stop_, kComparingWork));
    RETURN_IF_ERROR(comparer->Compare(*pair.earlier, *pair.later, overlap.span, copies));
  }
  return absl::OkStatus();
}

// Hides the later rows, but for those whose earlier copy is deleted.
Status DuplicateFinder::Hide(const StreamPair& pair, std::span<const DuplicateRun> copies) {
  if (copies.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(charge_.Add(copies.size() * sizeof(RowRange)));
  std::vector<RowRange>& hidden = hidden_[{pair.later->arrival, pair.stream}];
  const auto deleted = deleted_.find(pair.earlier->arrival);
  if (deleted != deleted_.end()) {
    return HideShown(*pair.earlier, *deleted->second, copies, &hidden);
  }
  for (const DuplicateRun& run : copies) hidden.push_back({run.later, run.later + run.rows});
  return absl::OkStatus();
}

Status DuplicateFinder::HideShown(const StreamSource& earlier, const HiddenRows& deleted,
                                  std::span<const DuplicateRun> copies,
                                  std::vector<RowRange>* hidden) {
  ASSIGN_OR_RETURN(const auto streams, snapshot_.parts()[earlier.arrival]->Streams());
  const uint64_t first_row = streams->first_row(earlier.ordinal);
  for (const DuplicateRun& run : copies) {
    for (uint64_t i = 0; i < run.rows; ++i) {
      ASSIGN_OR_RETURN(const bool is_deleted, deleted.Hides(first_row + run.earlier + i));
      if (is_deleted) continue;
      const uint64_t row = run.later + i;
      if (!hidden->empty() && hidden->back().end == row) {
        ++hidden->back().end;
      } else {
        hidden->push_back({row, row + 1});
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
