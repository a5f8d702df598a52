#include "storage/base/row_set.h"

#include <algorithm>

#include "storage/base/check.h"

namespace skald {

void RowSet::AddRange(uint32_t begin, uint32_t end) {
  if (begin >= end) return;
  const uint32_t first = begin / 64;
  const uint32_t last = (end - 1) / 64;
  const uint64_t from_begin = ~uint64_t{0} << (begin % 64);
  const uint64_t to_end = ~uint64_t{0} >> (63 - (end - 1) % 64);
  if (first == last) {
    words_[first] |= from_begin & to_end;
    return;
  }
  words_[first] |= from_begin;
  std::fill(words_.begin() + first + 1, words_.begin() + last, ~uint64_t{0});
  words_[last] |= to_end;
}

bool RowSet::empty() const {
  return std::all_of(words_.begin(), words_.end(), [](uint64_t word) { return word == 0; });
}

uint32_t RowSet::count() const {
  uint32_t rows = 0;
  for (const uint64_t word : words_) rows += static_cast<uint32_t>(std::popcount(word));
  return rows;
}

void RowSet::IntersectWith(const RowSet& other) {
  SKALD_DCHECK(size_ == other.size_);
  for (size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
}

void RowSet::UnionWith(const RowSet& other) {
  SKALD_DCHECK(size_ == other.size_);
  for (size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
}

void RowSet::Subtract(const RowSet& other) {
  SKALD_DCHECK(size_ == other.size_);
  for (size_t w = 0; w < words_.size(); ++w) words_[w] &= ~other.words_[w];
}

uint32_t RowSet::Next(uint32_t from) const {
  if (from >= size_) return size_;
  size_t w = from / 64;
  uint64_t bits = words_[w] & (~uint64_t{0} << (from % 64));
  while (bits == 0) {
    if (++w == words_.size()) return size_;
    bits = words_[w];
  }
  return static_cast<uint32_t>(w * 64 + static_cast<size_t>(std::countr_zero(bits)));
}

}  // namespace skald
