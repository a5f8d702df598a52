#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <utility>

#include "query/engine/metadata.h"
#include "query/engine/query_context.h"
#include "storage/base/memory_charge.h"
#include "storage/base/saturating.h"

namespace skald::query {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr uint64_t kUnit = 1024;
// Bytes are counted for stretches of this length and spread evenly over each: Loki's chunks span
// about so much, and it knows no more of them.
constexpr int64_t kStretch = int64_t{2} * 3600 * 1'000'000'000;
// Longer ranges, of years, are cut into so many stretches.
constexpr uint64_t kMaxStretches = 20'000;

// The range of a volume query cut at the multiples of a length: [edges[i], edges[i + 1]). 0: uncut.
std::vector<int64_t> EdgesOf(const VolumeParams& params, int64_t length) {
  std::vector<int64_t> edges{params.start};
  int64_t edge = params.start;
  int64_t next = length > 0 ? length - BeyondMultiple(params.start, length) : 0;  // is so far away
  while (next > 0 && !__builtin_add_overflow(edge, next, &edge) && edge < params.end) {
    edges.push_back(edge);
    next = length;
  }
  edges.push_back(params.end);
  return edges;
}

// Nanoseconds from one time to a later one, which may be more than int64 holds.
uint64_t Length(int64_t begin, int64_t end) {
  return static_cast<uint64_t>(end) - static_cast<uint64_t>(begin);
}

// How long the stretches are; 0: the whole range is one.
int64_t StretchOf(const VolumeParams& params) {
  if (params.step == 0) return 0;
  const uint64_t shortest = Length(params.start, params.end) / kMaxStretches;
  return std::max(kStretch, static_cast<int64_t>(shortest));
}

// When a bucket's sample stands: at its last millisecond, the last one's at the end of the range.
int64_t SampleTime(const VolumeParams& params, int64_t bucket_end) {
  return bucket_end == params.end ? params.end : SaturatingSubtract(bucket_end, kMillisecond);
}

// Bytes of a stream per stretch. Metadata is counted by rows, of which it is a small and even part.
std::vector<double> BytesOf(std::span<const storage::StreamTotals> stretches) {
  storage::StreamTotals sum;
  for (const storage::StreamTotals& stretch : stretches) {
    sum.rows += stretch.rows;
    sum.bytes += stretch.bytes - stretch.line_bytes;
  }
  const double metadata_per_row =
      sum.rows == 0 ? 0 : static_cast<double>(sum.bytes) / static_cast<double>(sum.rows);
  std::vector<double> bytes;
  for (const storage::StreamTotals& stretch : stretches) {
    bytes.push_back(static_cast<double>(stretch.line_bytes) +
                    metadata_per_row * static_cast<double>(stretch.rows));
  }
  return bytes;
}

bool HasRows(std::span<const storage::StreamTotals> stretches) {
  return std::any_of(stretches.begin(), stretches.end(),
                     [](const storage::StreamTotals& stretch) { return stretch.rows > 0; });
}

// Spreads a stream's bytes evenly over each stretch, and puts them into the buckets between
// `edges`; together they are whole KiB, as Loki tells them. Stretches and buckets cover the same
// range.
std::vector<uint64_t> Spread(const std::vector<int64_t>& stretches,
                             const std::vector<double>& bytes, const std::vector<int64_t>& edges) {
  const double total = std::accumulate(bytes.begin(), bytes.end(), 0.0);
  const auto rounded = static_cast<uint64_t>(std::llround(total / kUnit)) * kUnit;
  const double factor = total > 0 ? static_cast<double>(rounded) / total : 0;
  std::vector<uint64_t> buckets;
  double whole = 0;  // bytes of the stretches that end at or before the edge
  uint64_t before = 0;
  size_t stretch = 0;
  for (size_t i = 1; i < edges.size(); ++i) {
    while (stretch < bytes.size() && stretches[stretch + 1] <= edges[i]) whole += bytes[stretch++];
    double upto = whole;
    if (stretch < bytes.size()) {
      const uint64_t reached = Length(stretches[stretch], edges[i]);
      const uint64_t whole_stretch = Length(stretches[stretch], stretches[stretch + 1]);
      upto += bytes[stretch] * static_cast<double>(reached) / static_cast<double>(whole_stretch);
    }
    const auto sum = static_cast<uint64_t>(std::llround(upto * factor));
    buckets.push_back(sum - before);
    before = sum;
  }
  return buckets;
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
  VolumeTable(const VolumeParams& params, const std::vector<int64_t>& edges, MemoryBudget* memory)
      : params_(params), edges_(edges), names_(GroupingNames(params)), charge_(memory) {}

  // Adds a stream's bytes per bucket to the groups it belongs to. InvalidArgument when they become
  // too many.
  Status Add(const LabelSet& labels, const std::vector<uint64_t>& bytes) {
    if (!params_.by_label_names) {
      if (!HasTargets(labels, params_)) return absl::OkStatus();
      LabelSet group = Project(labels, names_);
      ASSIGN_OR_RETURN(VolumeSeries* const series, Group(group.ToString(), bytes));
      series->labels = std::move(group);
      return absl::OkStatus();
    }
    for (size_t i = 0; i < labels.size(); ++i) {
      const std::string name(labels[i].name);
      if (!names_.empty() && !names_.contains(name)) continue;
      ASSIGN_OR_RETURN(VolumeSeries* const series, Group(name, bytes));
      series->name = name;
    }
    return absl::OkStatus();
  }

  StatusOr<std::vector<VolumeSeries>> Finish() {
    std::vector<Entry*> entries;
    for (auto& [key, entry] : groups_) {
      if (params_.step == 0 || entry.series.total > 0) entries.push_back(&entry);
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) {
      return a->series.total > b->series.total;
    });
    if (entries.size() > params_.limit) entries.resize(params_.limit);
    std::vector<VolumeSeries> result;
    for (Entry* entry : entries) {
      RETURN_IF_ERROR(FillSamples(entry));
      result.push_back(std::move(entry->series));
    }
    return result;
  }

 private:
  struct Entry {
    VolumeSeries series;
    std::vector<uint64_t> bytes;
  };

  // The group's series, with the bytes added.
  StatusOr<VolumeSeries*> Group(const std::string& key, const std::vector<uint64_t>& bytes) {
    auto found = groups_.find(key);
    if (found == groups_.end()) {
      RETURN_IF_ERROR(CheckRoom(key.size()));
      found = groups_.emplace(key, Entry()).first;
      found->second.bytes.resize(bytes.size());
    }
    Entry& entry = found->second;
    for (size_t i = 0; i < bytes.size(); ++i) {
      entry.bytes[i] += bytes[i];
      entry.series.total += bytes[i];
    }
    return &entry.series;
  }

  // For one more group, whose name is so long.
  Status CheckRoom(size_t key_size) {
    if (groups_.size() >= params_.max_series) {
      return InvalidArgument(StrCat(
          "the query hit the max number of series limit (limit: ", params_.max_series, " series)"));
    }
    // The key, and the same in the series.
    return charge_.Add(2 * key_size + sizeof(Entry) + edges_.size() * sizeof(uint64_t));
  }

  Status FillSamples(Entry* entry) {
    const std::vector<uint64_t>& bytes = entry->bytes;
    const auto is_shown = [this](uint64_t count) { return count > 0 || params_.step == 0; };
    const auto shown = std::count_if(bytes.begin(), bytes.end(), is_shown);
    RETURN_IF_ERROR(charge_.Add(static_cast<uint64_t>(shown) * sizeof(VolumeSample)));
    entry->series.samples.reserve(static_cast<size_t>(shown));
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (!is_shown(bytes[i])) continue;
      entry->series.samples.push_back({SampleTime(params_, edges_[i + 1]), bytes[i]});
    }
    return absl::OkStatus();
  }

  const VolumeParams& params_;
  const std::vector<int64_t>& edges_;
  const std::set<std::string> names_;
  MemoryCharge charge_;
  std::map<std::string, Entry> groups_;
};

}  // namespace

StatusOr<std::vector<VolumeSeries>> ComputeVolume(const storage::Snapshot& snapshot,
                                                  const VolumeParams& params, const StopToken* stop,
                                                  MemoryBudget* memory) {
  const std::vector<int64_t> edges = EdgesOf(params, params.step);
  const std::vector<int64_t> stretches = EdgesOf(params, StretchOf(params));
  const TimeRange range{params.start, params.end};
  ASSIGN_OR_RETURN(const auto selection, snapshot.Select(params.matchers, range, stop, memory));
  const size_t count = stretches.size() - 1;
  MemoryCharge charge(memory);
  RETURN_IF_ERROR(charge.Add(selection->streams().size() * count * sizeof(storage::StreamTotals)));
  ASSIGN_OR_RETURN(const auto totals, selection->TotalsBetween(stretches, stop));
  VolumeTable table(params, edges, memory);
  for (size_t stream = 0; stream < selection->streams().size(); ++stream) {
    RETURN_IF_ERROR(CheckStop(stop));
    const auto of_stream = std::span(totals).subspan(stream * count, count);
    if (!HasRows(of_stream)) continue;
    RETURN_IF_ERROR(table.Add(selection->streams()[stream]->labels,
                              Spread(stretches, BytesOf(of_stream), edges)));
  }
  return table.Finish();
}

}  // namespace skald::query
