#include "storage/select/duplicates.h"

#include <algorithm>
#include <utility>

namespace skald::storage {
namespace {

// Contents of so many rows are fetched at once, or of those of one time: where rows have metadata
// of names of their own, they take the square of it.
constexpr size_t kRowsTogether = 2048;

// Rows [begin, end) of two sources that share one time.
struct Coincidence {
  uint32_t earlier_begin, earlier_end;
  uint32_t later_begin, later_end;
};

std::vector<Coincidence> FindCoincidences(const SourceRows& earlier, const SourceRows& later) {
  std::vector<Coincidence> result;
  uint32_t i = 0;
  uint32_t k = 0;
  while (i < earlier.size() && k < later.size()) {
    if (earlier.time(i) < later.time(k)) {
      ++i;
    } else if (later.time(k) < earlier.time(i)) {
      ++k;
    } else {
      const int64_t time = earlier.time(i);
      Coincidence found{i, i, k, k};
      while (i < earlier.size() && earlier.time(i) == time) ++i;
      while (k < later.size() && later.time(k) == time) ++k;
      found.earlier_end = i;
      found.later_end = k;
      result.push_back(found);
    }
  }
  return result;
}

void AppendRange(uint32_t begin, uint32_t end, std::vector<uint32_t>* out) {
  for (uint32_t i = begin; i < end; ++i) out->push_back(i);
}

void AppendRow(uint64_t earlier, uint64_t later, std::vector<DuplicateRun>* runs) {
  if (!runs->empty()) {
    DuplicateRun& last = runs->back();
    if (earlier == last.earlier + last.rows && later == last.later + last.rows) {
      ++last.rows;
      return;
    }
  }
  runs->push_back({earlier, later, 1});
}

// Finds the copies among rows that share a time. Threads: externally synchronised.
class CopyFinder {
 public:
  // REQUIRES: the contents of the rows were loaded.
  CopyFinder(const SourceRows& earlier, const SourceRows& later, std::vector<DuplicateRun>* found)
      : earlier_(earlier), later_(later), is_copy_(earlier, later), found_(found) {}

  void Find(const Coincidence& c) {
    const uint64_t pairs =
        uint64_t{c.earlier_end - c.earlier_begin} * (c.later_end - c.later_begin);
    pairs <= kFewPairs ? FindAmongFew(c) : FindByHash(c);
  }

 private:
  // So many pairs of rows are compared faster than the rows are hashed.
  static constexpr uint64_t kFewPairs = 16;

  void FindAmongFew(const Coincidence& c) {
    for (uint32_t k = c.later_begin; k < c.later_end; ++k) {
      for (uint32_t i = c.earlier_begin; i < c.earlier_end; ++i) {
        if (!is_copy_(i, k)) continue;
        AppendRow(earlier_.id(i), later_.id(k), found_);
        break;
      }
    }
  }

  void FindByHash(const Coincidence& c) {
    by_hash_.clear();
    for (uint32_t i = c.earlier_begin; i < c.earlier_end; ++i) {
      by_hash_.emplace_back(earlier_.HashOf(i), i);
    }
    std::sort(by_hash_.begin(), by_hash_.end());
    for (uint32_t k = c.later_begin; k < c.later_end; ++k) {
      const uint64_t hash = later_.HashOf(k);
      auto candidate = std::lower_bound(by_hash_.begin(), by_hash_.end(), std::pair(hash, 0U));
      for (; candidate != by_hash_.end() && candidate->first == hash; ++candidate) {
        if (!is_copy_(candidate->second, k)) continue;
        AppendRow(earlier_.id(candidate->second), later_.id(k), found_);
        break;
      }
    }
  }

  const SourceRows& earlier_;
  const SourceRows& later_;
  const SameContents is_copy_;
  std::vector<DuplicateRun>* const found_;
  std::vector<std::pair<uint64_t, uint32_t>> by_hash_;  // the earlier rows of one time
};

// How many of `rest`, from the first on, are compared at once.
size_t CountTogether(std::span<const Coincidence> rest) {
  size_t rows = 0;
  for (size_t count = 0; count < rest.size(); ++count) {
    const Coincidence& c = rest[count];
    rows += (c.earlier_end - c.earlier_begin) + (c.later_end - c.later_begin);
    if (rows > kRowsTogether) return std::max<size_t>(count, 1);
  }
  return rest.size();
}

Status FindAmong(std::span<const Coincidence> some, SourceRows* earlier, SourceRows* later,
                 std::vector<DuplicateRun>* found) {
  std::vector<uint32_t> of_earlier;
  std::vector<uint32_t> of_later;
  for (const Coincidence& c : some) {
    AppendRange(c.earlier_begin, c.earlier_end, &of_earlier);
    AppendRange(c.later_begin, c.later_end, &of_later);
  }
  RETURN_IF_ERROR(earlier->LoadContents(of_earlier));
  RETURN_IF_ERROR(later->LoadContents(of_later));
  CopyFinder copies(*earlier, *later, found);
  for (const Coincidence& c : some) copies.Find(c);
  return absl::OkStatus();
}

}  // namespace

Status FindDuplicates(SourceRows* earlier, SourceRows* later, std::vector<DuplicateRun>* found) {
  const std::vector<Coincidence> coincidences = FindCoincidences(*earlier, *later);
  std::span<const Coincidence> rest(coincidences);
  while (!rest.empty()) {
    const size_t count = CountTogether(rest);
    RETURN_IF_ERROR(FindAmong(rest.first(count), earlier, later, found));
    rest = rest.subspan(count);
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
