// The ids of a part's streams. They are not stored; each is computed, with its neighbours', when it
// is first asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/model/ids.h"
#include "storage/part/label_index.h"
#include "storage/part/stream_table.h"

namespace skald::storage {

// Threads: thread-safe.
class StreamIds {
 public:
  StreamIds(std::shared_ptr<const StreamTable> streams, std::shared_ptr<const LabelIndex> index);

  // REQUIRES: stream < size of the stream table.
  StreamId Get(uint32_t stream) const;

  size_t charge() const { return ids_.size() * sizeof(StreamId) + ready_.size(); }

 private:
  void Compute(size_t chunk) const;

  const std::shared_ptr<const StreamTable> streams_;
  const std::shared_ptr<const LabelIndex> index_;
  mutable Mutex mutex_;
  mutable std::vector<StreamId> ids_;                // of ready chunks; written under the mutex
  mutable std::vector<std::atomic<uint8_t>> ready_;  // per chunk
};

}  // namespace skald::storage
