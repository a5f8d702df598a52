#include "ingest/push_batch.h"

#include <algorithm>

#include "storage/base/units.h"

namespace skald::ingest {
namespace {

constexpr size_t kKeptBytes = 1_MiB;

template <typename T>
void ClearOrFree(std::vector<T>* values) {
  values->clear();
  if (values->capacity() * sizeof(T) > kKeptBytes) values->shrink_to_fit();
}

}  // namespace

void PushBatch::Reset(Reservation* memory) {
  memory_ = memory;
  ClearOrFree(&streams_);
  ClearOrFree(&entries_);
  ClearOrFree(&metadata_);
  texts_.Reset();
  if (texts_.capacity() > kKeptBytes) texts_ = Arena();
}

Status PushBatch::BeginStream(std::string_view labels) {
  RETURN_IF_ERROR(Reserve(&streams_));
  streams_.push_back({labels, static_cast<uint32_t>(entries_.size()), 0});
  return absl::OkStatus();
}

StatusOr<std::string_view> PushBatch::CopyText(std::string_view text) {
  const size_t before = texts_.capacity();
  const std::string_view copy = texts_.Copy(text);
  RETURN_IF_ERROR(memory_->Grow(texts_.capacity() - before));
  return copy;
}

template <typename T>
Status PushBatch::Grow(std::vector<T>* values) {
  if (values->size() >= std::numeric_limits<uint32_t>::max() / 2) {
    return WithHttpStatus(Exhausted("push has too many entries"), 413);
  }
  const size_t capacity = std::max<size_t>(64, values->capacity() * 2);
  RETURN_IF_ERROR(memory_->Grow(capacity * sizeof(T)));
  values->reserve(capacity);
  return absl::OkStatus();
}

template Status PushBatch::Grow(std::vector<PushStream>*);
template Status PushBatch::Grow(std::vector<PushEntry>*);
template Status PushBatch::Grow(std::vector<LabelView>*);

}  // namespace skald::ingest
