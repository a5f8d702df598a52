#include "query/engine/shared_series.h"

namespace skald::query {

StatusOr<uint32_t> SharedSeries::FindOrAdd(LabelsKey key, std::span<const LabelView> labels) {
  MutexLock lock(&mutex_);
  const uint32_t found = table_.Find(key);
  if (found != SeriesTable::kNone) return found;
  if (limit_ != 0 && table_.size() >= limit_) return TooManySeries(limit_);
  RETURN_IF_ERROR(charge_.Add(MemoryOf(labels)));
  return table_.Add(key, labels);
}

Status TooManySeries(uint32_t limit) {
  return InvalidArgument(
      StrCat("maximum number of series (", limit,
             ") reached for a single query; consider reducing query cardinality by adding more "
             "specific stream selectors, reducing the time range, or aggregating results with "
             "functions like sum(), count() or topk()"));
}

}  // namespace skald::query
