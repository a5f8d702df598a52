// The rows of a part that delete requests hide.
//
// What one request means in one part is found once, by running its predicate over the part's
// blocks, and remembered in the page cache as bitmaps. Everything that reads the part then leaves
// those rows out: blocks, ranks, totals, streams.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/cache/page_cache.h"
#include "storage/model/timestamp.h"
#include "storage/part/ordinal_set.h"
#include "storage/part/part.h"
#include "storage/select/active_delete.h"

namespace skald::storage {

// What one request hides of one part. Threads: immutable.
class DeletedRows {
 public:
  bool empty() const { return blocks_.empty(); }
  // The hidden rows of a block; null: none.
  const RowSet* OfBlock(size_t block) const;
  // Those with hidden rows.
  const OrdinalSet& streams() const { return streams_; }
  // Bytes of memory held.
  uint64_t charge() const;

 private:
  friend StatusOr<std::shared_ptr<const DeletedRows>> FindDeletedRows(
      const std::shared_ptr<const Part>& part, const ActiveDelete& request, PageCache* cache,
      const StopToken* stop);
  // Fills streams_.
  Status NoteStreams(const Part& part);

  absl::flat_hash_map<size_t, RowSet> blocks_;
  OrdinalSet streams_;
};

// REQUIRES: request.Concerns(part->footer()).
StatusOr<std::shared_ptr<const DeletedRows>> FindDeletedRows(
    const std::shared_ptr<const Part>& part, const ActiveDelete& request, PageCache* cache,
    const StopToken* stop);

// What several requests hide of one part. Threads: immutable once filled.
class HiddenRows {
 public:
  explicit HiddenRows(std::shared_ptr<const Part> part) : part_(std::move(part)) {}

  void Add(std::shared_ptr<const DeletedRows> rows);
  bool empty() const { return requests_.empty(); }
  // Bytes of memory held, which requests of others may hold as well.
  uint64_t charge() const;
  // Those with hidden rows.
  const OrdinalSet& streams() const { return streams_; }

  // Whether a row, counted through the part, is hidden.
  StatusOr<bool> Hides(uint64_t row) const;
  // Adds the hidden rows of a block to `rows`, its other hidden rows; both ascending.
  void AddHidden(size_t block, std::vector<uint32_t>* rows) const;
  // The hidden rows of a block, by request.
  std::vector<const RowSet*> OfBlock(size_t block) const;

 private:
  bool HidesRow(size_t block, uint32_t row) const;

  const std::shared_ptr<const Part> part_;
  std::vector<std::shared_ptr<const DeletedRows>> requests_;
  OrdinalSet streams_;
};

}  // namespace skald::storage
