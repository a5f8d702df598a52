// What a merge leaves out, and where the rest goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/labels.h"
#include "storage/part/part.h"

namespace skald::storage {

// Threads: externally synchronised. Says the same as long as it lives.
class RowSieve {
 public:
  virtual ~RowSieve() = default;

  // A stream's rows with times before this are left out.
  virtual int64_t CutOf(const LabelSet& labels) const = 0;
  // The retention class of a stream: each output has the streams of one.
  virtual uint32_t ClassOf(const LabelSet& labels) const = 0;
  // Rows of a block that are left out, ascending.
  virtual StatusOr<std::vector<uint32_t>> DroppedRows(const std::shared_ptr<const Part>& part,
                                                      size_t block) = 0;
};

}  // namespace skald::storage
