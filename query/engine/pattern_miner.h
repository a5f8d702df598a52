// Finds the patterns that log lines follow, in one pass and in bounded memory: lines of one shape
// that have most of their words in common become one pattern, with `<_>` for the words that differ
// (after Drain: He, Zhu, Zheng, Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth
// Tree").
//
// A pattern holds for every line that was counted for it, so `|> "pattern"` finds those lines. When
// there are too many, the one that was not seen for longest is forgotten.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/engine/line_words.h"

namespace skald::query {

struct MinedPattern {
  std::string text;
  uint64_t total = 0;
  std::vector<std::pair<int64_t, uint64_t>> counts;  // by step, ascending
};

// Threads: externally synchronised.
class PatternMiner {
 public:
  static constexpr size_t kMaxPatterns = 300;

  // Counts a line `count` times for a step.
  void Add(std::string_view line, int64_t step, uint64_t count);

  // Adds what another miner has found.
  void Merge(const PatternMiner& other);

  // About the bytes that the patterns take.
  uint64_t memory() const { return memory_; }

  // What was found, in no particular order.
  std::vector<MinedPattern> Patterns() const;

 private:
  // What is compared of a word.
  struct Mark {
    uint64_t hash = 0;
    bool has_digit = false;
    bool is_key = false;
    bool wild = false;  // differs from line to line

    // True if another word in this place would tell nothing.
    bool varies() const { return wild || has_digit; }
    bool operator==(const Mark& other) const { return !wild && !other.wild && hash == other.hash; }
  };
  struct Cluster {
    std::vector<Mark> marks;
    std::vector<std::string> words;
    std::vector<std::string> gaps;  // as LineWords::gaps
    bool cut = false;
    uint64_t last_used = 0;
    absl::flat_hash_map<int64_t, uint64_t> counts;  // by step
  };

  // The cluster of the shape that is most alike; null if none is alike enough.
  Cluster* Find(uint64_t shape, const std::vector<Mark>& marks);
  Cluster* Insert(uint64_t shape, Cluster cluster);
  void Erase(std::vector<Cluster>* clusters, size_t index);
  void ForgetOldest();
  void Count(Cluster* cluster, int64_t step, uint64_t count);
  static uint64_t MemoryOf(const Cluster& cluster);
  // From 0 (nothing in common) to 1; below zero when not alike enough.
  static double Likeness(const std::vector<Mark>& a, const std::vector<Mark>& b);
  // Makes wild what differs.
  static void Widen(const std::vector<Mark>& marks, Cluster* cluster);
  static std::string TextOf(const Cluster& cluster);

  uint64_t uses_ = 0;
  size_t clusters_ = 0;
  uint64_t memory_ = 0;
  absl::flat_hash_map<uint64_t, std::vector<Cluster>> by_shape_;
  LineWords line_;
  std::vector<Mark> marks_;
};

}  // namespace skald::query
