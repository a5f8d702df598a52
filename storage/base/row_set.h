// A set of rows 0..size-1 of a block, as a bitmap.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace skald {

// Threads: externally synchronised.
class RowSet {
 public:
  RowSet() = default;
  // All rows in, or none.
  explicit RowSet(uint32_t size, bool full = false) { Reset(size, full); }

  void Reset(uint32_t size, bool full) {
    size_ = size;
    words_.assign((size + 63) / 64, full ? ~uint64_t{0} : 0);
    if (full) TrimTail();
  }

  uint32_t size() const { return size_; }
  bool Contains(uint32_t row) const { return (words_[row >> 6] >> (row & 63)) & 1; }
  void Add(uint32_t row) { words_[row >> 6] |= uint64_t{1} << (row & 63); }
  void Remove(uint32_t row) { words_[row >> 6] &= ~(uint64_t{1} << (row & 63)); }
  // Adds the rows [begin, end).
  void AddRange(uint32_t begin, uint32_t end);

  bool empty() const;
  bool full() const { return count() == size_; }
  uint32_t count() const;

  // Set algebra. REQUIRES: the same size.
  void IntersectWith(const RowSet& other);
  void UnionWith(const RowSet& other);
  void Subtract(const RowSet& other);

  // The first row in the set at or after `from`; size() when there is none.
  uint32_t Next(uint32_t from) const;

  // Calls f(row) for every row of the set in ascending order.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
        f(static_cast<uint32_t>(w * 64 + static_cast<size_t>(std::countr_zero(bits))));
      }
    }
  }

 private:
  void TrimTail() {
    if (size_ % 64 != 0) words_.back() &= (uint64_t{1} << (size_ % 64)) - 1;
  }
  uint32_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace skald
