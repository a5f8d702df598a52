#include "server/api/tail_arrivals.h"

#include <algorithm>
#include <utility>

#include "server/api/tail_queue.h"

namespace skald::api {
namespace {

// What a row takes in a buffer beside its bytes.
constexpr uint64_t kRowOverhead = 48;

uint64_t BytesOf(const Row& row) {
  uint64_t bytes = kRowOverhead + row.line.size();
  for (const LabelView& pair : row.metadata) bytes += pair.name.size() + pair.value.size();
  return bytes;
}

}  // namespace

void TailArrivals::Add(const StreamRows& stream) {
  StreamRows rest = stream;
  while (!rest.rows.empty()) {
    const size_t added = AddToSlice(rest);
    if (added == 0) return Drop(rest);
    rest.rows = rest.rows.subspan(added);
  }
}

size_t TailArrivals::AddToSlice(const StreamRows& stream) {
  if (bytes_ >= kMaxBytes) return 0;
  if (slices_.empty() || slices_.back()->bytes >= kSliceBytes) {
    slices_.push_back(std::make_shared<Slice>(tenant_, memory_));
  }
  Slice& slice = *slices_.back();
  size_t count = 0;
  uint64_t bytes = 0;
  while (count < stream.rows.size() && slice.bytes + bytes < kSliceBytes) {
    bytes += BytesOf(stream.rows[count++]);
  }
  if (!slice.memory.Grow(bytes).ok()) return 0;
  const StreamRows added{stream.stream, stream.rows.first(count)};
  slice.rows.Add({&added, 1});
  slice.bytes += bytes;
  bytes_ += bytes;
  return count;
}

void TailArrivals::Drop(const StreamRows& stream) {
  for (const Row& row : stream.rows) {
    if (dropped_.size() >= TailQueue::kMaxDropped) return;
    dropped_.push_back({row.timestamp, stream.stream});
  }
}

std::vector<std::shared_ptr<TailArrivals::Slice>> TailArrivals::TakeSlices() {
  bytes_ = 0;
  return std::exchange(slices_, {});
}

std::vector<DroppedRow> TailArrivals::TakeDropped() { return std::exchange(dropped_, {}); }

}  // namespace skald::api
