// What the answers of questions about streams and fields are charged for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/engine/detected.h"
#include "query/engine/metadata.h"
#include "query/syntax/parser.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "storage/row_buffer.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class MetadataTest : public testing::Test {
 protected:
  void Add(LabelSet labels, const std::string& line) {
    const std::vector<Row> rows = {{0, line, {}, {}}};
    const StreamRows stream{std::make_shared<const Stream>(std::move(labels)), rows};
    rows_.Add({&stream, 1});
  }
  // Streams with names and values of their own.
  void AddStreams(int count) {
    for (int i = 0; i < count; ++i) {
      Add(LabelSet::FromPairs({{"app", StrCat("app-", i)}, {StrCat("n", i), "x"}}), "line");
    }
  }

  storage::RowBuffer rows_{"t"};
  MemoryBudget small_{"a light query", 128_KiB};
  MemoryBudget large_{"a heavy query", 64_MiB};
};

// Asks with both budgets; the answer must take so much of the large one.
template <typename Ask>
void ExpectCharged(Ask ask, MemoryBudget* small, MemoryBudget* large, uint64_t least) {
  {
    MemoryCharge charge(small);
    EXPECT_THAT(ask(&charge), StatusIs(absl::StatusCode::kResourceExhausted));
  }
  EXPECT_EQ(small->used(), 0u);
  {
    MemoryCharge charge(large);
    EXPECT_OK(ask(&charge).status());
    EXPECT_GE(large->used(), least);
  }
  EXPECT_EQ(large->used(), 0u);
}

TEST_F(MetadataTest, AnswersAboutStreamsAreCharged) {
  AddStreams(2000);
  const auto snapshot = rows_.GetSnapshot("t");
  const TimeRange all;
  const auto series = [&](MemoryCharge* charge) {
    return FindSeries(*snapshot, {}, all, nullptr, charge);
  };
  ExpectCharged(series, &small_, &large_, 2000 * 100);
  const auto names = [&](MemoryCharge* charge) {
    return snapshot->LabelNames({}, all, nullptr, charge);
  };
  ExpectCharged(names, &small_, &large_, 2000 * 100);
  const auto values = [&](MemoryCharge* charge) {
    return snapshot->LabelValues("app", {}, all, nullptr, charge);
  };
  ExpectCharged(values, &small_, &large_, 2000 * 100);
  const auto labels = [&](MemoryCharge* charge) {
    return DetectLabels(*snapshot, {}, all, nullptr, charge);
  };
  ExpectCharged(labels, &small_, &large_, 2000 * 100);
}

TEST_F(MetadataTest, SeriesOfSeveralSelectorsAreChargedOnce) {
  AddStreams(500);
  const auto snapshot = rows_.GetSnapshot("t");
  const std::vector<std::vector<Matcher>> selectors(50);
  MemoryBudget memory("query", 1_MiB);
  MemoryCharge charge(&memory);
  ASSERT_OK_AND_ASSIGN(const auto series,
                       FindSeries(*snapshot, selectors, TimeRange(), nullptr, &charge));
  EXPECT_THAT(series, SizeIs(500));
}

TEST_F(MetadataTest, FieldsAreCharged) {
  for (int i = 0; i < 1000; ++i) {
    Add(LabelSet::FromPairs({{"app", "a"}}), StrCat("id=", i, " size=", i, "kb"));
  }
  const QueryEngine engine(&rows_, nullptr, Clock::Real());
  ASSERT_OK_AND_ASSIGN(const Query query, ParseQuery(R"({app="a"})"));
  QueryParams params;
  params.tenant = "t";
  params.start = -1;
  params.end = 1;
  params.limit = 1000;
  const auto fields = [&](MemoryCharge* charge) {
    return DetectFields(engine, query, params, 1000, charge);
  };
  ExpectCharged(fields, &small_, &large_, 2 * 1000 * 100);
}

TEST_F(MetadataTest, ValuesOfFieldsAreShownOnceAndSorted) {
  for (const std::string size : {"2kb", "2000b", "1kb"}) {
    Add(LabelSet::FromPairs({{"app", "a"}}), StrCat("size=", size));
  }
  const QueryEngine engine(&rows_, nullptr, Clock::Real());
  ASSERT_OK_AND_ASSIGN(const Query query, ParseQuery(R"({app="a"})"));
  QueryParams params;
  params.tenant = "t";
  params.start = -1;
  params.end = 1;
  MemoryCharge charge(nullptr);
  ASSERT_OK_AND_ASSIGN(const auto fields, DetectFields(engine, query, params, 1000, &charge));
  ASSERT_THAT(fields, SizeIs(1));
  EXPECT_EQ(fields[0].cardinality, 3u);
  EXPECT_THAT(fields[0].values, ElementsAre("1.0kB", "2.0kB"));
}

}  // namespace
}  // namespace skald::query
