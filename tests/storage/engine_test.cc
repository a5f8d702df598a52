// The engine's promises, one scenario each, over a file system that forgets what was not synced.
#include "storage/engine.h"

#include <gtest/gtest.h>

#include "tests/support/engine_harness.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

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

class EngineTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> Open() {
    EngineOptions options;
    options.files = &faults_;
    options.directory = "/data/skald";
    options.decoder = &decoder_;
    options.free_space_reserve = 1000;
    StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
    EXPECT_OK(engine.status());
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  // The power fails: nothing more is written, and what was not synced is gone.
  void Crash(std::unique_ptr<Engine>* engine) {
    faults_.CutPowerAfter(0);
    engine->reset();
    files_.Crash();
    faults_.Heal();
  }

  MemoryFileSystem files_;
  FaultFileSystem faults_{&files_};
  skald::test_support::PlainRowDecoder decoder_;
};

TEST_F(EngineTest, ReadsBackFromMemtableAndParts) {
  auto engine = Open();
  const PlainRow a = MakeRow("a", 10, "first", {{"trace", "t1"}});
  const PlainRow b = MakeRow("b", 5, "", {{"detected_level", "info"}, {"x", ""}});
  ASSERT_OK(Push(engine.get(), "t", {a, b}));
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a, b));
  ASSERT_OK(engine->Flush());
  EXPECT_EQ(engine->Stats().parts, 1u);
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a, b));
  const PlainRow c = MakeRow("a", 7, "late");
  ASSERT_OK(Push(engine.get(), "t", {c}));
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(c, a, b));
  EXPECT_THAT(*ReadRows(engine.get(), "other"), IsEmpty());
}

TEST_F(EngineTest, SelectsByMatcherAndHalfOpenRange) {
  auto engine = Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 300; ++i) rows.push_back(MakeRow(i % 2 ? "a" : "b", i, std::to_string(i)));
  ASSERT_OK(Push(engine.get(), "t", rows));
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_OK(engine->Flush());
    }
    const Matcher app = *Matcher::Create("app", MatchOp::kEqual, "a");
    EXPECT_EQ(ReadRows(engine.get(), "t", {app})->size(), 150u);
    EXPECT_THAT(*ReadRows(engine.get(), "t", {app}, {7, 11}),
                ElementsAre(MakeRow("a", 7, "7"), MakeRow("a", 9, "9")));
    const Matcher absent = *Matcher::Create("nope", MatchOp::kNotEqual, "");
    EXPECT_THAT(*ReadRows(engine.get(), "t", {absent}), IsEmpty());
  }
}

TEST_F(EngineTest, RowSentAgainIsShownOnceWhereverItsCopiesLie) {
  auto engine = Open();
  const std::vector<PlainRow> rows = {MakeRow("a", 1, "x", {{"detected_level", "info"}}),
                                      MakeRow("a", 1, "y", {{"detected_level", "info"}}),
                                      MakeRow("a", 2, "x", {{"k", "v"}})};
  for (int i = 0; i < 6; ++i) {
    ASSERT_OK(Push(engine.get(), "t", rows));
    if (i == 1 || i == 3) {
      ASSERT_OK(engine->Flush());
    }
    EXPECT_EQ(*ReadRows(engine.get(), "t"), rows) << i;
  }
  const PlainRow other = MakeRow("a", 2, "x", {{"k", "other"}});
  ASSERT_OK(Push(engine.get(), "t", {other}));
  EXPECT_EQ(ReadRows(engine.get(), "t")->size(), 4u);
}

TEST_F(EngineTest, SurvivesCrashAndCleanRestart) {
  auto engine = Open();
  const PlainRow a = MakeRow("a", 1, "durable");
  ASSERT_OK(Push(engine.get(), "t", {a}));
  Crash(&engine);
  engine = Open();
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a));
  ASSERT_OK(engine->Close());
  engine.reset();
  engine = Open();
  EXPECT_EQ(engine->Stats().replayed_records, 0u);
  const PlainRow b = MakeRow("a", 2, "after a clean stop");
  ASSERT_OK(Push(engine.get(), "t", {b}));
  Crash(&engine);
  engine = Open();
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a, b));
}

TEST_F(EngineTest, SecondProcessIsRefused) {
  auto engine = Open();
  EngineOptions options;
  options.files = &faults_;
  options.directory = "/data/skald";
  options.decoder = &decoder_;
  EXPECT_THAT(Engine::Open(options).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/data/skald")));
}

TEST_F(EngineTest, FailedLogSyncIsReportedAndNothingAcknowledgedIsLost) {
  auto engine = Open();
  const PlainRow a = MakeRow("a", 1, "before");
  ASSERT_OK(Push(engine.get(), "t", {a}));
  faults_.FailNth(FileOperation::kSync, 1, Unavailable("EIO"), "wal/");
  // Unavailable; or OK, if the flush that follows has the row in a part before the wait begins.
  const PlainRow b = MakeRow("a", 2, "during");
  const bool b_stored = Push(engine.get(), "t", {b}).ok();
  const PlainRow c = MakeRow("a", 3, "after");
  Status status;
  for (int i = 0; i < 200; ++i) {
    status = Push(engine.get(), "t", {c});
    if (status.ok()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_OK(status);
  EXPECT_EQ(engine->Stats().log_failures, 1u);
  Crash(&engine);
  engine = Open();
  const auto rows = *ReadRows(engine.get(), "t");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), a), 1);
  EXPECT_GE(std::count(rows.begin(), rows.end(), b), b_stored ? 1 : 0);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), c), 1);
}

TEST_F(EngineTest, FailedFlushIsTriedAgain) {
  auto engine = Open();
  const PlainRow a = MakeRow("a", 1, "kept");
  ASSERT_OK(Push(engine.get(), "t", {a}));
  faults_.FailNth(FileOperation::kSync, 1, Unavailable("EIO"), ".part");
  EXPECT_THAT(engine->Flush(), StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a));
  ASSERT_OK(engine->Flush());
  EXPECT_EQ(engine->Stats().parts, 1u);
  EXPECT_EQ(engine->Stats().flush_failures, 1u);
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a));
}

TEST_F(EngineTest, FullDiskRefusesPushesButAnswersQueries) {
  auto engine = Open();
  const PlainRow a = MakeRow("a", 1, "kept");
  ASSERT_OK(Push(engine.get(), "t", {a}));
  ASSERT_OK(engine->Close());
  engine.reset();
  files_.set_free_space(10);
  engine = Open();
  EXPECT_THAT(Push(engine.get(), "t", {MakeRow("a", 2, "refused")}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("disk")));
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(a));
}

TEST_F(EngineTest, FlippedBitInTheLogLosesOnlyItsRecord) {
  auto engine = Open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", i, "line number " + std::to_string(i))}));
  }
  Crash(&engine);
  ASSERT_OK_AND_ASSIGN(const auto segments, files_.ListDirectory("/data/skald/wal"));
  ASSERT_EQ(segments.size(), 1u);
  const std::string path = "/data/skald/wal/" + segments[0];
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadWholeFile(&files_, path));
  const size_t at = bytes.find("line number 2");
  ASSERT_NE(at, std::string::npos);
  files_.Overwrite(path, at, "L");
  engine = Open();
  EXPECT_EQ(ReadRows(engine.get(), "t")->size(), 4u);
  EXPECT_EQ(engine->Stats().damaged_records, 1u);
}

TEST_F(EngineTest, DamagedManifestIsCompletedFromParts) {
  auto engine = Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 4; ++i) {
    rows.push_back(MakeRow("a", i, std::to_string(i)));
    ASSERT_OK(Push(engine.get(), "t", {rows.back()}));
    ASSERT_OK(engine->Flush());
  }
  ASSERT_OK(engine->Close());
  engine.reset();
  ASSERT_OK_AND_ASSIGN(const uint64_t size, files_.FileSize("/data/skald/MANIFEST"));
  files_.Overwrite("/data/skald/MANIFEST", size / 2, "damage");
  engine = Open();
  EXPECT_EQ(*ReadRows(engine.get(), "t"), rows);
  ASSERT_OK(engine->Close());
  engine.reset();
  engine = Open();
  EXPECT_EQ(*ReadRows(engine.get(), "t"), rows);
}

TEST_F(EngineTest, LabelNamesAndValuesComeFromPartsAndMemtable) {
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {{"{app=\"a\", env=\"x\"}", 100, "l", {}}}));
  ASSERT_OK(engine->Flush());
  ASSERT_OK(Push(engine.get(), "t", {{"{app=\"b\", zone=\"z\"}", 200, "l", {}}}));
  const auto snapshot = engine->reader()->GetSnapshot("t");
  EXPECT_THAT(*snapshot->LabelNames({}, {}), ElementsAre("app", "env", "zone"));
  EXPECT_THAT(*snapshot->LabelValues("app", {}, {}), ElementsAre("a", "b"));
  EXPECT_THAT(*snapshot->LabelValues("app", {}, {150, 300}), ElementsAre("b"));
  const std::vector<Matcher> env = {*Matcher::Create("env", MatchOp::kRegex, ".+")};
  EXPECT_THAT(*snapshot->LabelNames(env, {}), ElementsAre("app", "env"));
  EXPECT_THAT(*snapshot->LabelValues("zone", env, {}), IsEmpty());
}

}  // namespace
}  // namespace skald::storage
