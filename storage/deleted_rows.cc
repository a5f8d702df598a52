#include "storage/deleted_rows.h"

#include <algorithm>
#include <utility>

#include "storage/part/part_block.h"
#include "storage/selection_builder.h"

namespace skald::storage {

const RowSet* DeletedRows::OfBlock(size_t block) const {
  const auto found = blocks_.find(block);
  return found == blocks_.end() ? nullptr : &found->second;
}

uint64_t DeletedRows::charge() const {
  uint64_t bytes = sizeof(DeletedRows) + streams_.getSizeInBytes();
  for (const auto& [block, rows] : blocks_) bytes += sizeof(RowSet) + 16 + rows.size() / 8;
  return bytes;
}

StatusOr<std::shared_ptr<const DeletedRows>> FindDeletedRows(
    const std::shared_ptr<const Part>& part, const ActiveDelete& request, PageCache* cache,
    const StopToken* stop) {
  const CacheKey key{part->file_number(), request.serial, CacheKind::kDeletedRows};
  std::shared_ptr<const DeletedRows> known = cache->Find<DeletedRows>(key);
  if (known != nullptr) return known;
  auto found = std::make_shared<DeletedRows>();
  const std::vector<Matcher>& matchers = request.predicate->matchers();
  ASSIGN_OR_RETURN(found->streams_,
                   MatchingStreams(*part, matchers, request.range(), RetentionCuts()));
  if (!found->streams_.isEmpty()) {
    ASSIGN_OR_RETURN(const auto selection,
                     BuildPartSelection(part, matchers, request.range(), cache, stop));
    RETURN_IF_ERROR(request.predicate->FindRows(
        *selection, request.range(), stop, [&](size_t unit, const RowSet& rows) {
          found->blocks_.try_emplace(selection->BlockOf(unit), rows);
        }));
  }
  known = std::move(found);
  cache->Insert<DeletedRows>(key, known, known->charge());
  return known;
}

void HiddenRows::Add(std::shared_ptr<const DeletedRows> rows) {
  if (rows->empty()) return;
  streams_ |= rows->streams();
  requests_.push_back(std::move(rows));
}

bool HiddenRows::HidesRow(size_t block, uint32_t row) const {
  return std::any_of(requests_.begin(), requests_.end(), [&](const auto& request) {
    const RowSet* rows = request->OfBlock(block);
    return rows != nullptr && rows->Contains(row);
  });
}

StatusOr<bool> HiddenRows::Hides(uint64_t row) const {
  ASSIGN_OR_RETURN(const auto directory, part_->Directory());
  const size_t block = directory->BlocksOfRows(row, row + 1).first;
  return HidesRow(block, static_cast<uint32_t>(row - directory->block(block).first_row));
}

void HiddenRows::AddHidden(size_t block, std::vector<uint32_t>* rows) const {
  for (const auto& request : requests_) {
    const RowSet* const hidden = request->OfBlock(block);
    if (hidden == nullptr) continue;
    const auto old_size = static_cast<ptrdiff_t>(rows->size());
    hidden->ForEach([&](uint32_t row) { rows->push_back(row); });
    std::inplace_merge(rows->begin(), rows->begin() + old_size, rows->end());
    rows->erase(std::unique(rows->begin(), rows->end()), rows->end());
  }
}

void HiddenRows::RemoveHidden(size_t block, RowSet* rows) const {
  for (const auto& request : requests_) {
    if (const RowSet* const hidden = request->OfBlock(block)) rows->Subtract(*hidden);
  }
}

StatusOr<bool> HiddenRows::ShowsStream(uint32_t ordinal, TimeRange range) const {
  ASSIGN_OR_RETURN(const auto directory, part_->Directory());
  ASSIGN_OR_RETURN(const auto streams, part_->Streams());
  const StreamExtent& extent = streams->extent(ordinal);
  const bool needs_times = !range.Covers(extent.min_time, extent.max_time);
  const uint64_t first = streams->first_row(ordinal);
  const uint64_t last = streams->first_row(ordinal + 1);
  const auto [block_begin, block_end] = directory->BlocksOfRows(first, last);
  for (size_t i = block_begin; i < block_end; ++i) {
    const BlockInfo& info = directory->block(i);
    if (!range.Overlaps(info.min_time, info.max_time)) continue;
    const StreamRun run{
        0, static_cast<uint32_t>(std::max(first, info.first_row) - info.first_row),
        static_cast<uint32_t>(std::min(last - info.first_row, uint64_t{info.rows}))};
    RowSet rows(info.rows);
    if (needs_times) {
      ASSIGN_OR_RETURN(const auto block, PartBlock::Open(part_, i, {run}, {}));
      RETURN_IF_ERROR(block->SelectRows(range, &rows));
    } else {
      rows.AddRange(run.begin, run.end);
    }
    RemoveHidden(i, &rows);
    if (!rows.empty()) return true;
  }
  return false;
}

}  // namespace skald::storage
