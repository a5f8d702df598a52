#include "ingest/push_batch.h"

#include <algorithm>

#include "ingest/charged_growth.h"
#include "storage/base/units.h"

namespace skald::ingest {
namespace {

// Room for smaller texts is charged once it is there.
constexpr size_t kLargeText = 64_KiB;

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

StatusOr<std::string_view> PushBatch::JoinText(std::initializer_list<std::string_view> texts) {
  size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  const size_t charged = size > kLargeText ? size : 0;
  if (charged > 0) RETURN_IF_ERROR(memory_->Grow(charged));
  const size_t before = texts_.capacity();
  // One more: what is empty is not null.
  char* const copy = texts_.Allocate(size + 1);
  const size_t taken = texts_.capacity() - before;
  if (taken > charged) RETURN_IF_ERROR(memory_->Grow(taken - charged));
  char* to = copy;
  for (const std::string_view text : texts) to = std::copy(text.begin(), text.end(), to);
  return std::string_view(copy, size);
}

template <typename T>
Status PushBatch::Grow(std::vector<T>* values) {
  if (values->size() >= std::numeric_limits<uint32_t>::max() / 2) {
    return WithHttpStatus(Exhausted("push has too many entries"), 413);
  }
  return ReserveCharged(values->size() + 1, memory_, values);
}

template Status PushBatch::Grow(std::vector<PushStream>*);
template Status PushBatch::Grow(std::vector<PushEntry>*);
template Status PushBatch::Grow(std::vector<LabelView>*);

}  // namespace skald::ingest
