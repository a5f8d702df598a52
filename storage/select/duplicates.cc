#include "storage/select/duplicates.h"

#include "absl/container/flat_hash_set.h"

namespace skald::storage {
namespace {

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

// A row of a source, as an element of a set of contents.
struct Element {
  const SourceRows* rows;
  uint32_t index;
};
struct ContentHash {
  size_t operator()(const Element& e) const { return e.rows->HashOf(e.index); }
};
struct ContentEqual {
  bool operator()(const Element& a, const Element& b) const {
    return SourceRows::Equal(*a.rows, a.index, *b.rows, b.index);
  }
};

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

}  // namespace

Status FindDuplicates(SourceRows* earlier, SourceRows* later, std::vector<DuplicateRun>* found) {
  const std::vector<Coincidence> coincidences = FindCoincidences(*earlier, *later);
  if (coincidences.empty()) return absl::OkStatus();
  std::vector<uint32_t> of_earlier;
  std::vector<uint32_t> of_later;
  for (const Coincidence& c : coincidences) {
    AppendRange(c.earlier_begin, c.earlier_end, &of_earlier);
    AppendRange(c.later_begin, c.later_end, &of_later);
  }
  RETURN_IF_ERROR(earlier->LoadContents(of_earlier));
  RETURN_IF_ERROR(later->LoadContents(of_later));
  absl::flat_hash_set<Element, ContentHash, ContentEqual> contents;
  for (const Coincidence& c : coincidences) {
    contents.clear();
    for (uint32_t i = c.earlier_begin; i < c.earlier_end; ++i) contents.insert({earlier, i});
    for (uint32_t k = c.later_begin; k < c.later_end; ++k) {
      const auto copy = contents.find({later, k});
      if (copy != contents.end()) AppendRow(earlier->id(copy->index), later->id(k), found);
    }
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
