#include "storage/select/deleted_rows.h"

#include <algorithm>
#include <utility>

#include "storage/select/selection_builder.h"

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

Status DeletedRows::NoteStreams(const Part& part) {
  ASSIGN_OR_RETURN(const auto directory, part.Directory());
  ASSIGN_OR_RETURN(const auto streams, part.Streams());
  for (const auto& [block, rows] : blocks_) {
    const uint64_t first_row = directory->block(block).first_row;
    for (uint32_t row = rows.Next(0); row < rows.size();) {
      const uint32_t ordinal = streams->StreamOf(first_row + row);
      streams_.add(ordinal);
      const uint64_t next = streams->first_row(ordinal + 1) - first_row;
      row = next < rows.size() ? rows.Next(static_cast<uint32_t>(next)) : rows.size();
    }
  }
  return absl::OkStatus();
}

StatusOr<std::shared_ptr<const DeletedRows>> FindDeletedRows(
    const std::shared_ptr<const Part>& part, const ActiveDelete& request, PageCache* cache,
    const StopToken* stop) {
  const CacheKey key{part->file_number(), request.serial, CacheKind::kDeletedRows};
  std::shared_ptr<const DeletedRows> known = cache->Find<DeletedRows>(key);
  if (known != nullptr) return known;
  auto found = std::make_shared<DeletedRows>();
  const std::vector<Matcher>& matchers = request.predicate->matchers();
  ASSIGN_OR_RETURN(const OrdinalSet candidates,
                   MatchingStreams(*part, matchers, request.range(), RetentionCuts()));
  if (!candidates.isEmpty()) {
    ASSIGN_OR_RETURN(const auto selection,
                     BuildPartSelection(part, matchers, request.range(), cache, stop));
    RETURN_IF_ERROR(request.predicate->FindRows(
        *selection, request.range(), stop, [&](size_t unit, const RowSet& rows) {
          found->blocks_.try_emplace(selection->BlockOf(unit), rows);
        }));
    RETURN_IF_ERROR(found->NoteStreams(*part));
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

uint64_t HiddenRows::charge() const {
  uint64_t bytes = sizeof(HiddenRows) + streams_.getSizeInBytes();
  for (const auto& request : requests_) bytes += sizeof(request) + request->charge();
  return bytes;
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

std::vector<const RowSet*> HiddenRows::OfBlock(size_t block) const {
  std::vector<const RowSet*> all;
  for (const auto& request : requests_) {
    if (const RowSet* const hidden = request->OfBlock(block)) all.push_back(hidden);
  }
  return all;
}

}  // namespace skald::storage
