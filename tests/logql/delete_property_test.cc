// Delete requests in LogQL against the naive reference evaluator: what a query would show in the
// range is gone, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "query/engine/delete_compiler.h"
#include "query/syntax/parser.h"
#include "storage/base/memory_budget.h"
#include "storage/base/units.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/query_generator.h"
#include "tests/support/reference_engine.h"
#include "tests/support/status_matchers.h"

namespace skald::logql_test {
namespace {

using test_support::EngineFixture;
using test_support::GenerateRows;
using test_support::kGeneratedSpan;
using test_support::PlainRow;
using test_support::QueryGenerator;
using test_support::ReferenceEngine;
using ::testing::HasSubstr;

constexpr uint64_t kDataSets = 20;
constexpr int kQueriesEach = 120;
constexpr int64_t kSecond = 1'000'000'000;

class DeletePropertyTest : public ::testing::TestWithParam<uint64_t>, protected EngineFixture {
 protected:
  DeletePropertyTest() { options_.deletes.compiler = &compiler_; }

  // The rows in several parts, and some in the memtable; some in two.
  void Fill() {
    for (size_t begin = 0; begin < rows_.size();) {
      const size_t end = std::min(rows_.size(), begin + 1 + random_.Below(40));
      PushRows({rows_.begin() + static_cast<ptrdiff_t>(begin),
                rows_.begin() + static_cast<ptrdiff_t>(end)});
      if (random_.OneIn(2)) {
        ASSERT_OK(engine_->Flush());
      }
      begin = end;
    }
    if (random_.OneIn(3)) {
      ASSERT_OK(engine_->Compact());
    }
  }

  // The rows that are left when what the query shows in [start, end] is gone.
  StatusOr<std::set<PlainRow>> Left(const query::Query& query, int64_t start, int64_t end) {
    query::QueryParams params;
    params.start = start;
    params.end = end + 1;
    params.limit = std::numeric_limits<uint32_t>::max();
    ASSIGN_OR_RETURN(const auto answer, reference_.Run(query, params));
    std::set<int64_t> times;  // no two rows have the same
    for (const auto& entry : answer.entries) times.insert(entry.time);
    std::set<PlainRow> left;
    for (const PlainRow& row : rows_) {
      if (!times.contains(row.time)) left.insert(row);
    }
    return left;
  }

  // True if the request hid something.
  bool CheckOneQuery(const std::string& text) {
    const int64_t start = random_.Between(-10, 100) * kSecond;
    const int64_t end = start + random_.Between(0, 100) * kSecond;
    const StatusOr<query::Query> query = query::ParseQuery(text);
    EXPECT_OK(query.status()) << text;
    if (!query.ok()) return false;
    const StatusOr<std::set<PlainRow>> expected = Left(*query, start, end);
    const StatusOr<std::string> id = engine_->deletes()->Create("t", {text, start, end});
    if (!id.ok() || !expected.ok()) {
      EXPECT_FALSE(expected.ok()) << text << "\n" << id.status();
      EXPECT_FALSE(id.ok()) << text << "\n" << expected.status();
      return false;
    }
    const std::vector<PlainRow> rows = Rows();
    const std::set<PlainRow> seen(rows.begin(), rows.end());
    EXPECT_EQ(seen.size(), rows.size()) << text;
    EXPECT_TRUE(seen == *expected) << text << "\nfrom " << start << " to " << end << ": "
                                   << seen.size() << " rows are left, not " << expected->size();
    EXPECT_OK(engine_->deletes()->Cancel("t", *id, /*force=*/true));
    return expected->size() < all_.size();
  }

  Random random_{GetParam()};
  const std::vector<PlainRow> rows_ = GenerateRows(&random_, 20 + random_.Below(100));
  const std::set<PlainRow> all_{rows_.begin(), rows_.end()};
  ReferenceEngine reference_{rows_};
  MemoryBudget memory_{"queries", 1_MiB};
  query::DeleteQueryCompiler compiler_{&memory_};
};

TEST_P(DeletePropertyTest, HidesWhatTheQueryShows) {
  Open();
  Fill();
  QueryGenerator generator(&random_);
  int hiding = 0;
  for (int i = 0; i < kQueriesEach && !HasFailure(); ++i) {
    if (CheckOneQuery(generator.LogQuery())) ++hiding;
  }
  EXPECT_GT(hiding, kQueriesEach / 4) << "requests that hide nothing agree too easily";
  EXPECT_EQ(memory_.used(), 0u);
  const std::vector<PlainRow> rows = Rows();
  EXPECT_TRUE(std::set<PlainRow>(rows.begin(), rows.end()) == all_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeletePropertyTest, ::testing::Range<uint64_t>(1, kDataSets + 1));

class DeleteMemoryTest : public ::testing::Test, protected EngineFixture {};

TEST_F(DeleteMemoryTest, LookingForRowsIsChargedToTheBudgetOfQueries) {
  MemoryBudget memory("queries", 100);
  query::DeleteQueryCompiler compiler(&memory);
  options_.deletes.compiler = &compiler;
  Open();
  std::vector<PlainRow> rows;
  for (int64_t i = 0; i < 2000; ++i) rows.push_back({"{app=\"a\"}", i, "line", {}});
  PushRows(rows);
  ASSERT_OK(engine_->deletes()->Create("t", {R"({app="a"} |= "line")", 0, kGeneratedSpan}));
  const auto read = test_support::ReadRows(engine_.get(), "t");
  EXPECT_THAT(read.status(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("queries")));
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace skald::logql_test
