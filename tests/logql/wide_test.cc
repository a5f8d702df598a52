// Lines whose keys are all different: many columns, which do not fit into full batches.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/logql/stores.h"
#include "tests/support/status_matchers.h"

namespace skald::logql_test {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int kRows = 6000;

std::vector<test_support::PlainRow> WideRows() {
  std::vector<test_support::PlainRow> rows;
  for (int i = 0; i < kRows; ++i) {
    std::string line = StrCat("{\"n\":", i % 100);
    for (int k = 0; k < 5; ++k) StrAppend(&line, ",\"id_", i, "_", k, "\":", k);
    rows.push_back({R"({app="a"})", i * kSecond / 100, line + "}", {}});
  }
  return rows;
}

class WideTest : public ::testing::Test {
 protected:
  WideTest() {
    stores_.Add(WideRows());
    params_.end = kRows * kSecond / 100;
    params_.step = params_.end;
    params_.limit = kRows;
    params_.limits.max_query_series = 0;
    params_.limits.max_entries_limit_per_query = 0;
  }

  StatusOr<query::QueryResult> Run(const std::string& text) {
    ASSIGN_OR_RETURN(Store* const store, stores_.Get(Layout::kParts));
    return store->Run(text, params_);
  }

  Stores stores_;
  query::QueryParams params_;
};

TEST_F(WideTest, EveryLineHasItsLabels) {
  params_.categorize = true;
  ASSERT_OK_AND_ASSIGN(const query::QueryResult result, Run(R"({app="a"} | json)"));
  ASSERT_EQ(result.log()->streams.size(), 1u);
  const auto& entries = result.log()->streams[0].entries;
  ASSERT_EQ(entries.size(), size_t{kRows});
  for (const query::LogEntry& entry : entries) {
    const std::string own = StrCat("id_", entry.timestamp / (kSecond / 100), "_0");
    ASSERT_NE(entry.labels, nullptr);
    ASSERT_EQ(entry.labels->parsed.size(), 6u);
    EXPECT_EQ(entry.labels->parsed[0].name, own);
  }
}

TEST_F(WideTest, FiltersSelectAmongThem) {
  ASSERT_OK_AND_ASSIGN(const query::QueryResult result, Run(R"({app="a"} | json | n = 7)"));
  EXPECT_EQ(result.log()->streams.size(), size_t{kRows / 100});
}

TEST_F(WideTest, EveryLineIsASeries) {
  ASSERT_OK_AND_ASSIGN(const query::QueryResult result,
                       Run(R"(count(count_over_time({app="a"} | json [1h])))"));
  ASSERT_EQ(result.metric()->series.size(), 1u);
  EXPECT_EQ(result.metric()->series[0].samples.back().value, kRows);
}

// Rows with the same metadata names: columns in which every row has a value.
TEST(WideMetadataTest, OpenUnitsTakeFromTheBudget) {
  constexpr int kMetadataRows = 4000;
  std::vector<test_support::PlainRow> rows;
  for (int i = 0; i < kMetadataRows; ++i) {
    rows.push_back({R"({app="a"})", i * kSecond / 100, "x", {}});
    for (int k = 0; k < 20; ++k) {
      rows.back().metadata.emplace_back(StrCat("name", k), StrCat("value", i));
    }
  }
  for (const Layout layout : {Layout::kMemtable, Layout::kParts}) {
    Stores stores;
    stores.Add(rows);
    query::QueryParams params;
    params.end = kMetadataRows * kSecond / 100;
    params.limit = 1;
    ASSERT_OK_AND_ASSIGN(Store* const store, stores.Get(layout));
    EXPECT_OK(store->Run(R"({app="a"})", params).status());
    params.limits.max_query_memory = 1 << 20;
    EXPECT_THAT(store->Run(R"({app="a"})", params).status(),
                StatusIs(absl::StatusCode::kResourceExhausted))
        << NameOf(layout);
  }
}

// Copies are told apart by names of which each row has another.
TEST(WideMetadataTest, ComparingCopiesTakesFromTheBudget) {
  constexpr int kMetadataRows = 4000;
  std::vector<test_support::PlainRow> rows;
  for (int i = 0; i < kMetadataRows; ++i) {
    rows.push_back({R"({app="a"})", i * kSecond / 100, "x", {{StrCat("name", i), "v"}}});
  }
  Stores stores;
  stores.Add(rows);
  query::QueryParams params;
  params.end = kMetadataRows * kSecond / 100;
  params.limit = 1;
  ASSERT_OK_AND_ASSIGN(Store* const store, stores.Get(Layout::kSplit));
  EXPECT_OK(store->Run(R"({app="a"})", params).status());
  params.limits.max_query_memory = 8 << 20;
  EXPECT_THAT(store->Run(R"({app="a"})", params).status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

// What filters ask for fits where all labels of the rows do not.
TEST_F(WideTest, ASearchNeedsLittleMemory) {
  params_.limits.max_query_memory = 2 << 20;
  EXPECT_OK(Run(R"({app="a"} | json | n = 7)").status());
  EXPECT_THAT(Run(R"(count(count_over_time({app="a"} | json [1h])))").status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace skald::logql_test
