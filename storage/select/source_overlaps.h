// Finds where two sources of a stream both have rows at about the same time: only there can one
// hold a copy of the other's rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/timestamp.h"
#include "storage/select/stream_source.h"
#include "storage/select/tenant_snapshot.h"
#include "storage/select/time_spans.h"

namespace skald::storage {

struct SourceOverlap {
  uint32_t later;  // arrivals of the two sources
  uint32_t earlier;
  uint32_t stream;
  bool is_whole;  // the two have no other overlaps than those that were found
  TimeSpan span;
  bool operator==(const SourceOverlap&) const = default;
};

// Orders overlaps by their pair of sources, then by stream and time.
bool OverlapLess(const SourceOverlap& a, const SourceOverlap& b);

// Looks at spans of time (time_spans.h), so that one old row does not make a source overlap with
// all that came since. Rows outside of `range` are not looked at where there are many.
// Threads: externally synchronised.
class OverlapFinder {
 public:
  // The snapshot must outlive this.
  OverlapFinder(const TenantSnapshot& snapshot, TimeRange range)
      : snapshot_(snapshot), range_(range) {}

  // Appends the overlaps of one stream's sources, which are in order of arrival. Where very many
  // spans overlap, two sources may get one overlap that spans all of theirs.
  Status Add(uint32_t stream, std::span<const StreamSource> sources,
             std::vector<SourceOverlap>* overlaps);

 private:
  struct SourceSpan {
    TimeSpan span;
    uint32_t arrival;
    bool is_whole;  // all spans of the source were added that it shares with others
  };

  // `shared`: the times that the source may share with others.
  Status AddPartSpans(const StreamSource& source, std::vector<TimeSpan> shared);
  void AddMemSpans(const StreamSource& source);
  // `shared` as far as it lies in the range.
  std::vector<TimeSpan> InRange(std::span<const TimeSpan> shared) const;
  void Sweep(uint32_t stream, std::vector<SourceOverlap>* overlaps);

  const TenantSnapshot& snapshot_;
  const TimeRange range_;
  std::vector<SourceSpan> spans_;  // of the stream at hand
};

}  // namespace skald::storage
