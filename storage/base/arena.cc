#include "storage/base/arena.h"

#include <algorithm>

#include "storage/base/check.h"

namespace skald {
namespace {
constexpr size_t kLargestRegularChunk = size_t{1} << 20;
}  // namespace

char* Arena::AllocateSlow(size_t size, size_t alignment) {
  // new char[] is aligned for every alignment we promise.
  SKALD_DCHECK(alignment <= alignof(std::max_align_t));
  const size_t chunk_size = std::max(next_chunk_, size);
  next_chunk_ = std::max(next_chunk_, std::min(next_chunk_ * 2, kLargestRegularChunk));
  chunks_.push_back({std::unique_ptr<char[]>(new char[chunk_size]), chunk_size});
  capacity_ += chunk_size;
  head_ = chunks_.back().bytes.get() + size;
  left_ = chunk_size - size;
  return chunks_.back().bytes.get();
}

void Arena::Reset() {
  if (chunks_.empty()) return;
  auto largest = std::max_element(chunks_.begin(), chunks_.end(),
                                  [](const Chunk& a, const Chunk& b) { return a.size < b.size; });
  std::swap(chunks_.front(), *largest);
  chunks_.resize(1);
  head_ = chunks_.front().bytes.get();
  left_ = capacity_ = chunks_.front().size;
}

}  // namespace skald
