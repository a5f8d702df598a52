// The engine's promises, one scenario each, over a file system that forgets what was not synced.

#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PlainRow MakeRow(const std::string& app, int64_t time, const std::string& line,
                 std::vector<std::pair<std::string, std::string>> metadata = {}) {
  return {"{app=\"" + app + "\"}", time, line, std::move(metadata)};
}

class EngineTest : public ::testing::Test, protected EngineFixture {
 protected:
  EngineTest() {
    options_.directory = "/data/skald";
    options_.free_space_reserve = 1000;
  }
};

TEST_F(EngineTest, ReadsBackFromMemtableAndParts) {
  Open();
  const PlainRow a = MakeRow("a", 10, "first", {{"trace", "t1"}});
  const PlainRow b = MakeRow("b", 5, "", {{"detected_level", "info"}, {"x", ""}});
  PushRows({a, b});
  EXPECT_THAT(Rows(), ElementsAre(a, b));
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_THAT(Rows(), ElementsAre(a, b));
  const PlainRow c = MakeRow("a", 7, "late");
  PushRows({c});
  EXPECT_THAT(Rows(), ElementsAre(c, a, b));
  EXPECT_THAT(*ReadRows(engine_.get(), "other"), IsEmpty());
}

TEST_F(EngineTest, SelectsByMatcherAndHalfOpenRange) {
  Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 300; ++i) rows.push_back(MakeRow(i % 2 ? "a" : "b", i, std::to_string(i)));
  PushRows(rows);
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_OK(engine_->Flush());
    }
    const Matcher app = *Matcher::Create("app", MatchOp::kEqual, "a");
    EXPECT_EQ(ReadRows(engine_.get(), "t", {app})->size(), 150u);
    EXPECT_THAT(*ReadRows(engine_.get(), "t", {app}, {7, 11}),
                ElementsAre(MakeRow("a", 7, "7"), MakeRow("a", 9, "9")));
    const Matcher absent = *Matcher::Create("nope", MatchOp::kNotEqual, "");
    EXPECT_THAT(*ReadRows(engine_.get(), "t", {absent}), IsEmpty());
  }
}

TEST_F(EngineTest, RowSentAgainIsShownOnceWhereverItsCopiesLie) {
  Open();
  const std::vector<PlainRow> rows = {MakeRow("a", 1, "x", {{"detected_level", "info"}}),
                                      MakeRow("a", 1, "y", {{"detected_level", "info"}}),
                                      MakeRow("a", 2, "x", {{"k", "v"}})};
  for (int i = 0; i < 6; ++i) {
    PushRows(rows);
    if (i == 1 || i == 3) {
      ASSERT_OK(engine_->Flush());
    }
    EXPECT_EQ(Rows(), rows) << i;
  }
  const PlainRow other = MakeRow("a", 2, "x", {{"k", "other"}});
  PushRows({other});
  EXPECT_EQ(Rows().size(), 4u);
}

// So that queries over a memtable run in parallel, whatever its streams.
TEST_F(EngineTest, AHugeStreamInMemoryIsSeveralUnits) {
  Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 200'000; ++i) {
    const int time = i < 1000 ? i : 1000 + i / 7;  // unevenly spread, several rows a time
    rows.push_back(MakeRow("a", time, std::to_string(i)));
  }
  ASSERT_OK(Push(engine_.get(), "t", rows));
  ASSERT_OK(Push(engine_.get(), "t", {rows[5], MakeRow("b", 3, "small"), rows[150'000]}));
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select({}, TimeRange{500, 25'000}, nullptr));
  ASSERT_GE(selection->units().size(), 3u);
  for (const ScanUnit& unit : selection->units()) {
    EXPECT_LE(unit.min_time, unit.max_time);
    EXPECT_LE(unit.rows, 100'000u);
  }
  ASSERT_OK_AND_ASSIGN(const auto all, ReadRows(engine_.get(), "t"));
  rows.push_back(MakeRow("b", 3, "small"));
  EXPECT_EQ(all, rows);
  ASSERT_OK_AND_ASSIGN(const auto some, ReadRows(engine_.get(), "t", {}, TimeRange{500, 25'000}));
  const std::vector<PlainRow> expected(rows.begin() + 500, rows.begin() + 24'000 * 7);
  EXPECT_EQ(some, expected);
}

TEST_F(EngineTest, SurvivesCrashAndCleanRestart) {
  Open();
  const PlainRow a = MakeRow("a", 1, "durable");
  PushRows({a});
  Crash(0);
  Open();
  EXPECT_THAT(Rows(), ElementsAre(a));
  ASSERT_OK(engine_->Close());
  Open();
  EXPECT_EQ(engine_->Stats().replayed_records, 0u);
  const PlainRow b = MakeRow("a", 2, "after a clean stop");
  PushRows({b});
  Crash(0);
  Open();
  EXPECT_THAT(Rows(), ElementsAre(a, b));
}

TEST_F(EngineTest, SecondProcessIsRefused) {
  Open();
  EXPECT_THAT(Engine::Open(options_).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/data/skald")));
}

TEST_F(EngineTest, FailedLogSyncIsReportedAndNothingAcknowledgedIsLost) {
  Open();
  const PlainRow a = MakeRow("a", 1, "before");
  PushRows({a});
  faults_.FailNth(FileOperation::kSync, 1, Unavailable("EIO"), "wal/");
  // Unavailable; or OK, if the flush that follows has the row in a part before the wait begins.
  const PlainRow b = MakeRow("a", 2, "during");
  const bool b_stored = Push(engine_.get(), "t", {b}).ok();
  const PlainRow c = MakeRow("a", 3, "after");
  Status status;
  for (int i = 0; i < 200; ++i) {
    status = Push(engine_.get(), "t", {c});
    if (status.ok()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_OK(status);
  EXPECT_EQ(engine_->Stats().log_failures, 1u);
  Crash(0);
  Open();
  const auto rows = Rows();
  EXPECT_EQ(std::count(rows.begin(), rows.end(), a), 1);
  EXPECT_GE(std::count(rows.begin(), rows.end(), b), b_stored ? 1 : 0);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), c), 1);
}

TEST_F(EngineTest, FailedFlushIsTriedAgain) {
  Open();
  const PlainRow a = MakeRow("a", 1, "kept");
  PushRows({a});
  faults_.FailNth(FileOperation::kSync, 1, Unavailable("EIO"), ".part");
  EXPECT_THAT(engine_->Flush(), StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
  EXPECT_THAT(Rows(), ElementsAre(a));
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(engine_->Stats().flush_failures, 1u);
  EXPECT_THAT(Rows(), ElementsAre(a));
}

TEST_F(EngineTest, FullDiskRefusesPushesButAnswersQueries) {
  Open();
  const PlainRow a = MakeRow("a", 1, "kept");
  PushRows({a});
  ASSERT_OK(engine_->Close());
  engine_.reset();
  files_.set_free_space(10);
  Open();
  EXPECT_THAT(Push(engine_.get(), "t", {MakeRow("a", 2, "refused")}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("disk")));
  EXPECT_THAT(Rows(), ElementsAre(a));
}

TEST_F(EngineTest, FlippedBitInTheLogLosesOnlyItsRecord) {
  Open();
  for (int i = 0; i < 5; ++i) {
    PushRows({MakeRow("a", i, "line number " + std::to_string(i))});
  }
  Crash(0);
  ASSERT_OK_AND_ASSIGN(const auto segments, files_.ListDirectory("/data/skald/wal"));
  ASSERT_EQ(segments.size(), 1u);
  const std::string path = "/data/skald/wal/" + segments[0];
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadWholeFile(&files_, path));
  const size_t at = bytes.find("line number 2");
  ASSERT_NE(at, std::string::npos);
  files_.Overwrite(path, at, "L");
  Open();
  EXPECT_EQ(Rows().size(), 4u);
  EXPECT_EQ(engine_->Stats().damaged_records, 1u);
}

TEST_F(EngineTest, DamagedManifestIsCompletedFromParts) {
  Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 4; ++i) {
    rows.push_back(MakeRow("a", i, std::to_string(i)));
    PushRows({rows.back()});
    ASSERT_OK(engine_->Flush());
  }
  ASSERT_OK(engine_->Close());
  engine_.reset();
  ASSERT_OK_AND_ASSIGN(const uint64_t size, files_.FileSize("/data/skald/MANIFEST"));
  files_.Overwrite("/data/skald/MANIFEST", size / 2, "damage");
  Open();
  EXPECT_EQ(Rows(), rows);
  ASSERT_OK(engine_->Close());
  Open();
  EXPECT_EQ(Rows(), rows);
}

TEST_F(EngineTest, AFileThatIsSetAsideSurvivesAPowerCut) {
  Open();
  PushRows({MakeRow("a", 1, "one")});
  ASSERT_OK(engine_->Close());
  engine_.reset();
  ASSERT_OK_AND_ASSIGN(const uint64_t size, files_.FileSize("/data/skald/MANIFEST"));
  files_.Overwrite("/data/skald/MANIFEST", size / 2, "damage");
  {
    ASSERT_OK_AND_ASSIGN(auto part,
                         files_.NewWritableFile(TenantDirectory() + "/00000000000000ff.part"));
    ASSERT_OK(part->Append("not a part"));
    ASSERT_OK(part->Sync());
    ASSERT_OK(files_.SyncDirectory(TenantDirectory()));
  }
  Open();
  faults_.CutPowerAfter(0);
  engine_.reset();
  files_.Crash();
  faults_.Heal();
  Open();
  EXPECT_TRUE(files_.FileExists("/data/skald/set-aside/00000000000000ff.part"));
}

TEST_F(EngineTest, APowerCutWhileAMissingManifestIsMadeAgainLosesNoPart) {
  Open();
  PushRows({MakeRow("a", 1, "one")});
  const std::vector<PlainRow> rows = Rows();
  for (uint64_t operations = 0; operations < 40; ++operations) {
    SCOPED_TRACE(operations);
    ASSERT_OK(engine_->Close());
    engine_.reset();
    ASSERT_OK(files_.RemoveFile("/data/skald/MANIFEST"));
    ASSERT_OK(files_.SyncDirectory("/data/skald"));
    faults_.CutPowerAfter(operations);
    TryOpen().IgnoreError();
    engine_.reset();
    files_.Crash();
    faults_.Heal();
    Open();
    ASSERT_EQ(Rows(), rows);
  }
}

TEST_F(EngineTest, LabelNamesAndValuesComeFromPartsAndMemtable) {
  Open();
  PushRows({{"{app=\"a\", env=\"x\"}", 100, "l", {}}});
  ASSERT_OK(engine_->Flush());
  PushRows({{"{app=\"b\", zone=\"z\"}", 200, "l", {}}});
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  EXPECT_THAT(*snapshot->LabelNames({}, {}, nullptr), ElementsAre("app", "env", "zone"));
  EXPECT_THAT(*snapshot->LabelValues("app", {}, {}, nullptr), ElementsAre("a", "b"));
  EXPECT_THAT(*snapshot->LabelValues("app", {}, {150, 300}, nullptr), ElementsAre("b"));
  const std::vector<Matcher> env = {*Matcher::Create("env", MatchOp::kRegex, ".+")};
  EXPECT_THAT(*snapshot->LabelNames(env, {}, nullptr), ElementsAre("app", "env"));
  EXPECT_THAT(*snapshot->LabelValues("zone", env, {}, nullptr), IsEmpty());
  StopToken stop;
  stop.RequestStop();
  EXPECT_THAT(snapshot->LabelNames({}, {}, &stop), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(snapshot->LabelValues("app", {}, {}, &stop), StatusIs(absl::StatusCode::kCancelled));
}

// The answers to questions about streams and labels are charged, wherever the streams are.
TEST_F(EngineTest, AnswersAboutStreamsAreCharged) {
  std::vector<PlainRow> rows;
  for (int i = 1000; i < 3000; ++i) {
    rows.push_back({StrCat("{app=\"a\", n", i, "=\"x\", pod=\"", i, "\"}"), i, "l", {}});
  }
  Open();
  PushRows(rows);
  for (const bool flushed : {false, true}) {
    SCOPED_TRACE(flushed);
    if (flushed) {
      ASSERT_OK(engine_->Flush());
    }
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    const auto ask = [&](uint64_t limit) {
      MemoryBudget memory("query", limit);
      std::vector<absl::StatusCode> codes;
      for (int question = 0; question < 3; ++question) {
        MemoryCharge charge(&memory);
        codes.push_back(
            question == 0 ? snapshot->Streams({}, {}, nullptr, &charge).status().code()
            : question == 1
                ? snapshot->LabelNames({}, {}, nullptr, &charge).status().code()
                : snapshot->LabelValues("pod", {}, {}, nullptr, &charge).status().code());
      }
      EXPECT_EQ(memory.used(), 0u);
      return codes;
    };
    EXPECT_THAT(ask(128 << 10), testing::Each(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(ask(16 << 20), testing::Each(absl::StatusCode::kOk));
  }
}

// What streams and labels are asked costs counts as work, wherever the streams are.
TEST_F(EngineTest, StreamsThatAreLookedAtCountAsWork) {
  std::vector<PlainRow> rows;
  for (int i = 0; i < 2000; ++i)
    rows.push_back({StrCat("{app=\"a\", pod=\"", i, "\"}"), i, "l", {}});
  Open();
  PushRows(rows);
  for (const bool flushed : {false, true}) {
    SCOPED_TRACE(flushed);
    if (flushed) {
      ASSERT_OK(engine_->Flush());
    }
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    const auto ask = [&](uint64_t allowed) {
      StopToken stop;
      std::vector<absl::StatusCode> codes;
      stop.Allow(allowed);
      codes.push_back(snapshot->LabelNames({}, {}, &stop).status().code());
      stop.Allow(allowed);
      codes.push_back(snapshot->LabelValues("pod", {}, {}, &stop).status().code());
      stop.Allow(allowed);
      codes.push_back(snapshot->Streams({}, {}, &stop).status().code());
      stop.Allow(allowed);
      codes.push_back(snapshot->Select({}, {}, &stop, nullptr).status().code());
      return codes;
    };
    EXPECT_THAT(ask(100'000), testing::Each(absl::StatusCode::kAborted));
    EXPECT_THAT(ask(16 << 20), testing::Each(absl::StatusCode::kOk));
    const std::vector<Matcher> one = {*Matcher::Create("pod", MatchOp::kEqual, "7")};
    StopToken stop;
    stop.Allow(200'000);
    EXPECT_OK(snapshot->Select(one, {}, &stop, nullptr).status()) << "one stream is little work";
  }
}

}  // namespace
}  // namespace skald::storage
