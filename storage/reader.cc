#include "storage/reader.h"

namespace skald::storage {

void ScanStats::Add(const ScanStats& other) {
  blocks_read += other.blocks_read;
  blocks_skipped += other.blocks_skipped;
  compressed_bytes += other.compressed_bytes;
  decompressed_bytes += other.decompressed_bytes;
  decompressed_rows += other.decompressed_rows;
  memtable_bytes += other.memtable_bytes;
  memtable_rows += other.memtable_rows;
  metadata_bytes += other.metadata_bytes;
  duplicates += other.duplicates;
}

Status LineColumn::Extract(const FieldRequest&, std::span<const uint32_t> rows,
                           FieldColumns* fields) {
  fields->columns.clear();
  fields->answered.Reset(static_cast<uint32_t>(rows.size()), false);
  return absl::OkStatus();
}

StatusOr<std::span<const std::string_view>> Block::RankedLevels() {
  return std::span<const std::string_view>();
}

Status Block::LevelRanksAt(const StreamRun&, std::span<const int64_t>, std::span<uint64_t>) {
  return Internal("this block cannot count by level");
}

std::vector<std::shared_ptr<const Snapshot>> Reader::GetSnapshots(
    std::span<const std::string_view> tenants) {
  std::vector<std::shared_ptr<const Snapshot>> snapshots;
  for (const std::string_view tenant : tenants) snapshots.push_back(GetSnapshot(tenant));
  return snapshots;
}

}  // namespace skald::storage
