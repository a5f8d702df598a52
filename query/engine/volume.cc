#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "query/engine/metadata.h"

namespace skald::query {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr uint64_t kUnit = 1024;

// Bytes of one stream in one bucket of time.
struct BucketBytes {
  std::vector<uint64_t> lines;
  std::vector<uint64_t> rows;
};

// The buckets of a volume query: [edges[i], edges[i + 1]).
std::vector<int64_t> EdgesOf(const VolumeParams& params) {
  std::vector<int64_t> edges{params.start};
  if (params.step > 0) {
    int64_t edge = params.start - params.start % params.step + params.step;
    for (; edge < params.end; edge += params.step) edges.push_back(edge);
  }
  edges.push_back(params.end);
  return edges;
}

// When a bucket's sample stands: at its last millisecond, the last one's at the end of the range.
int64_t SampleTime(const VolumeParams& params, int64_t bucket_end) {
  return bucket_end == params.end ? params.end : bucket_end - kMillisecond;
}

StatusOr<std::vector<BucketBytes>> CountBuckets(const storage::Selection& selection,
                                                const std::vector<int64_t>& edges,
                                                const StopToken* stop) {
  std::vector<BucketBytes> counts(selection.streams().size());
  std::vector<storage::Rank> ranks(edges.size());
  for (BucketBytes& count : counts) {
    count.lines.resize(edges.size() - 1);
    count.rows.resize(edges.size() - 1);
  }
  for (size_t unit = 0; unit < selection.units().size(); ++unit) {
    ASSIGN_OR_RETURN(const auto block, selection.Open(unit, stop));
    for (const storage::StreamRun& run : block->runs()) {
      RETURN_IF_ERROR(block->RanksAt(run, edges, std::span(ranks)));
      for (size_t i = 0; i + 1 < edges.size(); ++i) {
        counts[run.stream].lines[i] += ranks[i + 1].line_bytes - ranks[i].line_bytes;
        counts[run.stream].rows[i] += ranks[i + 1].rows - ranks[i].rows;
      }
    }
  }
  return counts;
}

// Rounds a stream's bytes to whole KiB over all buckets, as Loki tells them.
void RoundToUnits(std::vector<uint64_t>* buckets) {
  uint64_t total = 0;
  for (const uint64_t bytes : *buckets) total += bytes;
  if (total == 0) return;
  const uint64_t rounded = (total + kUnit / 2) / kUnit * kUnit;
  const double factor = static_cast<double>(rounded) / static_cast<double>(total);
  uint64_t before = 0;  // exact and rounded bytes of the buckets so far
  uint64_t rounded_before = 0;
  for (uint64_t& bytes : *buckets) {
    before += bytes;
    const auto upto = static_cast<uint64_t>(std::llround(static_cast<double>(before) * factor));
    bytes = upto - rounded_before;
    rounded_before = upto;
  }
}

// The labels by which streams are grouped, or whose names are counted; empty: all of a stream's.
std::set<std::string> GroupingNames(const VolumeParams& params) {
  std::set<std::string> names(params.target_labels.begin(), params.target_labels.end());
  if (names.empty() && !params.by_label_names) {
    for (const Matcher& matcher : params.matchers) names.insert(matcher.name());
  }
  return names;
}

// True if the stream has every label that was asked for by name.
bool HasTargets(const LabelSet& labels, const VolumeParams& params) {
  return std::all_of(params.target_labels.begin(), params.target_labels.end(),
                     [&](const std::string& name) { return labels.Has(name); });
}

LabelSet Project(const LabelSet& labels, const std::set<std::string>& names) {
  if (names.empty()) return labels;
  std::vector<std::pair<std::string, std::string>> kept;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string name(labels[i].name);
    if (names.contains(name)) kept.emplace_back(name, labels[i].value);
  }
  return LabelSet::FromPairs(std::move(kept));
}

class VolumeTable {
 public:
  VolumeTable(const VolumeParams& params, const std::vector<int64_t>& edges)
      : params_(params), edges_(edges), names_(GroupingNames(params)) {}

  // Adds a stream's bytes per bucket to the groups it belongs to.
  void Add(const LabelSet& labels, const std::vector<uint64_t>& bytes) {
    if (!params_.by_label_names) {
      if (!HasTargets(labels, params_)) return;
      LabelSet group = Project(labels, names_);
      VolumeSeries& series = Group(group.ToString(), bytes);
      series.labels = std::move(group);
      return;
    }
    for (size_t i = 0; i < labels.size(); ++i) {
      const std::string name(labels[i].name);
      if (!names_.empty() && !names_.contains(name)) continue;
      Group(name, bytes).name = name;
    }
  }

  StatusOr<std::vector<VolumeSeries>> Finish() {
    if (groups_.size() > params_.max_series) {
      return InvalidArgument(StrCat(
          "the query hit the max number of series limit (limit: ", params_.max_series, " series)"));
    }
    std::vector<VolumeSeries> result;
    for (auto& [key, group] : groups_) {
      FillSamples(&group);
      if (!group.series.samples.empty()) result.push_back(std::move(group.series));
    }
    std::stable_sort(
        result.begin(), result.end(),
        [](const VolumeSeries& a, const VolumeSeries& b) { return a.total > b.total; });
    if (result.size() > params_.limit) result.resize(params_.limit);
    return result;
  }

 private:
  struct Entry {
    VolumeSeries series;
    std::vector<uint64_t> bytes;
  };

  VolumeSeries& Group(const std::string& key, const std::vector<uint64_t>& bytes) {
    Entry& entry = groups_[key];
    entry.bytes.resize(bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) {
      entry.bytes[i] += bytes[i];
      entry.series.total += bytes[i];
    }
    return entry.series;
  }

  void FillSamples(Entry* entry) const {
    for (size_t i = 0; i < entry->bytes.size(); ++i) {
      if (entry->bytes[i] == 0 && params_.step > 0) continue;
      entry->series.samples.push_back({SampleTime(params_, edges_[i + 1]), entry->bytes[i]});
    }
  }

  const VolumeParams& params_;
  const std::vector<int64_t>& edges_;
  const std::set<std::string> names_;
  std::map<std::string, Entry> groups_;
};

}  // namespace

StatusOr<std::vector<VolumeSeries>> ComputeVolume(const storage::Snapshot& snapshot,
                                                  const VolumeParams& params,
                                                  const StopToken* stop) {
  const std::vector<int64_t> edges = EdgesOf(params);
  const TimeRange range{params.start, params.end};
  ASSIGN_OR_RETURN(const auto selection, snapshot.Select(params.matchers, range, stop));
  ASSIGN_OR_RETURN(const auto totals, selection->Totals(stop));
  ASSIGN_OR_RETURN(const auto counts, CountBuckets(*selection, edges, stop));
  VolumeTable table(params, edges);
  for (size_t stream = 0; stream < counts.size(); ++stream) {
    uint64_t line_bytes = 0;
    for (const uint64_t bytes : counts[stream].lines) line_bytes += bytes;
    const storage::StreamTotals& total = totals[stream];
    if (total.rows == 0) continue;
    // Metadata is counted by rows, of which it is a small and even part.
    const double metadata_per_row =
        static_cast<double>(total.bytes - std::min(total.bytes, line_bytes)) /
        static_cast<double>(total.rows);
    std::vector<uint64_t> bytes = counts[stream].lines;
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] += static_cast<uint64_t>(
          std::llround(metadata_per_row * static_cast<double>(counts[stream].rows[i])));
    }
    RoundToUnits(&bytes);
    table.Add(selection->streams()[stream]->labels, bytes);
  }
  return table.Finish();
}

}  // namespace skald::query
