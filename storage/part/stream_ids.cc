#include "storage/part/stream_ids.h"

#include <algorithm>
#include <utility>

namespace skald::storage {
namespace {
constexpr size_t kChunk = 64;
}  // namespace

StreamIds::StreamIds(std::shared_ptr<const StreamTable> streams,
                     std::shared_ptr<const LabelIndex> index)
    : streams_(std::move(streams)),
      index_(std::move(index)),
      ids_(streams_->size()),
      ready_((ids_.size() + kChunk - 1) / kChunk) {}

StreamId StreamIds::Get(uint32_t stream) const {
  const size_t chunk = stream / kChunk;
  if (ready_[chunk].load(std::memory_order_acquire) == 0) Compute(chunk);
  return ids_[stream];
}

void StreamIds::Compute(size_t chunk) const {
  MutexLock lock(&mutex_);
  if (ready_[chunk].load(std::memory_order_relaxed) != 0) return;
  const size_t end = std::min(ids_.size(), (chunk + 1) * kChunk);
  for (size_t stream = chunk * kChunk; stream < end; ++stream) {
    ids_[stream] = StreamIdOf(streams_->Labels(static_cast<uint32_t>(stream), *index_).text());
  }
  ready_[chunk].store(1, std::memory_order_release);
}

}  // namespace skald::storage
