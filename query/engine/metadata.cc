#include "query/engine/metadata.h"

#include <algorithm>
#include <map>

#include "storage/base/memory_charge.h"

namespace skald::query {

StatusOr<std::vector<StreamPtr>> FindSeries(const storage::Snapshot& snapshot,
                                            std::span<const std::vector<Matcher>> selectors,
                                            TimeRange range, const StopToken* stop,
                                            MemoryCharge* charge) {
  static const std::vector<std::vector<Matcher>>* const kEverything =
      new std::vector<std::vector<Matcher>>(1);
  if (selectors.empty()) selectors = *kEverything;
  std::map<std::string_view, StreamPtr> by_text;
  for (const std::vector<Matcher>& matchers : selectors) {
    // Of a later selector, streams that are there already are charged only until it is done.
    const bool is_first = &matchers == selectors.data();
    MemoryCharge again(charge->budget());
    ASSIGN_OR_RETURN(const auto streams,
                     snapshot.Streams(matchers, range, stop, is_first ? charge : &again));
    for (const StreamPtr& stream : streams) {
      if (!by_text.try_emplace(stream->text, stream).second) continue;
      if (!is_first) RETURN_IF_ERROR(charge->Add(storage::AnswerMemory(stream->text)));
    }
  }
  std::vector<StreamPtr> series;
  for (auto& [text, stream] : by_text) series.push_back(std::move(stream));
  return series;
}

StatusOr<IndexStats> ComputeIndexStats(const storage::Snapshot& snapshot,
                                       std::span<const Matcher> matchers, TimeRange range,
                                       const StopToken* stop, MemoryBudget* memory) {
  ASSIGN_OR_RETURN(const auto selection, snapshot.Select(matchers, range, stop, memory));
  MemoryCharge charge(memory);
  RETURN_IF_ERROR(charge.Add(selection->streams().size() * sizeof(storage::StreamTotals)));
  ASSIGN_OR_RETURN(const auto totals, selection->Totals(stop));
  IndexStats stats;
  stats.chunks = selection->units().size();
  for (const storage::StreamTotals& total : totals) {
    if (total.rows == 0) continue;
    ++stats.streams;
    stats.entries += total.rows;
    stats.bytes += total.bytes;
  }
  return stats;
}

}  // namespace skald::query
