// What a log query's answer charges while it is put together, and once it is finished.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/engine/log_result_builder.h"
#include "storage/base/units.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

constexpr size_t kRows = 1000;
constexpr size_t kValueBytes = 4000;

// A row with a label of its own.
Status AddRow(size_t index, LogResultBuilder* builder) {
  std::string value = std::to_string(index);
  value.resize(kValueBytes, 'x');
  const std::vector<CategorisedLabel> labels = {{"app", "web", LabelCategory::kStream},
                                                {"id", value, LabelCategory::kMetadata}};
  return builder->Add({index, static_cast<int64_t>(index), "a line", labels});
}

TEST(LogResultBuilderTest, LabelsOfEachRowAreChargedAsOftenAsTheyAreHeld) {
  MemoryBudget budget("a budget", 1_GiB);
  QueryResult result;
  result.memory = Reservation(&budget);
  LogResultBuilder builder(kRows, /*categorize=*/false, &result);
  for (size_t i = 0; i < kRows; ++i) ASSERT_OK(AddRow(i, &builder));
  EXPECT_GE(budget.used(), 2 * kRows * kValueBytes);  // as labels and as text
  builder.Finish();
  ASSERT_EQ(result.log()->streams.size(), kRows);
  EXPECT_LT(budget.used(), 2 * kRows * kValueBytes);
  EXPECT_GE(budget.used(), kRows * kValueBytes);
  EXPECT_LE(result.arena.capacity(), budget.used() + 1_MiB);
}

TEST(LogResultBuilderTest, EndsWhenTheBudgetIsTaken) {
  MemoryBudget budget("a budget", 3 * kRows * kValueBytes / 2);
  QueryResult result;
  result.memory = Reservation(&budget);
  LogResultBuilder builder(kRows, /*categorize=*/false, &result);
  Status status;
  for (size_t i = 0; i < kRows && status.ok(); ++i) status = AddRow(i, &builder);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(LogResultBuilderTest, LabelsThatRowsShareAreChargedOnce) {
  MemoryBudget budget("a budget", 1_MiB);
  QueryResult result;
  result.memory = Reservation(&budget);
  LogResultBuilder builder(kRows, /*categorize=*/false, &result);
  const std::string value(kValueBytes, 'x');
  for (size_t i = 0; i < kRows; ++i) {
    ASSERT_OK(builder.Add({i, 0, "", {{"id", value, LabelCategory::kStream}}}));
  }
  builder.Finish();
  ASSERT_EQ(result.log()->streams.size(), 1u);
  EXPECT_EQ(result.log()->streams[0].entries.size(), kRows);
}

}  // namespace
}  // namespace skald::query
