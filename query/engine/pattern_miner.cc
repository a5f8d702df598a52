#include "query/engine/pattern_miner.h"

#include <algorithm>
#include <limits>

namespace skald::query {
namespace {

constexpr std::string_view kWildcard = "<_>";
// Of the words that can tell, so many must be equal; of few of them, more than that.
constexpr double kLeastLikeness = 0.5;
constexpr size_t kFewWords = 2;
// Clusters of one shape that a line is compared with.
constexpr size_t kMaxOfShape = 64;
// What a count of a step takes in its map.
constexpr uint64_t kCountMemory = 40;

}  // namespace

void PatternMiner::Add(std::string_view line, int64_t step, uint64_t count) {
  CutLine(line, &line_);
  if (line_.words.empty()) return;
  marks_.clear();
  for (const LineWord& word : line_.words) {
    marks_.push_back({word.hash, word.has_digit, word.is_key, false});
  }
  Cluster* cluster = Find(line_.shape, marks_);
  if (cluster == nullptr) {
    Cluster fresh;
    fresh.marks = marks_;
    for (const LineWord& word : line_.words) fresh.words.emplace_back(word.text);
    for (const std::string_view gap : line_.gaps) fresh.gaps.emplace_back(gap);
    fresh.cut = line_.cut;
    cluster = Insert(line_.shape, std::move(fresh));
  }
  cluster->last_used = ++uses_;
  Count(cluster, step, count);
}

void PatternMiner::Merge(const PatternMiner& other) {
  for (const auto& [shape, clusters] : other.by_shape_) {
    for (const Cluster& cluster : clusters) {
      Cluster* known = Find(shape, cluster.marks);
      if (known == nullptr) {
        Cluster copy = cluster;
        copy.counts.clear();
        known = Insert(shape, std::move(copy));
      }
      known->last_used = ++uses_;
      for (const auto& [step, count] : cluster.counts) Count(known, step, count);
    }
  }
}

PatternMiner::Cluster* PatternMiner::Find(uint64_t shape, const std::vector<Mark>& marks) {
  const auto found = by_shape_.find(shape);
  if (found == by_shape_.end()) return nullptr;
  Cluster* best = nullptr;
  double most = -1;
  for (Cluster& cluster : found->second) {
    const double likeness = Likeness(cluster.marks, marks);
    if (likeness <= most) continue;
    most = likeness;
    best = &cluster;
    if (likeness == 1) break;
  }
  if (best != nullptr) Widen(marks, best);
  return best;
}

double PatternMiner::Likeness(const std::vector<Mark>& a, const std::vector<Mark>& b) {
  if (a.size() != b.size()) return -1;  // shapes are hashes
  size_t equal = 0;
  size_t telling = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].is_key) continue;  // equal in every line of the shape
    const bool same = a[i] == b[i];
    if (!same && a[i].varies() && b[i].varies()) continue;
    equal += same ? 1 : 0;
    ++telling;
  }
  if (telling == equal) return 1;
  const double likeness = static_cast<double>(equal) / static_cast<double>(telling);
  const bool enough = telling <= kFewWords ? likeness > kLeastLikeness : likeness >= kLeastLikeness;
  return enough ? likeness : -1;
}

void PatternMiner::Widen(const std::vector<Mark>& marks, Cluster* cluster) {
  for (size_t i = 0; i < marks.size(); ++i) {
    Mark& mark = cluster->marks[i];
    if (!mark.wild && !(mark == marks[i])) mark.wild = true;
  }
}

PatternMiner::Cluster* PatternMiner::Insert(uint64_t shape, Cluster cluster) {
  if (clusters_ == kMaxPatterns) ForgetOldest();
  std::vector<Cluster>& same = by_shape_[shape];
  if (same.size() == kMaxOfShape) {
    const auto oldest = std::min_element(
        same.begin(), same.end(),
        [](const Cluster& a, const Cluster& b) { return a.last_used < b.last_used; });
    Erase(&same, static_cast<size_t>(oldest - same.begin()));
  }
  memory_ += MemoryOf(cluster);
  same.push_back(std::move(cluster));
  ++clusters_;
  return &same.back();
}

void PatternMiner::ForgetOldest() {
  uint64_t oldest = std::numeric_limits<uint64_t>::max();
  auto shape = by_shape_.end();
  size_t index = 0;
  for (auto at = by_shape_.begin(); at != by_shape_.end(); ++at) {
    for (size_t i = 0; i < at->second.size(); ++i) {
      if (at->second[i].last_used >= oldest) continue;
      oldest = at->second[i].last_used;
      shape = at;
      index = i;
    }
  }
  if (shape == by_shape_.end()) return;
  Erase(&shape->second, index);
  if (shape->second.empty()) by_shape_.erase(shape);
}

void PatternMiner::Erase(std::vector<Cluster>* clusters, size_t index) {
  memory_ -= MemoryOf((*clusters)[index]);
  clusters->erase(clusters->begin() + static_cast<ptrdiff_t>(index));
  --clusters_;
}

void PatternMiner::Count(Cluster* cluster, int64_t step, uint64_t count) {
  const auto [known, inserted] = cluster->counts.try_emplace(step, 0);
  known->second += count;
  if (inserted) memory_ += kCountMemory;
}

uint64_t PatternMiner::MemoryOf(const Cluster& cluster) {
  uint64_t bytes = 2 * sizeof(Cluster) + cluster.marks.size() * sizeof(Mark) +
                   cluster.counts.size() * kCountMemory;
  for (const std::vector<std::string>* texts : {&cluster.words, &cluster.gaps}) {
    for (const std::string& text : *texts) bytes += 2 * sizeof(std::string) + text.size();
  }
  return bytes;
}

std::vector<MinedPattern> PatternMiner::Patterns() const {
  std::vector<MinedPattern> patterns;
  for (const auto& [shape, clusters] : by_shape_) {
    for (const Cluster& cluster : clusters) {
      MinedPattern pattern;
      pattern.text = TextOf(cluster);
      pattern.counts.assign(cluster.counts.begin(), cluster.counts.end());
      std::sort(pattern.counts.begin(), pattern.counts.end());
      for (const auto& [step, count] : pattern.counts) pattern.total += count;
      patterns.push_back(std::move(pattern));
    }
  }
  return patterns;
}

std::string PatternMiner::TextOf(const Cluster& cluster) {
  std::string text;
  for (size_t i = 0; i < cluster.gaps.size(); ++i) {
    text += cluster.gaps[i];
    if (i < cluster.words.size()) text += cluster.marks[i].wild ? kWildcard : cluster.words[i];
  }
  if (cluster.cut && !text.ends_with(kWildcard)) text += kWildcard;
  return text;
}

}  // namespace skald::query
