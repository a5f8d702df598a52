// What the server says when it starts, and that every key of Loki's lets it start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "server/config/load.h"
#include "storage/base/guarded.h"
#include "tests/server/app_harness.h"
#include "tests/server/every_key_file.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kDay = int64_t{24} * 3600 * 1'000'000'000;
constexpr int64_t kStart = 20'000 * kDay;  // 2024-10-04

// The process log's lines while this lives.
class LogLines {
 public:
  LogLines() {
    Lines().Lock()->clear();
    SetLogSink([](LogLevel, std::string_view line) { Lines().Lock()->emplace_back(line); });
  }
  ~LogLines() { SetLogSink(nullptr); }
  std::vector<std::string> Get() const { return *Lines().Lock(); }

 private:
  static Guarded<std::vector<std::string>>& Lines() {
    static Guarded<std::vector<std::string>> lines;
    return lines;
  }
};

class AppStartTest : public testing::Test {
 protected:
  std::vector<std::string> Start() {
    const LogLines log;
    auto app = App::Start(config_, &clock_);
    EXPECT_TRUE(app.ok()) << app.status();
    app_ = *std::move(app);
    return log.Get();
  }

  const TemporaryDirectory directory_;
  config::Config config_ = TestConfig(directory_);
  ManualClock clock_{kStart};
  std::unique_ptr<App> app_;
};

TEST_F(AppStartTest, FiveLinesSayWhatIsServed) {
  config_.limits.retention_period = std::chrono::hours(24 * 30);
  config_.limits.ingest.max_global_streams_per_user = 5000;
  config_.compactor.retention_enabled = true;
  const std::vector<std::string> lines = Start();
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("msg=\"serving Loki's API over HTTP\""),
                                    HasSubstr("address=127.0.0.1 port="),
                                    HasSubstr("tenants=\"one (fake)\""))));
  EXPECT_THAT(lines, Contains(HasSubstr("msg=memory limit=512MB chosen_by=configuration")));
  EXPECT_THAT(lines, Contains(HasSubstr("msg=limits ingestion_rate=off per_stream_rate=off "
                                        "streams=5000 line_size=256KB oldest=off")));
  EXPECT_THAT(lines, Contains(HasSubstr("msg=storing data_dir=" + config_.skald.data_dir)));
  EXPECT_THAT(lines, Contains(HasSubstr("msg=keeping period=30d stream_rules=0 ")));
  EXPECT_THAT(lines, Contains(HasSubstr("msg=ready")));
  EXPECT_THAT(lines, Each(Not(HasSubstr("level=warn"))));
}

TEST_F(AppStartTest, WarnsWhereLokiWouldKeepMore) {
  config_.limits.retention_period = std::chrono::hours(24 * 7);
  EXPECT_THAT(Start(), Contains(AllOf(HasSubstr("level=warn"), HasSubstr("retention_enabled"),
                                      HasSubstr("Loki would keep everything"))));
  app_.reset();
  config_.limits.retention_period = std::chrono::hours(0);
  const std::vector<std::string> lines = Start();
  EXPECT_THAT(lines, Contains(HasSubstr("msg=keeping period=\"for ever\"")));
  EXPECT_THAT(lines, Each(Not(HasSubstr("level=warn"))));
}

TEST_F(AppStartTest, SaysThatLokisDataIsNotRead) {
  config_.chunks_directory = directory_.path() / "chunks";
  std::filesystem::create_directory(config_.chunks_directory);
  EXPECT_THAT(Start(), Each(Not(HasSubstr("Loki's own data")))) << "there is none";
  app_.reset();
  std::ofstream(config_.chunks_directory + "/chunk") << "x";
  EXPECT_THAT(Start(), Contains(AllOf(HasSubstr("level=warn"), HasSubstr("Loki's own data"),
                                      HasSubstr("untouched=" + config_.chunks_directory))));
}

TEST_F(AppStartTest, WarnsOfMoreMemoryThanThereIs) {
  config_.skald.memory_limit = uint64_t{1} << 50;
  config_.skald.memtable_size = 16 << 20;
  EXPECT_THAT(Start(), Contains(AllOf(HasSubstr("level=warn"), HasSubstr("limit=1024TB"),
                                      HasSubstr("more than the machine or its control group"))));
}

TEST_F(AppStartTest, SaysWhatTheNewPeriodWouldDrop) {
  Start();
  for (int day = 0; day < 3; ++day) {
    PushJson(*app_, StrCat(R"({"streams":[{"stream":{"app":"a"},"values":[[")", clock_.WallNanos(),
                           R"(","x"]]}]})"));
    Ask(*app_, http::Post("/flush", ""));
    clock_.Advance(kDay);
  }
  app_.reset();
  config_.limits.retention_period = std::chrono::hours(36);
  EXPECT_THAT(Start(),
              Contains(AllOf(HasSubstr("level=warn"), HasSubstr("older than its retention period"),
                             HasSubstr("days=2 from=2024-10-04 to=2024-10-05 bytes="),
                             HasSubstr("rows=2 parts=2 removed_after=2h0m0s"))));
}

TEST_F(AppStartTest, StartsWithEveryKeyOfLokis) {
  const std::string path = directory_.path() / "every.yaml";
  std::ofstream(path) << config::EveryKeyFile();
  config::CommandLine command;
  command.config_files = {path};
  command.settings = {{"skald.data-dir", config_.skald.data_dir},
                      {"server.http-listen-address", "127.0.0.1"},
                      {"server.http-listen-port", "0"}};
  ASSERT_OK_AND_ASSIGN(config_, config::LoadConfig(command));
  ASSERT_OK(config::ValidateConfig(config_));
  EXPECT_GT(config_.without_effect.size(), 2000u);
  Start();
  EXPECT_EQ(http::StatusOf(Ask(*app_, http::Get("/ready"))), 200);
}

}  // namespace
}  // namespace skald
