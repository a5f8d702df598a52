// Which streams of a part have rows left that no delete request hides.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/timestamp.h"
#include "storage/part/part.h"
#include "storage/part/part_block.h"
#include "storage/select/deleted_rows.h"

namespace skald::storage {

// Asked for streams in the order of the part, it opens a block once, however many have rows in it.
// Threads: externally synchronised.
class ShownStreams {
 public:
  // `hidden`: what is hidden of the part. Must outlive this.
  ShownStreams(std::shared_ptr<const Part> part, const HiddenRows& hidden)
      : part_(std::move(part)), hidden_(hidden) {}

  // True if the stream has a row in `range` that is not hidden.
  StatusOr<bool> Shows(uint32_t ordinal, TimeRange range);

 private:
  // Makes `block` the one that is looked at.
  void LookAt(size_t block);
  // The times of that block's rows.
  StatusOr<std::span<const int64_t>> Times();
  bool ShowsRow(uint32_t row) const;

  const std::shared_ptr<const Part> part_;
  const HiddenRows& hidden_;
  size_t block_ = static_cast<size_t>(-1);
  std::vector<const RowSet*> hidden_of_block_;
  std::unique_ptr<PartBlock> open_;  // null: no times of the block have been asked for
};

}  // namespace skald::storage
