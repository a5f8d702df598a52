#include "storage/select/selection_builder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/memtable/sorted_rows.h"
#include "storage/model/matches_all.h"
#include "storage/select/duplicate_finder.h"
#include "storage/select/stored_selection.h"
#include "storage/select/stream_source.h"

namespace skald::storage {
namespace {

// A memtable unit is closed at this many bytes or rows. A stream that alone has many times that is
// cut into several, each of which looks at all of its rows' times.
constexpr uint64_t kMemUnitBytes = 1 << 20;
constexpr uint64_t kMemUnitRows = 16 << 10;
constexpr uint64_t kUnitsPerCut = 4;
// What a selection holds, roughly, besides the text of streams: of a stream, of a source of one, of
// a unit, and of a run in one.
constexpr uint64_t kStreamMemory = 256;
constexpr uint64_t kSourceMemory = sizeof(StreamSource) + 16;
constexpr uint64_t kUnitMemory = sizeof(PartUnit) + sizeof(ScanUnit) + 64;
constexpr uint64_t kRunMemory = sizeof(StreamRun) + 16;
// Work, in bytes of lines that take about as long: to look at a stream of a memtable, and to add a
// source of a stream to the selection.
constexpr uint64_t kMemStreamWork = 64;
constexpr uint64_t kSourceWork = 512;

// A selected stream of a part or memtable.
struct Selected {
  uint32_t stream;   // index into the selection's streams
  uint32_t ordinal;  // in its part
};

std::vector<uint64_t> RowsOf(const std::vector<RowRange>& ranges) {
  std::vector<uint64_t> rows;
  for (const RowRange& range : ranges) {
    for (uint64_t row = range.begin; row < range.end; ++row) rows.push_back(row);
  }
  return rows;
}

StatusOr<StreamPtr> LoadStream(const Part& part, uint32_t ordinal, StreamId id, PageCache* cache) {
  const CacheKey key{id.high, id.low, CacheKind::kStream};
  std::shared_ptr<const Stream> stream = cache->Find<Stream>(key);
  if (stream != nullptr) return stream;
  ASSIGN_OR_RETURN(const auto index, part.Index());
  ASSIGN_OR_RETURN(const auto streams, part.Streams());
  stream = std::make_shared<const Stream>(streams->Labels(ordinal, *index));
  cache->Insert<Stream>(key, stream, sizeof(Stream) + 3 * stream->text.size());
  return stream;
}

}  // namespace

class SelectionBuilder {
 public:
  SelectionBuilder(std::shared_ptr<const TenantSnapshot> snapshot, TimeRange range,
                   MemoryBudget* memory)
      : snapshot_(std::move(snapshot)),
        range_(range),
        memory_(memory),
        selection_(std::make_unique<StoredSelection>(snapshot_, range, memory)) {}

  StatusOr<std::unique_ptr<StoredSelection>> Build(std::span<const Matcher> matchers,
                                                   const StopToken* stop) {
    if (range_.empty()) return std::move(selection_);
    RETURN_IF_ERROR(FindSources(matchers, stop));
    DuplicateFinder finder(*snapshot_, sources_, deleted_, range_, stop, memory_);
    ASSIGN_OR_RETURN(hidden_, finder.Find());
    for (size_t i = 0; i < snapshot_->parts().size(); ++i) RETURN_IF_ERROR(AddPartUnits(i));
    for (size_t i = 0; i < snapshot_->memtables().size(); ++i) AddMemUnits(i);
    SetMetadataAverages();
    return std::move(selection_);
  }

  StatusOr<std::vector<StreamPtr>> FindStreams(std::span<const Matcher> matchers,
                                               const StopToken* stop) {
    if (!range_.empty()) RETURN_IF_ERROR(FindSources(matchers, stop));
    return std::move(selection_->streams_);
  }

 private:
  Status FindSources(std::span<const Matcher> matchers, const StopToken* stop) {
    for (size_t i = 0; i < snapshot_->parts().size(); ++i) {
      RETURN_IF_ERROR(FindPartStreams(i, matchers, stop));
    }
    for (size_t i = 0; i < snapshot_->memtables().size(); ++i) {
      RETURN_IF_ERROR(FindMemStreams(i, matchers, stop));
    }
    return absl::OkStatus();
  }

  size_t MemArrival(size_t memtable) const { return snapshot_->parts().size() + memtable; }

  // The index of a selected stream; load() gets it when it is new.
  template <typename Load>
  StatusOr<uint32_t> Intern(StreamId id, Load load) {
    const auto [entry, inserted] =
        by_id_.try_emplace(id, static_cast<uint32_t>(selection_->streams_.size()));
    if (inserted) {
      ASSIGN_OR_RETURN(StreamPtr stream, load());
      RETURN_IF_ERROR(selection_->charge_.Add(kStreamMemory + stream->text.size()));
      selection_->streams_.push_back(std::move(stream));
      sources_.emplace_back();
      totals_.emplace_back();
      cuts_.push_back(snapshot_->cuts().CutOf(selection_->streams_.back()->labels));
    }
    return entry->second;
  }

  Status FindPartStreams(size_t arrival, std::span<const Matcher> matchers, const StopToken* stop) {
    const Part& part = *snapshot_->parts()[arrival];
    ASSIGN_OR_RETURN(PartStreams shown, snapshot_->StreamsOf(arrival, matchers, range_, stop));
    const OrdinalSet matching = std::move(shown.ordinals);
    if (matching.isEmpty()) return absl::OkStatus();
    if (shown.hidden != nullptr) {
      RETURN_IF_ERROR(selection_->charge_.Add(shown.hidden->charge()));
      deleted_[arrival] = std::move(shown.hidden);
    }
    ASSIGN_OR_RETURN(const auto streams, part.Streams());
    ASSIGN_OR_RETURN(const auto ids, part.Ids());
    std::vector<Selected>& selected = selected_[arrival];
    RETURN_IF_ERROR(Spend(stop, matching.cardinality() * kSourceWork));
    RETURN_IF_ERROR(selection_->charge_.Add(matching.cardinality() * kSourceMemory));
    for (const uint32_t ordinal : matching) {
      const StreamId id = ids->Get(ordinal);
      const StreamExtent& extent = streams->extent(ordinal);
      ASSIGN_OR_RETURN(const uint32_t index, Intern(id, [&] {
                         return LoadStream(part, ordinal, id, snapshot_->cache());
                       }));
      sources_[index].push_back({arrival, extent.min_time, extent.max_time, ordinal, nullptr, 0});
      selected.push_back({index, ordinal});
      totals_[index].first += extent.rows;
      totals_[index].second += extent.metadata_bytes;
    }
    return absl::OkStatus();
  }

  Status FindMemStreams(size_t memtable, std::span<const Matcher> matchers, const StopToken* stop) {
    const MemTenant* tenant = snapshot_->mem_tenant(memtable);
    if (tenant == nullptr) return absl::OkStatus();
    RETURN_IF_ERROR(Spend(stop, tenant->streams().size() * kMemStreamWork));
    const size_t arrival = MemArrival(memtable);
    Status status;
    tenant->streams().ForEach(tenant->streams().size(), [&](const MemStream* stream) {
      const uint32_t rows = stream->rows().size();  // before the bounds, which then hold for them
      const int64_t min_time = stream->min_time();
      const int64_t max_time = stream->max_time();
      if (!status.ok() || rows == 0 || !range_.Overlaps(min_time, max_time)) return;
      const LabelSet& labels = stream->stream()->labels;
      if (!MatchesAll(labels, matchers)) return;
      if (!snapshot_->cuts().Narrow(range_, labels).Overlaps(min_time, max_time)) return;
      status = selection_->charge_.Add(kSourceMemory);
      const auto index =
          Intern(stream->stream()->id, [&] { return StatusOr<StreamPtr>(stream->stream()); });
      status.Update(index.status());
      if (!status.ok()) return;
      sources_[*index].push_back({arrival, min_time, max_time, 0, stream, rows});
      selected_[arrival].push_back({*index, 0});
      totals_[*index].first += rows;
      totals_[*index].second += stream->metadata_bytes();
    });
    RETURN_IF_ERROR(status);
    const auto selected = selected_.find(arrival);
    return selected == selected_.end() ? absl::OkStatus()
                                       : Spend(stop, selected->second.size() * kSourceWork);
  }

  // The source of a selected stream in the part or memtable of that arrival.
  const StreamSource& SourceOf(uint32_t stream, size_t arrival) const {
    const std::vector<StreamSource>& sources = sources_[stream];
    return *std::lower_bound(
        sources.begin(), sources.end(), arrival,
        [](const StreamSource& source, size_t wanted) { return source.arrival < wanted; });
  }

  Status AddPartUnits(size_t arrival) {
    const auto selected = selected_.find(arrival);
    if (selected == selected_.end()) return absl::OkStatus();
    const PartPtr& part = snapshot_->parts()[arrival];
    ASSIGN_OR_RETURN(const auto directory, part->Directory());
    ASSIGN_OR_RETURN(const auto streams, part->Streams());
    size_t open_block = directory->size();
    for (const auto& [stream, ordinal] : selected->second) {
      const uint64_t first = streams->first_row(ordinal);
      const uint64_t last = streams->first_row(ordinal + 1);
      const TimeRange range = RetentionCuts::NarrowTo(range_, cuts_[stream]);
      const bool is_whole = IsWhole(arrival, stream, ordinal, range, *streams);
      const auto [block_begin, block_end] = directory->BlocksOfRows(first, last);
      for (size_t i = block_begin; i < block_end; ++i) {
        const BlockInfo& info = directory->block(i);
        if (!range.Overlaps(info.min_time, info.max_time)) {
          ++selection_->stats_.blocks_skipped;
          continue;
        }
        RETURN_IF_ERROR(selection_->charge_.Add(i == open_block ? kRunMemory : kUnitMemory));
        if (i != open_block) {
          AddPartUnit(part, arrival, i, info);
          open_block = i;
        }
        AddRun(stream, arrival, first, last, info);
        selection_->details_.back().part->whole.push_back(is_whole);
      }
    }
    return absl::OkStatus();
  }

  // True if a part shows all its rows of a stream.
  bool IsWhole(size_t arrival, uint32_t stream, uint32_t ordinal, TimeRange range,
               const StreamTable& streams) const {
    const StreamExtent& extent = streams.extent(ordinal);
    if (!range.Covers(extent.min_time, extent.max_time)) return false;
    if (hidden_.contains({arrival, stream})) return false;
    const auto deleted = deleted_.find(arrival);
    return deleted == deleted_.end() || !deleted->second->streams().contains(ordinal);
  }

  void AddPartUnit(const PartPtr& part, size_t arrival, size_t block, const BlockInfo& info) {
    auto unit = std::make_unique<PartUnit>();
    unit->part = part;
    unit->block = block;
    if (const auto found = deleted_.find(arrival); found != deleted_.end()) {
      unit->deleted = found->second;
    }
    selection_->details_.push_back({std::move(unit), nullptr});
    ScanUnit scan;
    scan.min_time = std::max(info.min_time, range_.begin);
    scan.max_time = std::min(info.max_time, range_.end - 1);
    scan.arrival = arrival;
    selection_->units_.push_back(scan);
  }

  // Adds the part of the stream's rows [first, last) that lies in the open unit's block.
  void AddRun(uint32_t stream, size_t arrival, uint64_t first, uint64_t last,
              const BlockInfo& info) {
    const uint64_t begin = std::max(first, info.first_row);
    const uint64_t end = std::min(last, info.first_row + info.rows);
    PartUnit& unit = *selection_->details_.back().part;
    unit.runs.push_back({stream, static_cast<uint32_t>(begin - info.first_row),
                         static_cast<uint32_t>(end - info.first_row)});
    unit.cuts.push_back(cuts_[stream]);
    ScanUnit& scan = selection_->units_.back();
    scan.rows += end - begin;
    scan.line_bytes += kMemUnitBytes * (end - begin) / info.rows;
    const auto hidden = hidden_.find({arrival, stream});
    if (hidden == hidden_.end()) return;
    auto range = std::upper_bound(hidden->second.begin(), hidden->second.end(), begin - first,
                                  [](uint64_t row, const RowRange& r) { return row < r.end; });
    for (; range != hidden->second.end() && first + range->begin < end; ++range) {
      const uint64_t hidden_begin = std::max(first + range->begin, begin);
      const uint64_t hidden_end = std::min(first + range->end, end);
      unit.hidden.push_back({static_cast<uint32_t>(hidden_begin - info.first_row),
                             static_cast<uint32_t>(hidden_end - info.first_row)});
    }
  }

  // A unit of a memtable under construction.
  struct OpenMemUnit {
    std::unique_ptr<MemUnit> unit;
    ScanUnit scan;
  };

  void Close(OpenMemUnit* open) {
    if (open->unit == nullptr) return;
    selection_->details_.push_back({nullptr, std::move(open->unit)});
    selection_->units_.push_back(open->scan);
  }

  void AddMemUnits(size_t memtable) {
    const size_t arrival = MemArrival(memtable);
    const auto selected = selected_.find(arrival);
    if (selected == selected_.end()) return;
    OpenMemUnit open;
    for (const Selected& entry : selected->second) {
      const StreamSource& source = SourceOf(entry.stream, arrival);
      std::shared_ptr<const std::vector<uint64_t>> hidden;
      if (const auto found = hidden_.find({arrival, entry.stream}); found != hidden_.end()) {
        hidden = std::make_shared<const std::vector<uint64_t>>(RowsOf(found->second));
      }
      const TimeRange range = RetentionCuts::NarrowTo(range_, cuts_[entry.stream]);
      const uint64_t units =
          std::max(source.mem_rows / kMemUnitRows, source.memtable->line_bytes() / kMemUnitBytes);
      const size_t slices = units / kUnitsPerCut + 1;
      for (const TimeRange slice : EqualSlices(*source.memtable, source.mem_rows, range, slices)) {
        AddMemRun(entry.stream, source, slice, slices, hidden, &open);
      }
    }
    Close(&open);
  }

  // Adds a slice, one of so many of about the same size, to the open unit.
  void AddMemRun(uint32_t stream, const StreamSource& source, TimeRange slice, size_t slices,
                 const std::shared_ptr<const std::vector<uint64_t>>& hidden, OpenMemUnit* open) {
    const int64_t min_time = std::max(source.min_time, slice.begin);
    const int64_t max_time = std::min(source.max_time, slice.end - 1);
    ScanUnit& scan = open->scan;
    if (open->unit == nullptr) {
      open->unit = std::make_unique<MemUnit>();
      scan = ScanUnit{min_time, max_time, 0, 0, source.arrival};
    }
    open->unit->runs.push_back({stream, source.memtable, source.mem_rows, slice, hidden});
    scan.min_time = std::min(scan.min_time, min_time);
    scan.max_time = std::max(scan.max_time, max_time);
    scan.rows += source.mem_rows / slices;
    scan.line_bytes += source.memtable->line_bytes() / slices;
    if (scan.rows >= kMemUnitRows || scan.line_bytes >= kMemUnitBytes) Close(open);
  }

  void SetMetadataAverages() {
    for (const auto& [rows, bytes] : totals_) {
      selection_->metadata_bytes_per_row_.push_back(
          rows == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(rows));
    }
  }

  const std::shared_ptr<const TenantSnapshot> snapshot_;
  const TimeRange range_;
  MemoryBudget* const memory_;
  std::unique_ptr<StoredSelection> selection_;
  absl::flat_hash_map<StreamId, uint32_t> by_id_;
  std::vector<std::vector<StreamSource>> sources_;               // per selected stream
  std::vector<int64_t> cuts_;                                    // per selected stream
  std::vector<std::pair<uint64_t, uint64_t>> totals_;            // rows and metadata bytes
  absl::flat_hash_map<size_t, std::vector<Selected>> selected_;  // arrival -> streams, in order
  HiddenRanges hidden_;                                          // duplicates
  DeletedByArrival deleted_;
};

StatusOr<std::unique_ptr<StoredSelection>> BuildSelection(
    std::shared_ptr<const TenantSnapshot> snapshot, std::span<const Matcher> matchers,
    TimeRange range, const StopToken* stop, MemoryBudget* memory) {
  return SelectionBuilder(std::move(snapshot), range, memory).Build(matchers, stop);
}

StatusOr<std::vector<StreamPtr>> FindStreams(std::shared_ptr<const TenantSnapshot> snapshot,
                                             std::span<const Matcher> matchers, TimeRange range,
                                             const StopToken* stop, MemoryCharge* charge) {
  std::vector<StreamPtr> streams;
  {
    SelectionBuilder builder(std::move(snapshot), range, charge->budget());
    ASSIGN_OR_RETURN(streams, builder.FindStreams(matchers, stop));
  }
  // Only now, for until here they were charged with what finding them took.
  for (const StreamPtr& stream : streams) RETURN_IF_ERROR(charge->Add(AnswerMemory(stream->text)));
  return streams;
}

StatusOr<std::unique_ptr<StoredSelection>> BuildPartSelection(
    const std::shared_ptr<const Part>& part, std::span<const Matcher> matchers, TimeRange range,
    PageCache* cache, const StopToken* stop) {
  auto parts = std::make_shared<const PartList>(1, part);
  return BuildSelection(
      std::make_shared<TenantSnapshot>(part->footer().tenant, std::move(parts),
                                       std::vector<std::shared_ptr<const Memtable>>(), cache),
      matchers, range, stop, nullptr);
}

}  // namespace skald::storage
