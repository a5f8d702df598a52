#include "query/batch/batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/base/memory_budget.h"
#include "storage/base/stop.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

class BatchTest : public ::testing::Test {
 protected:
  BatchTest() {
    streams_.push_back(std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "web"}})));
    streams_.push_back(
        std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "db"}, {"env", "prod"}})));
    Fill(4);
  }

  // Rows 0 and 1 belong to the first stream, the others to the second.
  void Fill(uint32_t rows) {
    batch_.Reset(streams_);
    for (uint32_t row = 0; row < rows; ++row) {
      batch_.timestamps.push_back(row);
      batch_.stream_of.push_back(row < 2 ? 0 : 1);
      batch_.selection.push_back(row);
    }
  }

  std::vector<StreamPtr> streams_;
  Batch batch_;
};

TEST_F(BatchTest, AbsentRemovedAndEmptyCellsAreDistinct) {
  EXPECT_TRUE(IsAbsent(kAbsent));
  EXPECT_FALSE(IsAbsent(kRemoved));
  EXPECT_TRUE(IsRemoved(kRemoved));
  EXPECT_FALSE(IsRemoved(PresentEmpty()));
  EXPECT_TRUE(HasNoValue(kRemoved));
  EXPECT_TRUE(HasNoValue(kAbsent));
  EXPECT_FALSE(HasNoValue(PresentEmpty()));
}

TEST_F(BatchTest, ANewColumnIsAbsentEverywhere) {
  const auto cells = batch_.Writable("x", LabelCategory::kParsed);
  ASSERT_EQ(cells.size(), 4u);
  for (const std::string_view cell : cells) EXPECT_TRUE(IsAbsent(cell));
  cells[2] = "v";
  ASSERT_NE(batch_.Find("x", LabelCategory::kParsed), nullptr);
  EXPECT_EQ(batch_.Find("x", LabelCategory::kParsed)->cells[2], "v");
  EXPECT_EQ(batch_.Find("x", LabelCategory::kMetadata), nullptr);
  EXPECT_EQ(batch_.Writable("x", LabelCategory::kParsed).data(), cells.data());
}

TEST_F(BatchTest, ABorrowedColumnIsCopiedBeforeItIsWritten) {
  const std::string_view values[] = {"a", kAbsent};
  const uint32_t codes[] = {0, 1, 1, 0};
  batch_.AddColumn(
      {"m", LabelCategory::kMetadata, {StringColumn::Kind::kDictionary, values, codes}});
  const auto cells = batch_.Writable("m", LabelCategory::kMetadata);
  EXPECT_EQ(cells[0], "a");
  EXPECT_TRUE(IsAbsent(cells[1]));
  cells[3] = "b";
  EXPECT_EQ(batch_.Find("m", LabelCategory::kMetadata)->cells[3], "b");
  EXPECT_EQ(values[0], "a");
  EXPECT_EQ(batch_.columns().size(), 1u);
}

TEST_F(BatchTest, NamesOutliveTheCaller) {
  std::string name = "temporary_name_on_the_heap";
  batch_.Writable(name, LabelCategory::kParsed);
  name.assign(name.size(), 'x');
  EXPECT_NE(batch_.Find("temporary_name_on_the_heap", LabelCategory::kParsed), nullptr);
}

TEST_F(BatchTest, ErrorsAreSetAndClearedByRow) {
  EXPECT_FALSE(batch_.has_errors());
  batch_.SetError(1, kAbsent);
  EXPECT_FALSE(batch_.has_errors());
  batch_.SetError(1, "E");
  batch_.SetErrorDetails(1, "why");
  EXPECT_TRUE(batch_.has_errors());
  EXPECT_EQ(batch_.error(1), "E");
  EXPECT_EQ(batch_.error_details(1), "why");
  EXPECT_TRUE(IsAbsent(batch_.error(0)));
  batch_.SetError(1, kAbsent);
  EXPECT_TRUE(IsAbsent(batch_.error(1)));
  EXPECT_EQ(batch_.error_details(1), "why");
}

TEST_F(BatchTest, ResetForgetsEverything) {
  batch_.Writable("x", LabelCategory::kParsed)[0] = "v";
  batch_.SetError(0, "E");
  batch_.values.assign(4, 1);
  Fill(2);
  EXPECT_EQ(batch_.size(), 2u);
  EXPECT_TRUE(batch_.columns().empty());
  EXPECT_TRUE(batch_.values.empty());
  EXPECT_FALSE(batch_.has_errors());
}

TEST_F(BatchTest, AReaderTakesParsedBeforeMetadataBeforeStream) {
  EXPECT_EQ(LabelReader(batch_, "app")(0), "web");
  EXPECT_EQ(LabelReader(batch_, "app")(2), "db");
  EXPECT_TRUE(IsAbsent(LabelReader(batch_, "env")(0)));
  EXPECT_EQ(LabelReader(batch_, "env")(3), "prod");
  batch_.Writable("app", LabelCategory::kMetadata)[0] = "meta";
  batch_.Writable("app", LabelCategory::kMetadata)[1] = PresentEmpty();
  EXPECT_EQ(LabelReader(batch_, "app")(0), "meta");
  EXPECT_EQ(LabelReader(batch_, "app")(1), "");
  EXPECT_FALSE(IsAbsent(LabelReader(batch_, "app")(1)));
  batch_.Writable("app", LabelCategory::kParsed)[0] = "parsed";
  EXPECT_EQ(LabelReader(batch_, "app")(0), "parsed");
  batch_.Writable("app", LabelCategory::kParsed)[0] = kRemoved;
  EXPECT_EQ(LabelReader(batch_, "app")(0), "meta");
}

TEST_F(BatchTest, AStreamColumnReplacesTheStreamsOwnValues) {
  batch_.Writable("app", LabelCategory::kStream)[1] = "kept";
  const LabelReader reader(batch_, "app");
  EXPECT_TRUE(IsAbsent(reader(0)));
  EXPECT_EQ(reader(1), "kept");
}

TEST_F(BatchTest, AReaderVisitsTheRowsThatHaveTheLabel) {
  const std::vector<uint32_t> rows = {0, 1, 3};
  const auto visited = [&](std::string_view name, bool in_streams) {
    std::string text;
    LabelReader(batch_, name).ForEachValue(rows, in_streams, [&](size_t i, std::string_view value) {
      StrAppend(&text, rows[i], "=", value, " ");
    });
    return text;
  };
  EXPECT_EQ(visited("env", true), "3=prod ");
  batch_.Writable("env", LabelCategory::kParsed)[1] = PresentEmpty();
  EXPECT_EQ(visited("env", true), "1= 3=prod ");
  batch_.Writable("n", LabelCategory::kParsed)[1] = "one";
  batch_.Writable("n", LabelCategory::kParsed)[2] = "not asked for";
  batch_.Writable("n", LabelCategory::kParsed)[3] = kRemoved;
  EXPECT_EQ(visited("n", false), "1=one ");
  EXPECT_EQ(visited("n", true), "1=one ");
  batch_.Writable("n", LabelCategory::kMetadata)[3] = "metadata";
  EXPECT_EQ(visited("n", false), "1=one 3=metadata ");
  batch_.SetError(3, "E");
  EXPECT_EQ(visited(kErrorLabel, false), "3=E ");
}

TEST_F(BatchTest, AReaderOfErrorLabelsReadsTheErrorState) {
  batch_.SetError(2, "E");
  batch_.SetErrorDetails(2, "why");
  EXPECT_EQ(LabelReader(batch_, kErrorLabel)(2), "E");
  EXPECT_TRUE(IsAbsent(LabelReader(batch_, kErrorLabel)(1)));
  EXPECT_EQ(LabelReader(batch_, kErrorDetailsLabel)(2), "why");
}

TEST_F(BatchTest, FindsEachOfManyColumns) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = StrCat("n", i);
    if (i % 2 == 0) batch_.Writable(name, LabelCategory::kMetadata)[0] = "m";
    batch_.Writable(name, LabelCategory::kParsed)[1] = "p";
    for (int j = 0; j <= i; ++j) {
      const std::string earlier = StrCat("n", j);
      ASSERT_NE(batch_.Find(earlier, LabelCategory::kParsed), nullptr);
      EXPECT_EQ(batch_.Find(earlier, LabelCategory::kParsed)->name, earlier);
      EXPECT_EQ(batch_.Find(earlier, LabelCategory::kMetadata) != nullptr, j % 2 == 0);
    }
  }
  EXPECT_EQ(batch_.columns().size(), 150u);
  EXPECT_EQ(batch_.Find("n100", LabelCategory::kParsed), nullptr);
  Fill(4);
  EXPECT_EQ(batch_.Find("n99", LabelCategory::kParsed), nullptr);
}

// Adds columns until that is refused; returns how many there were room for.
size_t AddColumns(Batch* batch, size_t most, Status* status) {
  for (size_t i = 0; i < most; ++i) {
    batch->Writable(StrCat("n", i), LabelCategory::kParsed);
    *status = batch->Check();
    if (!status->ok()) return i;
  }
  return most;
}

TEST_F(BatchTest, ManyColumnsOverManyRowsAreTooWide) {
  Fill(kMaxBatchRows);
  Status status;
  const size_t columns = AddColumns(&batch_, 10000, &status);
  EXPECT_THAT(status, StatusIs(kTooWide));
  EXPECT_GE(columns, kMaxBatchBytes / (kMaxBatchRows * sizeof(std::string_view)) * 9 / 10);
  Fill(1);
  EXPECT_EQ(AddColumns(&batch_, 200000, &status), 200000u);
  EXPECT_GT(batch_.memory(), kMaxBatchBytes);
}

TEST_F(BatchTest, ABatchTakesAShareOfItsBudgetAtMost) {
  MemoryBudget queries("queries", 64_MiB);
  MemoryBudget own("this query", 1_GiB, &queries);
  EXPECT_EQ(Batch(&own).max_memory(), 4_MiB) << "a share of what it can ever have";
  MemoryBudget little("this query", 1_MiB, &queries);
  EXPECT_EQ(Batch(&little).max_memory(), kMinBatchBytes);
  MemoryBudget much("queries", 1_GiB);
  EXPECT_EQ(Batch(&much).max_memory(), kMaxBatchBytes);

  Batch batch(&own);
  batch.Reset(streams_);
  batch.timestamps.assign(kMaxBatchRows, 0);
  Status status;
  const size_t columns = AddColumns(&batch, 1000, &status);
  EXPECT_THAT(status, StatusIs(kTooWide));
  EXPECT_LE(own.used(), 4_MiB);
  EXPECT_GE(columns, 4_MiB / (kMaxBatchRows * sizeof(std::string_view)) * 8 / 10);
}

TEST_F(BatchTest, WhatAWideBatchTookIsNotHeldAgainstTheNext) {
  MemoryBudget little("this query", 1_MiB);
  Batch batch(&little);
  const auto fill = [&] {
    batch.Reset(streams_);
    batch.timestamps.assign(kMaxBatchRows, 0);
  };
  fill();
  Status status;
  AddColumns(&batch, 1000, &status);
  ASSERT_THAT(status, StatusIs(kTooWide));
  fill();
  batch.CountMemory(1000);
  EXPECT_OK(batch.Check());
  EXPECT_LT(batch.memory(), batch.max_memory() / 8);
}

TEST_F(BatchTest, WhatRowsTakeIsChargedAndGivenBack) {
  MemoryBudget budget("a small budget", 4_MiB);
  Reservation others(&budget);
  ASSERT_OK(others.Grow(3_MiB + 512_KiB));
  Status status;
  {
    Batch batch(&budget);
    const auto fill = [&](uint32_t rows) {
      batch.Reset(streams_);
      batch.timestamps.assign(rows, 0);
      batch.stream_of.assign(rows, 0);
    };
    fill(kMaxBatchRows);
    const size_t columns = AddColumns(&batch, 1000, &status);
    EXPECT_THAT(status, StatusIs(kTooWide)) << "fewer rows may do";
    EXPECT_GE(budget.used() - others.bytes(), columns * kMaxBatchRows * sizeof(std::string_view));
    EXPECT_LE(budget.used(), budget.limit());
    fill(kFewBatchRows);
    AddColumns(&batch, 10000, &status);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_NE(Message(status).find("a small budget"), std::string_view::npos) << status;
    fill(1);
    EXPECT_OK(batch.Check());
  }
  EXPECT_EQ(budget.used(), others.bytes());
}

TEST_F(BatchTest, AStopIsSeenAfterABoundedAmountOfWork) {
  StopToken stop;
  Batch batch(nullptr, &stop);
  batch.Reset(streams_);
  for (uint32_t row = 0; row < kMaxBatchRows; ++row) {
    batch.timestamps.push_back(row);
    batch.lines.push_back("a line of some forty bytes, give or take");
    batch.selection.push_back(row);
  }
  size_t visited = 0;
  EXPECT_OK(batch.KeepRows([](uint32_t row) { return row % 2 == 0; }));
  EXPECT_EQ(batch.selection.size(), kMaxBatchRows / 2);
  const Status status = batch.ForEachRow([&](uint32_t) {
    if (++visited == 100) stop.RequestStop();
    batch.CountWork(1000);
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LE(visited, 100 + StopPacer::kInterval / 1000);
}

}  // namespace
}  // namespace skald::query
