#include "storage/part/part_block.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/base/gallop.h"
#include "storage/model/row.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

Status CheckEncoding(const PageInfo& page) {
  if (page.encoding == kFirstEncoding) return absl::OkStatus();
  return absl::FailedPreconditionError(StrCat("a page of kind ", static_cast<int>(page.kind),
                                              " has encoding ", static_cast<int>(page.encoding),
                                              ", which this version cannot read"));
}

}  // namespace

StatusOr<std::unique_ptr<PartBlock>> PartBlock::Open(std::shared_ptr<const Part> part, size_t block,
                                                     std::vector<StreamRun> runs,
                                                     std::vector<uint32_t> hidden) {
  ASSIGN_OR_RETURN(auto result,
                   OpenForCounts(std::move(part), block, std::move(runs), std::move(hidden)));
  RETURN_IF_ERROR(result->LoadMetadataDirectory());
  return result;
}

StatusOr<std::unique_ptr<PartBlock>> PartBlock::OpenForCounts(std::shared_ptr<const Part> part,
                                                              size_t block,
                                                              std::vector<StreamRun> runs,
                                                              std::vector<uint32_t> hidden) {
  std::unique_ptr<PartBlock> result(
      new PartBlock(std::move(part), std::move(runs), std::move(hidden)));
  RETURN_IF_ERROR(result->Init(block));
  return result;
}

Status PartBlock::Init(size_t block) {
  ASSIGN_OR_RETURN(directory_, part_->Directory());
  ASSIGN_OR_RETURN(const auto streams, part_->Streams());
  const BlockInfo& info = directory_->block(block);
  rows_ = info.rows;
  min_time_ = info.min_time;
  max_time_ = info.max_time;
  pages_ = directory_->pages(block);
  stats_.blocks_read = 1;
  stats_.duplicates = hidden_.size();
  LayOutGroups(*streams, info);
  return absl::OkStatus();
}

void PartBlock::LayOutGroups(const StreamTable& streams, const BlockInfo& info) {
  const uint64_t end = info.first_row + info.rows;
  uint64_t row = info.first_row;
  groups_.Reserve(info.rows / kGroupRows + runs_.size() + 1);
  for (uint32_t stream = streams.StreamOf(row); row < end; ++stream) {
    const uint64_t run_end = std::min(end, streams.first_row(stream + 1));
    groups_.AddRun(static_cast<uint32_t>(run_end - row));
    row = run_end;
  }
}

Status PartBlock::CutRuns(std::span<const int64_t> begins) {
  if (NeedsTimes(begins)) RETURN_IF_ERROR(LoadTimes());
  for (size_t i = 0; i < runs_.size(); ++i) {
    runs_[i].begin = RowAt(runs_[i], begins[i], runs_[i].begin);
  }
  std::erase_if(runs_, [](const StreamRun& run) { return run.begin == run.end; });
  return absl::OkStatus();
}

StatusOr<std::vector<PageInfo>> PartBlock::PagesOf(PageKind kind) const {
  std::vector<PageInfo> pages;
  for (const PageInfo& page : pages_) {
    if (page.kind != kind) continue;
    RETURN_IF_ERROR(CheckEncoding(page));
    pages.push_back(page);
  }
  return pages;
}

StatusOr<PageInfo> PartBlock::PageOf(PageKind kind) const {
  for (const PageInfo& page : pages_) {
    if (page.kind != kind) continue;
    RETURN_IF_ERROR(CheckEncoding(page));
    return page;
  }
  return DataLoss("a page of a block is missing");
}

Status PartBlock::LoadTimes() {
  if (times_page_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PageInfo page, PageOf(PageKind::kTimes));
  ASSIGN_OR_RETURN(times_page_, part_->ReadTimes(page, groups_.counts, &stats_.compressed_bytes));
  return absl::OkStatus();
}

Status PartBlock::LoadLengths() {
  if (lengths_page_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PageInfo page, PageOf(PageKind::kLengths));
  ASSIGN_OR_RETURN(lengths_page_,
                   part_->ReadLengths(page, groups_.counts, &stats_.compressed_bytes));
  return absl::OkStatus();
}

StatusOr<std::span<const int64_t>> PartBlock::Timestamps() { return TimestampsOf(0, rows_); }

StatusOr<std::span<const int64_t>> PartBlock::TimestampsOf(uint32_t begin, uint32_t end) {
  if (begin == end) return std::span<const int64_t>();
  RETURN_IF_ERROR(LoadTimes());
  if (times_.empty()) {
    times_.resize(rows_);
    has_times_.resize(groups_.counts.size());
  }
  const size_t first = begin == 0 ? 0 : groups_.GroupOf(begin);
  for (size_t group = first; group < has_times_.size() && groups_.first[group] < end; ++group) {
    if (has_times_[group]) continue;
    times_page_->Decode(group, times_.data() + groups_.first[group]);
    has_times_[group] = true;
  }
  return std::span<const int64_t>(times_).subspan(begin, end - begin);
}

StatusOr<std::pair<uint32_t, uint32_t>> PartBlock::RowsBetween(const StreamRun& run,
                                                               int64_t first_time,
                                                               int64_t last_time) {
  const bool is_last = last_time == std::numeric_limits<int64_t>::max();
  const std::array<int64_t, 2> edges{first_time, is_last ? last_time : last_time + 1};
  if (NeedsTimes(edges)) RETURN_IF_ERROR(LoadTimes());
  const uint32_t begin = RowAt(run, edges[0], run.begin);
  return std::pair(begin, is_last ? run.end : RowAt(run, edges[1], begin));
}

Status PartBlock::SelectRows(TimeRange range, RowSet* rows) {
  rows->Reset(rows_, false);
  if (range.Covers(min_time_, max_time_)) {
    for (const StreamRun& run : runs_) rows->AddRange(run.begin, run.end);
  } else if (range.Overlaps(min_time_, max_time_)) {
    const std::array<int64_t, 2> edges{range.begin, range.end};
    if (NeedsTimes(edges)) RETURN_IF_ERROR(LoadTimes());
    for (const StreamRun& run : runs_) {
      const uint32_t from = RowAt(run, range.begin, run.begin);
      rows->AddRange(from, RowAt(run, range.end, from));
    }
  }
  for (const uint32_t row : hidden_) rows->Remove(row);
  return absl::OkStatus();
}

StatusOr<LineColumn*> PartBlock::Lines() {
  if (lines_ == nullptr) {
    RETURN_IF_ERROR(LoadLengths());
    std::vector<uint64_t> starts(rows_ + size_t{1});
    RETURN_IF_ERROR(lengths_page_->DecodeStarts(starts));
    ASSIGN_OR_RETURN(std::vector<PageInfo> pages, PagesOf(PageKind::kLines));
    ASSIGN_OR_RETURN(lines_,
                     RawLines::Create(*part_, std::move(pages), std::move(starts), &stats_));
  }
  return static_cast<LineColumn*>(lines_.get());
}

StatusOr<PagePtr> PartBlock::MetadataPage(uint32_t page) {
  ASSIGN_OR_RETURN(const std::vector<PageInfo> infos, PagesOf(PageKind::kMetadata));
  if (page >= infos.size()) return DataLoss("a metadata page is missing");
  metadata_pages_.resize(infos.size());
  if (metadata_pages_[page] == nullptr) {
    std::vector<PagePtr> read;
    RETURN_IF_ERROR(part_->ReadPages({&infos[page], 1}, &read, &stats_.compressed_bytes));
    stats_.metadata_bytes += read[0]->size();
    metadata_pages_[page] = read[0];
  }
  return metadata_pages_[page];
}

Status PartBlock::LoadMetadataDirectory() {
  const bool has_metadata = std::any_of(pages_.begin(), pages_.end(), [](const PageInfo& p) {
    return p.kind == PageKind::kMetadata;
  });
  if (!has_metadata) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PagePtr first, MetadataPage(0));
  ASSIGN_OR_RETURN(metadata_columns_, ParseMetadataDirectory(first->view()));
  for (const MetadataColumnInfo& column : metadata_columns_) names_.push_back(column.name);
  columns_.resize(names_.size());
  return absl::OkStatus();
}

StatusOr<StringColumn> PartBlock::Metadata(size_t index) {
  if (columns_[index].has_value()) return *columns_[index];
  const MetadataColumnInfo& column = metadata_columns_[index];
  ASSIGN_OR_RETURN(const std::string_view bytes, MetadataBytes(column));
  ASSIGN_OR_RETURN(columns_[index], DecodeMetadataColumn(column.encoding, bytes, rows_, &arena_));
  return *columns_[index];
}

StatusOr<SparseColumn> PartBlock::SparseMetadata(size_t index) {
  sparse_columns_.resize(columns_.size());
  std::optional<SparseColumn>& decoded = sparse_columns_[index];
  if (!decoded.has_value()) {
    ASSIGN_OR_RETURN(const std::string_view bytes, MetadataBytes(metadata_columns_[index]));
    ASSIGN_OR_RETURN(decoded, DecodeSparseColumn(bytes, rows_, &arena_));
  }
  return *decoded;
}

StatusOr<StringColumn> PartBlock::MetadataOf(size_t index, std::span<const uint32_t> rows,
                                             Arena* arena) {
  if (metadata_columns_[index].encoding == MetadataEncoding::kSparse) {
    ASSIGN_OR_RETURN(const SparseColumn column, SparseMetadata(index));
    return PickRows(column, rows, arena);
  }
  ASSIGN_OR_RETURN(const StringColumn column, Metadata(index));
  return PickRows(column, rows, arena);
}

size_t PartBlock::metadata_memory() const {
  constexpr size_t kColumnBytes =
      sizeof(MetadataColumnInfo) + sizeof(decltype(names_)::value_type) +
      sizeof(decltype(columns_)::value_type) + sizeof(decltype(sparse_columns_)::value_type);
  return arena_.capacity() + columns_.size() * kColumnBytes;
}

StatusOr<std::string_view> PartBlock::MetadataBytes(const MetadataColumnInfo& column) {
  ASSIGN_OR_RETURN(const PagePtr page, MetadataPage(column.page));
  const std::string_view bytes = page->view();  // metadata_pages_ holds the page
  if (column.offset > bytes.size() || column.size > bytes.size() - column.offset) {
    return DataLoss("metadata column lies outside its page");
  }
  return bytes.substr(column.offset, column.size);
}

bool PartBlock::NeedsTimes(std::span<const int64_t> edges) const {
  return std::any_of(edges.begin(), edges.end(),
                     [this](int64_t edge) { return edge > min_time_ && edge <= max_time_; });
}

uint32_t PartBlock::FindInGroup(size_t group, int64_t edge) {
  if (times_cursor_group_ != group || edge < times_cursor_edge_) {
    times_cursor_.emplace(*times_page_, group);
    times_cursor_group_ = group;
  }
  times_cursor_edge_ = edge;
  return times_cursor_->Find(edge);
}

uint32_t PartBlock::RowAt(const StreamRun& run, int64_t edge, uint32_t from) {
  if (from >= run.end || edge <= min_time_) return from;
  if (edge > max_time_) return run.end;
  const size_t first = groups_.GroupOf(from, group_hint_);
  if (times_page_->base(first) >= edge) return from;
  group_hint_ = LastWhere(first, groups_.counts.size(), [&](size_t group) {
    return groups_.first[group] < run.end && times_page_->base(group) < edge;
  });
  return std::max(from, groups_.first[group_hint_] + FindInGroup(group_hint_, edge));
}

uint64_t PartBlock::BytesBefore(uint32_t row) {
  if (row == rows_) return lengths_page_->BytesBefore(groups_.counts.size());
  const size_t group = groups_.GroupOf(row, group_hint_);
  const uint32_t in_group = row - groups_.first[group];
  if (in_group == 0) return lengths_page_->BytesBefore(group);
  if (lengths_cursor_group_ != group || in_group < lengths_cursor_->index()) {
    lengths_cursor_.emplace(*lengths_page_, group);
    lengths_cursor_group_ = group;
  }
  return lengths_cursor_->BytesBefore(in_group);
}

Status PartBlock::RanksAt(const StreamRun& run, std::span<const int64_t> edges, RankFields fields,
                          std::span<Rank> out) {
  const bool with_bytes = fields == RankFields::kRowsAndBytes;
  if (NeedsTimes(edges)) RETURN_IF_ERROR(LoadTimes());
  if (with_bytes) RETURN_IF_ERROR(LoadLengths());
  auto hidden = std::lower_bound(hidden_.begin(), hidden_.end(), run.begin);
  Rank hidden_before;
  const uint64_t base = with_bytes ? BytesBefore(run.begin) : 0;
  uint32_t row = run.begin;
  Rank rank;
  for (size_t i = 0; i < edges.size(); ++i) {
    const uint32_t next = RowAt(run, edges[i], row);
    if (next != row) {
      while (hidden != hidden_.end() && *hidden < next) {
        const uint32_t first = *hidden;
        uint32_t after = first;
        while (hidden != hidden_.end() && *hidden == after && after < next) ++hidden, ++after;
        hidden_before.rows += after - first;
        if (!with_bytes) continue;
        hidden_before.line_bytes -= BytesBefore(first);
        hidden_before.line_bytes += BytesBefore(after);
      }
      row = next;
      rank.rows = row - run.begin - hidden_before.rows;
      if (with_bytes) rank.line_bytes = BytesBefore(row) - base - hidden_before.line_bytes;
    }
    out[i] = rank;
  }
  return absl::OkStatus();
}

Status PartBlock::LoadLevels() {
  if (levels_loaded_) return absl::OkStatus();
  levels_loaded_ = true;
  const auto name = std::lower_bound(names_.begin(), names_.end(), kDetectedLevel);
  if (name == names_.end() || *name != kDetectedLevel) return absl::OkStatus();
  return ParseLevels(static_cast<size_t>(name - names_.begin()));
}

Status PartBlock::ParseLevels(size_t column) {
  const MetadataColumnInfo& info = metadata_columns_[column];
  if (info.encoding == MetadataEncoding::kConstant) {
    ASSIGN_OR_RETURN(const StringColumn values, Metadata(column));
    levels_ = LevelRanks::OfConstant(values.values[0]);
    return absl::OkStatus();
  }
  if (info.encoding != MetadataEncoding::kDictionary) return absl::OkStatus();
  const auto is_levels = [](const PageInfo& page) { return page.kind == PageKind::kLevels; };
  if (std::none_of(pages_.begin(), pages_.end(), is_levels)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PageInfo page, PageOf(PageKind::kLevels));
  std::vector<PagePtr> read;
  RETURN_IF_ERROR(part_->ReadPages({&page, 1}, &read, &stats_.compressed_bytes));
  levels_bytes_ = std::move(read[0]);
  ASSIGN_OR_RETURN(const std::string_view bytes, MetadataBytes(info));
  ASSIGN_OR_RETURN(const PackedDictionary dictionary, ParseDictionary(bytes, rows_, &arena_));
  ASSIGN_OR_RETURN(levels_, LevelRanks::Parse(dictionary, levels_bytes_->view(), groups_));
  return absl::OkStatus();
}

StatusOr<std::span<const std::string_view>> PartBlock::RankedLevels() {
  RETURN_IF_ERROR(LoadLevels());
  if (!levels_.has_value()) return std::span<const std::string_view>();
  return levels_->values();
}

Status PartBlock::LevelRanksAt(const StreamRun& run, std::span<const int64_t> edges,
                               std::span<uint64_t> out) {
  if (NeedsTimes(edges)) RETURN_IF_ERROR(LoadTimes());
  const size_t values = levels_->values().size();
  std::array<uint64_t, kMaxRankedLevels + 1> base{};
  levels_->CountBefore(run.begin, std::span(base).first(values));
  std::array<uint64_t, kMaxRankedLevels + 1> counts = base;
  auto hidden = std::lower_bound(hidden_.begin(), hidden_.end(), run.begin);
  uint32_t row = run.begin;
  for (size_t i = 0; i < edges.size(); ++i) {
    const uint32_t next = RowAt(run, edges[i], row);
    if (next != row) {
      // Rows that are hidden count as if they came before the run.
      for (; hidden != hidden_.end() && *hidden < next; ++hidden) ++base[levels_->ValueOf(*hidden)];
      row = next;
      levels_->CountBefore(row, std::span(counts).first(values));
    }
    for (size_t v = 0; v < values; ++v) out[i * values + v] = counts[v] - base[v];
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
