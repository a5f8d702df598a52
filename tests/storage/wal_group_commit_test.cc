#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "storage/base/public_text.h"
#include "storage/wal/group_commit.h"
#include "tests/storage/wal_test_support.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::IsSupersetOf;

const char* const kDirectory = "data/wal";

// Holds every sync of a file until a test lets it through.
class GatedFileSystem : public FaultFileSystem {
 public:
  using FaultFileSystem::FaultFileSystem;

  StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path) override {
    ASSIGN_OR_RETURN(auto file, FaultFileSystem::NewWritableFile(path));
    return std::make_unique<File>(this, std::move(file));
  }

  void CloseGate() {
    MutexLock lock(&mutex_);
    open_ = false;
    awaited_ = arrived_;
  }
  void OpenGate() {
    MutexLock lock(&mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void LetOneThrough() {
    MutexLock lock(&mutex_);
    ++passes_;
    changed_.NotifyAll();
  }
  // Waits until one more sync than awaited so far has come to the closed gate.
  void AwaitArrival() {
    MutexLock lock(&mutex_);
    ++awaited_;
    while (arrived_ < awaited_) changed_.Wait(&mutex_);
  }

 private:
  class File : public WritableFile {
   public:
    File(GatedFileSystem* gate, std::unique_ptr<WritableFile> file)
        : gate_(gate), file_(std::move(file)) {}
    Status Append(std::string_view bytes) override { return file_->Append(bytes); }
    Status Sync() override {
      gate_->Pass();
      return file_->Sync();
    }
    Status Close() override { return file_->Close(); }

   private:
    GatedFileSystem* const gate_;
    const std::unique_ptr<WritableFile> file_;
  };

  void Pass() {
    MutexLock lock(&mutex_);
    ++arrived_;
    changed_.NotifyAll();
    while (!open_ && passes_ == 0) changed_.Wait(&mutex_);
    if (!open_) --passes_;
  }

  Mutex mutex_;
  CondVar changed_;
  bool open_ = true;
  int passes_ = 0;
  int arrived_ = 0;
  int awaited_ = 0;
};

class GroupCommitTest : public testing::Test {
 protected:
  LogOptions Options() {
    return {.files = &files_,
            .clock = &clock_,
            .directory = kDirectory,
            .on_abandoned = [this](uint64_t segment) { abandoned_.push_back(segment); }};
  }
  void Open() { ASSERT_OK_AND_ASSIGN(log_, GroupCommitLog::Open(Options())); }

  // Appends push `i`; notes it once it is acknowledged.
  StatusOr<LogPosition> Push(uint64_t i) {
    ASSIGN_OR_RETURN(const LogPosition position, log_->Append(TestPush(i).record));
    log_->WhenDurable(position, [this, i](const Status& status) {
      MutexLock lock(&mutex_);
      (status.ok() ? acknowledged_ : failed_).push_back(DescribePush(i));
    });
    return position;
  }

  // Waits for the outcome of everything appended before.
  Status Await(LogPosition position) {
    std::promise<Status> outcome;
    log_->WhenDurable(position, [&](const Status& status) { outcome.set_value(status); });
    return outcome.get_future().get();
  }
  Status PushAndAwait(uint64_t i) {
    ASSIGN_OR_RETURN(const LogPosition position, Push(i));
    return Await(position);
  }
  // Pushes until the log takes it again.
  Status PushUntilTaken(uint64_t i) {
    Status status;
    for (int attempt = 0; attempt < 100'000; ++attempt) {
      status = PushAndAwait(i);
      if (status.ok()) return status;
      clock_.Advance(1'000'000'000);
      std::this_thread::yield();
    }
    return status;
  }

  std::vector<std::string> Acknowledged() {
    MutexLock lock(&mutex_);
    return acknowledged_;
  }

  MemoryFileSystem memory_;
  GatedFileSystem files_{&memory_};
  ManualClock clock_{1'000};
  std::vector<uint64_t> abandoned_;  // by the committer
  Mutex mutex_;
  std::vector<std::string> acknowledged_ SKALD_GUARDED_BY(mutex_);
  std::vector<std::string> failed_ SKALD_GUARDED_BY(mutex_);
  std::unique_ptr<GroupCommitLog> log_;
};

TEST_F(GroupCommitTest, AWaiterThatThrowsHarmsNobody) {
  Open();
  files_.CloseGate();
  ASSERT_OK_AND_ASSIGN(const LogPosition first, log_->Append(TestPush(1).record));
  log_->WhenDurable(first, [](const Status&) { throw std::bad_alloc(); });
  ASSERT_OK_AND_ASSIGN(const LogPosition second, Push(2));
  files_.OpenGate();
  EXPECT_OK(Await(second));
  EXPECT_OK(PushAndAwait(3));
}

TEST_F(GroupCommitTest, AcknowledgedSurvivesACrash) {
  Open();
  for (uint64_t i = 0; i < 5; ++i) ASSERT_OK(PushAndAwait(i));
  memory_.Crash();
  log_.reset();
  const Replayed replayed = ReplayAll(&memory_, kDirectory);
  EXPECT_OK(replayed.status);
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0), DescribePush(1), DescribePush(2),
                                            DescribePush(3), DescribePush(4)));
}

TEST_F(GroupCommitTest, ASyncAcknowledgesOnlyWhatWasWrittenBeforeIt) {
  Open();
  files_.CloseGate();
  ASSERT_OK(Push(0));
  files_.AwaitArrival();
  ASSERT_OK_AND_ASSIGN(const LogPosition second, Push(1));
  ASSERT_OK(Push(2));
  files_.LetOneThrough();
  files_.AwaitArrival();  // of the next commit, after the first one's acknowledgements
  EXPECT_THAT(Acknowledged(), ElementsAre(DescribePush(0)));
  files_.OpenGate();
  EXPECT_OK(Await(second));
  EXPECT_OK(log_->Close());
  EXPECT_THAT(Acknowledged(), ElementsAre(DescribePush(0), DescribePush(1), DescribePush(2)));
  EXPECT_EQ(log_->stats().syncs, 3u);  // the end marker's among them
}

TEST_F(GroupCommitTest, RefusesMoreThanMayWait) {
  LogOptions options = Options();
  options.max_pending_bytes = 10'000;
  ASSERT_OK_AND_ASSIGN(log_, GroupCommitLog::Open(std::move(options)));
  files_.CloseGate();
  ASSERT_OK(Push(0));
  files_.AwaitArrival();
  // The first record is being written; a big one may wait alone, and then nothing more.
  const TestPush big(1, 50'000);
  ASSERT_OK(log_->Append(big.record));
  EXPECT_THAT(Push(2), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(log_->stats().pending_bytes, 50'000u);
  files_.OpenGate();
  EXPECT_OK(log_->Close());
  EXPECT_EQ(ReplayAll(&memory_, kDirectory).records.size(), 2u);
}

TEST_F(GroupCommitTest, RotationPutsLaterRecordsIntoLaterSegments) {
  Open();
  ASSERT_OK_AND_ASSIGN(const LogPosition first, Push(0));
  const uint64_t segment = log_->Rotate();
  EXPECT_EQ(segment, first.segment + 1);
  EXPECT_EQ(log_->Rotate(), segment) << "nothing to separate";
  ASSERT_OK_AND_ASSIGN(const LogPosition second, Push(1));
  EXPECT_EQ(second.segment, segment);
  ASSERT_OK(Await(second));
  EXPECT_EQ(log_->stats().segments, 2u);
  EXPECT_THAT(ReplayAll(&memory_, kDirectory).records,
              ElementsAre(DescribePush(0), DescribePush(1)));

  ASSERT_OK(log_->RemoveSegmentsBelow(segment));
  EXPECT_EQ(log_->stats().segments, 1u);
  memory_.Crash();
  log_.reset();
  EXPECT_THAT(ReplayAll(&memory_, kDirectory).records, ElementsAre(DescribePush(1)));
}

TEST_F(GroupCommitTest, ASegmentBeingWrittenIsNotRemoved) {
  Open();
  files_.CloseGate();
  ASSERT_OK(Push(0));
  files_.AwaitArrival();
  const uint64_t segment = log_->Rotate();
  ASSERT_OK(log_->RemoveSegmentsBelow(segment));
  EXPECT_EQ(log_->stats().segments, 1u);
  ASSERT_OK_AND_ASSIGN(const LogPosition second, Push(1));
  files_.OpenGate();
  ASSERT_OK(Await(second));
  ASSERT_OK(log_->RemoveSegmentsBelow(segment));
  EXPECT_EQ(log_->stats().segments, 1u);
  EXPECT_FALSE(memory_.FileExists(StrCat(kDirectory, "/", SegmentFileName(segment - 1))));
}

TEST_F(GroupCommitTest, SegmentNumbersNeverRestart) {
  Open();
  ASSERT_OK_AND_ASSIGN(const LogPosition first, Push(0));
  ASSERT_OK(log_->Close());
  Open();
  ASSERT_OK_AND_ASSIGN(const LogPosition second, Push(1));
  EXPECT_GT(second, first);
  ASSERT_OK(log_->Close());
  LogOptions options = Options();
  options.min_segment = 1'000;
  ASSERT_OK_AND_ASSIGN(log_, GroupCommitLog::Open(std::move(options)));
  EXPECT_THAT(Push(2), IsOkAndHolds(LogPosition{1'000, 2}));
}

TEST_F(GroupCommitTest, CloseWritesWhatIsPendingAndTheEnd) {
  Open();
  ASSERT_OK(Push(0));
  ASSERT_OK(log_->Close());
  EXPECT_THAT(Acknowledged(), ElementsAre(DescribePush(0)));
  EXPECT_THAT(Push(1), StatusIs(absl::StatusCode::kUnavailable));
  const std::string path = StrCat(kDirectory, "/", SegmentFileName(1));
  ASSERT_OK_AND_ASSIGN(const uint64_t size, memory_.FileSize(path));
  // A closed segment's torn-looking tail is damage: the record was acknowledged.
  memory_.Overwrite(path, size - kRecordHeaderSize - 1, "?");
  EXPECT_EQ(ReplayAll(&memory_, kDirectory).stats.damaged_ranges, 1u);
}

TEST_F(GroupCommitTest, RowsRecordsComeBack) {
  Open();
  ZstdCompressor compressor(CompressionEffort::kQuick);
  const std::string line(100, 'l');
  const Row row{.timestamp = 5, .line = line, .metadata = {}, .detected_level = {}};
  const StreamRows stream{std::make_shared<const Stream>(LabelSet::FromPairs({{"a", "b"}})),
                          {&row, 1}};
  const RowsRecord record{.tenant = "small", .last_origin = {3, 4}, .streams = {&stream, 1}};
  ASSERT_OK_AND_ASSIGN(const LogPosition position,
                       log_->AppendRows(EncodeRows(record, &compressor)));
  ASSERT_OK(Await(position));
  EXPECT_THAT(ReplayAll(&memory_, kDirectory).records, ElementsAre("rows of small"));
}

// --- Failures ------------------------------------------------------------------------------------

TEST_F(GroupCommitTest, OpenReportsFailures) {
  for (const FileOperation operation :
       {FileOperation::kSyncDirectory, FileOperation::kCreateDirectory}) {
    files_.FailNth(operation, 1, Unavailable("broken"));
    EXPECT_THAT(GroupCommitLog::Open(Options()), StatusIs(absl::StatusCode::kUnavailable));
  }
  files_.FailNth(FileOperation::kCreate, 1, absl::PermissionDeniedError("read-only"));
  EXPECT_THAT(GroupCommitLog::Open(Options()), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(GroupCommitLog::Open(Options()));
}

TEST_F(GroupCommitTest, OpensOnAFullDiskAndTakesRecordsWhenItIsNoLonger) {
  uint64_t push = 0;
  for (const FileOperation operation :
       {FileOperation::kCreate, FileOperation::kAppend, FileOperation::kSync}) {
    files_.FailAll(operation, Unavailable("full"));
    Open();
    EXPECT_THAT(PushAndAwait(push++), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_FALSE(log_->stats().writable);
    files_.Heal();
    ASSERT_OK(PushUntilTaken(push++));
    log_.reset();
  }
  EXPECT_EQ(ReplayAll(&memory_, kDirectory).records.size(), 3u);
}

TEST_F(GroupCommitTest, AFailedSyncFailsItsWaitersAndStartsASegment) {
  Open();
  ASSERT_OK_AND_ASSIGN(const LogPosition good, Push(0));
  ASSERT_OK(Await(good));
  files_.FailNth(FileOperation::kSync, 1,
                 AnnotateForLog(Unavailable("input/output error"), "/the/path"));
  ASSERT_OK_AND_ASSIGN(const LogPosition bad, Push(1));
  const Status outcome = Await(bad);
  EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(PublicText(outcome), "the write-ahead log cannot be written: input/output error");
  EXPECT_THAT(std::string(Message(outcome)), testing::HasSubstr("/the/path"));
  ASSERT_OK(PushUntilTaken(2));
  EXPECT_THAT(Await(bad), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(Await(good));
  EXPECT_THAT(abandoned_, ElementsAre(good.segment));
  EXPECT_EQ(log_->stats().failures, 1u);
  ASSERT_OK(log_->Close());
  memory_.Crash();
  const Replayed replayed = ReplayAll(&memory_, kDirectory);
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0), DescribePush(2)));
  EXPECT_EQ(replayed.stats.damaged_ranges, 0u);
}

TEST_F(GroupCommitTest, AShortWriteLeavesATornTailThatIsCut) {
  Open();
  ASSERT_OK(PushAndAwait(0));
  files_.ShortAppendNth(1, 70, Unavailable("no space left on device"));
  EXPECT_THAT(PushAndAwait(1), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_OK(PushUntilTaken(2));
  const Replayed replayed = ReplayAll(&memory_, kDirectory);
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0), DescribePush(2)));
  EXPECT_EQ(replayed.stats.torn_tails, 1u);
  EXPECT_EQ(replayed.stats.damaged_ranges, 0u);
}

TEST_F(GroupCommitTest, WhileNoSegmentCanBeStartedAppendsFailAndRetryAfterABackoff) {
  Open();
  ASSERT_OK(PushAndAwait(0));
  files_.FailAll(FileOperation::kSync, Unavailable("input/output error"));
  EXPECT_THAT(PushAndAwait(1), StatusIs(absl::StatusCode::kUnavailable));
  // Abandoned, and the start that is tried at once has failed.
  while (log_->stats().failures < 2) std::this_thread::yield();
  const uint64_t creates = files_.count(FileOperation::kCreate);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Push(2), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_FALSE(log_->stats().writable);
  EXPECT_EQ(files_.count(FileOperation::kCreate), creates) << "before the back-off";
  const uint64_t boundary = log_->Rotate();

  files_.Heal();
  clock_.Advance(60'000'000'000);
  ASSERT_OK(PushUntilTaken(3));
  EXPECT_TRUE(log_->stats().writable);
  ASSERT_OK_AND_ASSIGN(const LogPosition position, Push(4));
  EXPECT_GE(position.segment, boundary);
  EXPECT_EQ(abandoned_.size(), 1u);
  ASSERT_OK(log_->Close());
  memory_.Crash();
  EXPECT_THAT(ReplayAll(&memory_, kDirectory).records,
              ElementsAre(DescribePush(0), DescribePush(3), DescribePush(4)));
}

TEST_F(GroupCommitTest, WhatIsAcknowledgedAfterAStartIsInTheSegmentThatWasStarted) {
  Open();
  ASSERT_OK(PushAndAwait(0));
  files_.CloseGate();
  files_.FailNth(FileOperation::kSync, 1, Unavailable("input/output error"));
  ASSERT_OK(Push(1));
  files_.AwaitArrival();
  files_.LetOneThrough();
  files_.AwaitArrival();
  EXPECT_EQ(Push(2).status().code(), absl::StatusCode::kUnavailable);
  files_.LetOneThrough();
  while (!log_->stats().writable) std::this_thread::yield();
  ASSERT_OK_AND_ASSIGN(const LogPosition third, Push(3));
  files_.AwaitArrival();
  files_.FailNth(FileOperation::kSync, 1, Unavailable("input/output error"));
  files_.OpenGate();
  EXPECT_FALSE(Await(third).ok());
  ASSERT_OK(PushUntilTaken(4));
  memory_.Crash();
  EXPECT_THAT(ReplayAll(&memory_, kDirectory).records, IsSupersetOf(Acknowledged()));
}

TEST_F(GroupCommitTest, CloseReportsAFailure) {
  Open();
  ASSERT_OK(PushAndAwait(0));
  files_.FailAll(FileOperation::kSync, Unavailable("input/output error"));
  ASSERT_OK(Push(1));
  EXPECT_THAT(log_->Close(), StatusIs(absl::StatusCode::kUnavailable));
  MutexLock lock(&mutex_);
  EXPECT_THAT(failed_, ElementsAre(DescribePush(1)));
}

// Pushes, rotates and removes through a life of a log; says which pushes were tried.
class GroupCommitLifeTest : public GroupCommitTest {
 protected:
  static constexpr uint64_t kPushes = 12;

  void Live() {
    auto log = GroupCommitLog::Open(Options());
    if (!log.ok()) return;
    log_ = *std::move(log);
    for (uint64_t i = 0; i < kPushes; ++i) {
      const StatusOr<LogPosition> position = Push(i);
      if (i % 3 == 0 && position.ok()) Await(*position).IgnoreError();
      if (i % 4 == 3) log_->Rotate();
      clock_.Advance(30'000'000'000);
    }
    log_->Close().IgnoreError();
  }

  void CheckNothingAcknowledgedIsLost() {
    log_.reset();
    const Replayed replayed = ReplayAll(&memory_, kDirectory);
    ASSERT_OK(replayed.status);
    EXPECT_EQ(replayed.stats.damaged_ranges, 0u);
    EXPECT_THAT(Acknowledged(), IsSubsetOf(replayed.records));
    std::vector<std::string> tried;
    for (uint64_t i = 0; i < kPushes; ++i) tried.push_back(DescribePush(i));
    EXPECT_THAT(replayed.records, IsSubsetOf(tried));
    EXPECT_TRUE(std::is_sorted(replayed.positions.begin(), replayed.positions.end()));

    // And the log goes on.
    Open();
    ASSERT_OK(PushAndAwait(100));
    log_.reset();
    EXPECT_THAT(ReplayAll(&memory_, kDirectory).records, Contains(DescribePush(100)));
  }
};

class EveryFailure : public GroupCommitLifeTest,
                     public testing::WithParamInterface<std::tuple<FileOperation, uint64_t>> {};

TEST_P(EveryFailure, LosesNothingAcknowledged) {
  const auto [operation, nth] = GetParam();
  files_.FailNth(operation, nth, Unavailable("broken"));
  Live();
  memory_.Crash();
  files_.Heal();
  CheckNothingAcknowledgedIsLost();
}

INSTANTIATE_TEST_SUITE_P(
    Log, EveryFailure,
    testing::Combine(testing::Values(FileOperation::kCreate, FileOperation::kAppend,
                                     FileOperation::kSync, FileOperation::kSyncDirectory),
                     testing::Range<uint64_t>(1, 16)));

TEST_F(GroupCommitLifeTest, PowerCutAtAnyOperation) {
  for (uint64_t operations = 0; operations < 60; ++operations) {
    SCOPED_TRACE(operations);
    memory_.Crash();
    const auto names = memory_.ListDirectory(kDirectory);
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      ASSERT_OK(memory_.RemoveFile(StrCat(kDirectory, "/", name)));
    }
    memory_.SyncDirectory(kDirectory).IgnoreError();  // there is none the first time
    {
      MutexLock lock(&mutex_);
      acknowledged_.clear();
    }
    files_.CutPowerAfter(operations);
    Live();
    memory_.Crash(operations);
    files_.Heal();
    CheckNothingAcknowledgedIsLost();
    log_.reset();
  }
}

TEST_F(GroupCommitTest, ManyThreadsAndACrash) {
  Open();
  std::atomic<uint64_t> next{0};
  Mutex append_lock;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = next++; i < 400; i = next++) {
        StatusOr<LogPosition> position = Unavailable("not yet");
        {
          MutexLock lock(&append_lock);
          position = log_->Append(TestPush(i).record);
          if (i % 50 == 0) log_->Rotate();
        }
        if (!position.ok()) continue;
        log_->WhenDurable(*position, [this, i](const Status& status) {
          MutexLock lock(&mutex_);
          if (status.ok()) acknowledged_.push_back(DescribePush(i));
        });
      }
    });
  }
  while (Acknowledged().size() < 100) std::this_thread::yield();
  memory_.Crash();
  for (std::thread& thread : threads) thread.join();
  log_.reset();
  const Replayed replayed = ReplayAll(&memory_, kDirectory);
  ASSERT_OK(replayed.status);
  const StringSet survived(replayed.records.begin(), replayed.records.end());
  for (const std::string& record : Acknowledged()) EXPECT_TRUE(survived.contains(record));
}

}  // namespace
}  // namespace skald::storage
