// A scan unit over rows of a memtable: some streams, their rows sorted and free of duplicates.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/memtable/memtable.h"
#include "storage/reader.h"

namespace skald::storage {

// Threads: as Block.
class MemtableBlock : public Block, private LineColumn {
 public:
  // `rows` of all runs, one after the other; runs[i] says whose they are. `owner` keeps their
  // memtable alive as long as the block; null: the caller does.
  MemtableBlock(std::vector<MemRow> rows, std::vector<StreamRun> runs,
                std::shared_ptr<const void> owner);

  uint32_t rows() const override { return static_cast<uint32_t>(rows_.size()); }
  std::span<const StreamRun> runs() const override { return runs_; }
  Status SelectRows(TimeRange range, RowSet* rows) override;
  StatusOr<std::span<const int64_t>> Timestamps() override;
  StatusOr<LineColumn*> Lines() override { return static_cast<LineColumn*>(this); }
  std::span<const std::string_view> metadata_names() const override;
  StatusOr<StringColumn> Metadata(size_t index) override;
  StatusOr<StringColumn> MetadataOf(size_t index, std::span<const uint32_t> rows,
                                    Arena* arena) override;
  size_t metadata_memory() const override { return arena_.capacity() + cell_bytes_; }
  using Block::RanksAt;
  Status RanksAt(const StreamRun& run, std::span<const int64_t> edges, RankFields fields,
                 std::span<Rank> out) override;
  const ScanStats& stats() const override { return stats_; }

 private:
  Status Match(const LineMatcher& matcher, bool negate, RowSet* rows) override;
  Status Lengths(std::span<uint32_t> lengths) override;
  Status Materialise(std::span<const uint32_t> rows, std::span<std::string_view> lines) override;

  void BuildMetadata() const;

  const std::shared_ptr<const void> owner_;
  std::vector<MemRow> rows_;
  std::vector<StreamRun> runs_;
  std::vector<int64_t> times_;
  std::vector<uint64_t> bytes_before_;  // made by the first RanksAt
  ScanStats stats_;

  // Made by the first question about metadata. A column is spread out over the rows when all of it
  // is asked for, or when many rows have a value: there may be many names that few rows have.
  struct Column {
    std::string_view name;
    std::vector<uint32_t> rows;  // that have a value, ascending
    std::vector<std::string_view> values;
    std::optional<StringColumn> spread;

    SparseColumn sparse() const { return {rows, values}; }
  };
  // A dictionary, or plain when there are too many values for one.
  static StringColumn Spread(const SparseColumn& column, uint32_t rows, Arena* arena);

  mutable bool metadata_built_ = false;
  mutable size_t cell_bytes_ = 0;  // of names_ and columns_
  mutable Arena arena_;
  mutable std::vector<std::string_view> names_;
  mutable std::vector<Column> columns_;
};

}  // namespace skald::storage
