// Every stage ends soon after nobody waits for its query any more, and when memory runs out.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "query/syntax/parser.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/stop.h"
#include "tests/query/stage_harness.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

std::vector<TestRow> Rows(size_t count, const std::string& line) {
  return std::vector<TestRow>(count, TestRow{line, {{"meta", "data"}}});
}

Status RunStopped(const std::string& stages, const std::vector<TestRow>& rows,
                  const StopToken* stop) {
  const StatusOr<Query> query = ParseQuery(StrCat("{app=\"web\"} ", stages));
  if (!query.ok()) return query.status();
  return RunPipeline(*query->log(), PipelineOptions(), rows, nullptr, stop).status();
}

const std::vector<std::string>& Stages() {
  static const std::vector<std::string> stages = {
      R"(| json)",
      R"(| json a="b")",
      R"(| logfmt)",
      R"(| logfmt a="b")",
      R"(| unpack)",
      R"(| pattern "<a> <b>")",
      R"re(| regexp "(?P<a>[a-z]+)")re",
      R"(| app="web")",
      R"(| app="web" or meta="x")",
      R"(| decolorize)",
      R"(| drop meta)",
      R"(| drop __error__)",
      R"(| keep meta)",
      R"(| label_format a=app)",
      R"(| label_format a="{{.app}}")",
      R"(| line_format "{{.app}}")",
      R"(| line_format "{{ trunc 5 __line__ }}")",
  };
  return stages;
}

// Some 80 bytes a row, so that 4,000 rows are a bit more work than a pipeline does between looks.
TEST(StageTermsTest, AStopEndsEveryStage) {
  const auto rows = Rows(4000, R"({"b": "abc d", "_entry": "x", "c": 1, "d": "0123456789"})");
  StopToken stop;
  for (const std::string& stages : Stages()) EXPECT_OK(RunStopped(stages, rows, &stop)) << stages;
  stop.RequestStop();
  for (const std::string& stages : Stages()) {
    EXPECT_THAT(RunStopped(stages, rows, &stop), StatusIs(absl::StatusCode::kCancelled)) << stages;
  }
}

TEST(StageTermsTest, AStopEndsUnwrapAndFiltersBehindFormats) {
  StopToken stop;
  stop.RequestStop();
  const auto rows = Rows(4000, std::string(40, 'x'));
  Unwrap unwrap;
  unwrap.label = "meta";
  PipelineOptions options;
  options.metric = true;
  options.unwrap = &unwrap;
  const StatusOr<Query> query = ParseQuery(R"({app="web"})");
  ASSERT_OK(query.status());
  EXPECT_THAT(RunPipeline(*query->log(), options, rows, nullptr, &stop).status(),
              StatusIs(absl::StatusCode::kCancelled));
  // The format alone is too little work, the filter reaches the mark.
  const auto few = Rows(2200, "x");
  EXPECT_OK(RunStopped(R"(| line_format "y")", few, &stop));
  EXPECT_THAT(RunStopped(R"(| line_format "y" |= "y")", few, &stop),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(StageTermsTest, TemplatesThatDoMuchAreStoppedAfterFewRows) {
  StopToken stop;
  stop.RequestStop();
  const auto rows = Rows(2, "x");
  const std::string busy = "{{ range $i := 1000 }}{{ end }}";
  EXPECT_THAT(RunStopped(StrCat("| line_format `", busy, "`"), rows, &stop),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(RunStopped(StrCat("| label_format a=`", busy, "`"), rows, &stop),
              StatusIs(absl::StatusCode::kCancelled));
}

// Every look at the clock takes a nanosecond.
class CountingClock : public Clock {
 public:
  int64_t WallNanos() const override { return 0; }
  int64_t MonotonicNanos() const override { return ++looks_; }
  int64_t looks() const { return looks_; }

 private:
  mutable int64_t looks_ = 0;
};

// Lines are read until the stop is seen, which may be in the midst of one when it makes columns.
TEST(StageTermsTest, AStopLeavesNoLineHalfRead) {
  std::vector<TestRow> rows;
  for (int row = 0; row < 200; ++row) {
    rows.push_back({StrCat("a", row, "=1 b", row, "=2 c", row, "=3 d", row, "=4 e", row, "=5")});
  }
  const CountingClock patient;
  const StopToken never(&patient, std::numeric_limits<int64_t>::max());
  ASSERT_OK(RunStopped("| logfmt", rows, &never));
  const int64_t looks = patient.looks();
  EXPECT_GT(looks, 5);
  for (int64_t deadline = 0; deadline < looks; ++deadline) {
    const CountingClock clock;
    const StopToken stop(&clock, deadline);
    EXPECT_THAT(RunStopped("| logfmt", rows, &stop), StatusIs(absl::StatusCode::kDeadlineExceeded))
        << deadline;
    EXPECT_EQ(clock.looks(), deadline + 1) << "looks after the stop was seen";
  }
}

Status RunWithin(uint64_t bytes, const std::string& stages, const std::vector<TestRow>& rows) {
  MemoryBudget budget("a small budget", bytes);
  const StatusOr<Query> query = ParseQuery(StrCat("{app=\"web\"} ", stages));
  if (!query.ok()) return query.status();
  const Status status = RunPipeline(*query->log(), PipelineOptions(), rows, &budget).status();
  EXPECT_EQ(budget.used(), 0u);
  return status;
}

TEST(StageTermsTest, WideLinesTakeFromTheBudget) {
  std::string line;
  for (int i = 0; i < 20000; ++i) StrAppend(&line, "k", i, "=1 ");
  EXPECT_THAT(RunWithin(2 << 20, "| logfmt", Rows(1, line)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(RunWithin(2 << 20, "| logfmt", Rows(100, line)), StatusIs(kTooWide));
  EXPECT_OK(RunWithin(64 << 20, "| logfmt", Rows(1, line)));
}

// Objects without fields make keys, but no labels.
TEST(StageTermsTest, KeysWithoutLabelsTakeFromTheBudget) {
  std::string line = "{";
  for (int i = 0; i < 20000; ++i) StrAppend(&line, i == 0 ? "" : ",", "\"k", i, "\":{}");
  line += "}";
  EXPECT_THAT(RunWithin(2 << 20, "| json", Rows(1, line)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(RunWithin(64 << 20, "| json", Rows(1, line)));
}

// An object with a long key and many members of these values.
std::string LongKeyWithMembers(std::string_view value) {
  std::string line = StrCat("{\"", std::string(16 << 10, 'k'), "\":{");
  for (int i = 0; i < 2000; ++i) StrAppend(&line, i == 0 ? "" : ",", "\"m", i, "\":", value);
  return line + "}}";
}

TEST(StageTermsTest, ObjectsBelowALongKeyDoNotRepeatIt) {
  EXPECT_OK(RunWithin(4 << 20, "| json", Rows(1, LongKeyWithMembers("{}"))));
}

TEST(StageTermsTest, UnneededFieldsBelowALongKeyDoNotRepeatIt) {
  MemoryBudget budget("a small budget", 4 << 20);
  ASSERT_OK_AND_ASSIGN(const Query query, ParseQuery("{app=\"web\"} | json"));
  PipelineOptions options;
  options.metric = true;
  options.grouping_labels = {"x"};
  ASSERT_OK_AND_ASSIGN(const auto rows, RunPipeline(*query.log(), options,
                                                    Rows(1, LongKeyWithMembers("1")), &budget));
  EXPECT_EQ(rows.size(), 1u);
}

TEST(StageTermsTest, FieldsBelowALongKeyTakeFromTheBudget) {
  EXPECT_THAT(RunWithin(4 << 20, "| json", Rows(1, LongKeyWithMembers("1"))),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(StageTermsTest, FormattedLinesTakeFromTheBudget) {
  const std::string large = R"(| line_format `{{ repeat 500000 "x" }}`)";
  EXPECT_THAT(RunWithin(400'000, large, Rows(2, "x")),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(RunWithin(400'000, large, Rows(100, "x")), StatusIs(kTooWide));
  EXPECT_THAT(RunWithin(1 << 30, large, Rows(50, "x")), StatusIs(kTooWide))
      << "a batch has a bound of its own";
  EXPECT_THAT(RunWithin(64 << 20, large, Rows(20, "x")), StatusIs(kTooWide))
      << "and less where there is little memory";
  EXPECT_OK(RunWithin(64 << 20, large, Rows(2, "x")));
}

}  // namespace
}  // namespace skald::query
