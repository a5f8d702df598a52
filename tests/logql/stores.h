// The same rows in storage, laid out in every way: a query must answer alike over each.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/engine.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/odd_encoding.h"

namespace skald::logql_test {

enum class Layout {
  kMemtable,
  kParts,  // flushed
  // Half of the rows flushed, then all of them pushed again: rows lie in both, some twice.
  kSplit,
  // In pieces, half of which overlap the piece before, each flushed; then merged.
  kCompacted,
  kOddLines,  // flushed, and read through an encoding of lines that only the tests have
};
inline constexpr std::array kLayouts = {Layout::kMemtable, Layout::kParts, Layout::kSplit,
                                        Layout::kCompacted, Layout::kOddLines};
std::string_view NameOf(Layout layout);

// One storage engine over files in memory. Threads: externally synchronised.
class Store {
 public:
  static StatusOr<std::unique_ptr<Store>> Create(Layout layout,
                                                 const std::vector<test_support::PlainRow>& rows);

  // Parses and runs a query.
  StatusOr<query::QueryResult> Run(std::string_view query, query::QueryParams params);

 private:
  explicit Store() : budget_("queries", 1_GiB) {}
  Status Fill(Layout layout, const std::vector<test_support::PlainRow>& rows);
  Status FillAndMerge(const std::vector<test_support::PlainRow>& rows);
  // Pushes and flushes the rows [begin, end).
  Status PushPart(const std::vector<test_support::PlainRow>& rows, size_t begin, size_t end);

  MemoryFileSystem files_;
  ManualClock clock_{Clock::Real()->WallNanos()};  // stands, so that nothing is frozen for its age
  test_support::PlainRowDecoder decoder_;
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<test_support::OddReader> odd_reader_;
  MemoryBudget budget_;
  std::unique_ptr<query::QueryEngine> queries_;
};

// All layouts of the same rows, each made when it is first asked for.
class Stores {
 public:
  void Add(const std::vector<test_support::PlainRow>& rows);
  void Clear();
  StatusOr<Store*> Get(Layout layout);

 private:
  std::vector<test_support::PlainRow> rows_;
  std::array<std::unique_ptr<Store>, kLayouts.size()> stores_;
};

}  // namespace skald::logql_test
