// A scan unit over one block of a part: decodes each column when it is first asked for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/arena.h"
#include "storage/part/lengths_codec.h"
#include "storage/part/level_ranks.h"
#include "storage/part/metadata_codec.h"
#include "storage/part/part.h"
#include "storage/part/part_format.h"
#include "storage/part/raw_lines.h"
#include "storage/part/row_groups.h"
#include "storage/part/time_codec.h"
#include "storage/reader.h"

namespace skald::storage {

// Threads: as Block. Holds the part.
class PartBlock : public Block {
 public:
  // Opens a block for the given runs of selected streams. `hidden` (ascending rows of the block)
  // are duplicates and the like: they are not visible.
  static StatusOr<std::unique_ptr<PartBlock>> Open(std::shared_ptr<const Part> part, size_t block,
                                                   std::vector<StreamRun> runs,
                                                   std::vector<uint32_t> hidden);

  // As Open, for who asks for times and ranks only: metadata_names() is empty, no metadata is read.
  static StatusOr<std::unique_ptr<PartBlock>> OpenForCounts(std::shared_ptr<const Part> part,
                                                            size_t block,
                                                            std::vector<StreamRun> runs,
                                                            std::vector<uint32_t> hidden);

  // Takes out of each run the rows with times before begins[i]; a run left without rows goes.
  // REQUIRES: begins.size() == runs().size(); nothing else was called yet.
  Status CutRuns(std::span<const int64_t> begins);

  uint32_t rows() const override { return rows_; }
  std::span<const StreamRun> runs() const override { return runs_; }
  Status SelectRows(TimeRange range, RowSet* rows) override;
  StatusOr<std::span<const int64_t>> Timestamps() override;
  // The rows [first, second) of one stream, of which `run` is a part, that have times in
  // [first_time, last_time].
  StatusOr<std::pair<uint32_t, uint32_t>> RowsBetween(const StreamRun& run, int64_t first_time,
                                                      int64_t last_time);
  // As Timestamps(), of the rows [begin, end) only: groups that have none of them stay packed.
  StatusOr<std::span<const int64_t>> TimestampsOf(uint32_t begin, uint32_t end);
  StatusOr<LineColumn*> Lines() override;
  std::span<const std::string_view> metadata_names() const override { return names_; }
  StatusOr<StringColumn> Metadata(size_t index) override;
  StatusOr<StringColumn> MetadataOf(size_t index, std::span<const uint32_t> rows,
                                    Arena* arena) override;
  size_t metadata_memory() const override;
  // How metadata_names() are stored, for inspection.
  std::span<const MetadataColumnInfo> metadata_columns() const { return metadata_columns_; }
  using Block::RanksAt;
  Status RanksAt(const StreamRun& run, std::span<const int64_t> edges, RankFields fields,
                 std::span<Rank> out) override;
  StatusOr<std::span<const std::string_view>> RankedLevels() override;
  Status LevelRanksAt(const StreamRun& run, std::span<const int64_t> edges,
                      std::span<uint64_t> out) override;
  const ScanStats& stats() const override { return stats_; }

 private:
  static constexpr size_t kNoGroup = ~size_t{0};

  PartBlock(std::shared_ptr<const Part> part, std::vector<StreamRun> runs,
            std::vector<uint32_t> hidden)
      : part_(std::move(part)), runs_(std::move(runs)), hidden_(std::move(hidden)) {}

  Status Init(size_t block);
  void LayOutGroups(const StreamTable& streams, const BlockInfo& info);
  // The block's pages of a kind. FailedPrecondition: one has an encoding that is not known.
  StatusOr<std::vector<PageInfo>> PagesOf(PageKind kind) const;
  // The block's only page of a kind.
  StatusOr<PageInfo> PageOf(PageKind kind) const;
  Status LoadTimes();
  Status LoadLengths();
  Status LoadMetadataDirectory();
  StatusOr<PagePtr> MetadataPage(uint32_t page);
  // A column of kSparse, as it is stored.
  StatusOr<SparseColumn> SparseMetadata(size_t index);
  // The bytes of a metadata column within its page.
  StatusOr<std::string_view> MetadataBytes(const MetadataColumnInfo& column);
  // Sets levels_ if the block can count by level.
  Status LoadLevels();
  Status ParseLevels(size_t column);
  // True if RowAt must look at times to place any of the edges.
  bool NeedsTimes(std::span<const int64_t> edges) const;
  // The first row of `run` at or after `from` with a time not before `edge`; run.end if none.
  uint32_t RowAt(const StreamRun& run, int64_t edge, uint32_t from);
  // Line bytes of the block's rows before a row.
  uint64_t BytesBefore(uint32_t row);
  // The index within a group of its first row with a time not before `edge`; its count if none.
  uint32_t FindInGroup(size_t group, int64_t edge);

  std::shared_ptr<const Part> part_;
  std::shared_ptr<const BlockDirectory> directory_;
  std::vector<StreamRun> runs_;
  std::vector<uint32_t> hidden_;
  uint32_t rows_ = 0;
  int64_t min_time_ = 0;
  int64_t max_time_ = 0;
  std::span<const PageInfo> pages_;
  RowGroups groups_;
  ScanStats stats_;
  Arena arena_;

  std::shared_ptr<const TimesPage> times_page_;
  std::vector<int64_t> times_;   // of the groups that were decoded
  std::vector<bool> has_times_;  // per group
  std::shared_ptr<const LengthsPage> lengths_page_;
  // Where the last searches ended: ranks ask for neighbours, in order.
  size_t group_hint_ = 0;
  std::optional<TimesCursor> times_cursor_;
  size_t times_cursor_group_ = kNoGroup;
  int64_t times_cursor_edge_ = 0;
  std::optional<LengthsCursor> lengths_cursor_;
  size_t lengths_cursor_group_ = kNoGroup;
  bool levels_loaded_ = false;
  PagePtr levels_bytes_;
  std::optional<LevelRanks> levels_;
  std::unique_ptr<RawLines> lines_;
  std::vector<PagePtr> metadata_pages_;
  std::vector<MetadataColumnInfo> metadata_columns_;
  std::vector<std::string_view> names_;
  // Decoded so far: all cells of a column, or of one of kSparse those that have a value.
  std::vector<std::optional<StringColumn>> columns_;
  std::vector<std::optional<SparseColumn>> sparse_columns_;  // empty: none so far
};

}  // namespace skald::storage
