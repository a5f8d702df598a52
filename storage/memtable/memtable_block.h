// A scan unit over rows of a memtable: some streams, their rows sorted and free of duplicates.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/memtable/memtable.h"
#include "storage/reader.h"

namespace skald::storage {

// The memtable must outlive the block. Threads: as Block.
class MemtableBlock : public Block, private LineColumn {
 public:
  // `rows` of all runs, one after the other; runs[i] says whose they are.
  MemtableBlock(std::vector<MemRow> rows, std::vector<StreamRun> runs);

  uint32_t rows() const override { return static_cast<uint32_t>(rows_.size()); }
  std::span<const StreamRun> runs() const override { return runs_; }
  Status SelectRows(TimeRange range, RowSet* rows) override;
  StatusOr<std::span<const int64_t>> Timestamps() override;
  StatusOr<LineColumn*> Lines() override { return static_cast<LineColumn*>(this); }
  std::span<const std::string_view> metadata_names() const override;
  StatusOr<StringColumn> Metadata(size_t index) override;
  Status RanksAt(const StreamRun& run, std::span<const int64_t> edges,
                 std::span<Rank> out) override;
  const ScanStats& stats() const override { return stats_; }

 private:
  Status Match(const LineMatcher& matcher, bool negate, RowSet* rows) override;
  Status Lengths(std::span<uint32_t> lengths) override;
  Status Materialise(std::span<const uint32_t> rows, std::span<std::string_view> lines) override;

  void BuildMetadata() const;

  std::vector<MemRow> rows_;
  std::vector<StreamRun> runs_;
  std::vector<int64_t> times_;
  std::vector<uint64_t> bytes_before_;  // made by the first RanksAt
  ScanStats stats_;

  // Made by the first question about metadata.
  struct Column {
    std::string_view name;
    std::span<std::string_view> values;
  };
  mutable bool metadata_built_ = false;
  mutable Arena arena_;
  mutable std::vector<std::string_view> names_;
  mutable std::vector<Column> columns_;
};

}  // namespace skald::storage
