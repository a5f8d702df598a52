// Retention as a user configures it, in the whole server. Time is moved by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "storage/base/strings.h"
#include "tests/server/app_harness.h"

namespace skald {
namespace {

using http::BodyOf;
using http::Get;
using http::StatusOf;
using std::chrono::hours;
using testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kStart = 20'000 * kDay;  // in 2024

class AppRetentionTest : public testing::Test {
 protected:
  AppRetentionTest() {
    config_.auth_enabled = true;
    config_.limits.query.max_query_length = 0;
    config_.limits.retention_period = hours(48);
    config_.limits.retention_stream = {{R"({app="short"})", 2, hours(24)},
                                       {R"({app=~"short|long"})", 1, hours(24 * 30)}};
    config_.compactor.retention_delete_delay = hours(2);
    config_.runtime_config_file = directory_.path() / "overrides.yaml";
    config_.runtime_config_period = std::chrono::milliseconds(20);
    WriteOverrides("overrides: {keeper: {retention_period: 0s, retention_stream: []}}\n");
  }

  void Start() {
    auto app = App::Start(config_, &clock_);
    ASSERT_TRUE(app.ok()) << app.status();
    app_ = *std::move(app);
  }

  void WriteOverrides(std::string_view text) {
    const std::string path = config_.runtime_config_file;
    std::ofstream(path + ".new") << text;
    std::filesystem::rename(path + ".new", path);
  }

  // Pushes a row of this moment to each of three streams.
  void PushNow(std::string_view tenant) {
    std::string streams;
    for (const std::string_view app : {"plain", "short", "long"}) {
      StrAppend(&streams, streams.empty() ? "" : ",", R"({"stream":{"app":")", app,
                R"("},"values":[[")", clock_.WallNanos(), R"(","x"]]})");
    }
    ASSERT_EQ(StatusOf(PushJson(*app_, StrCat(R"({"streams":[)", streams, "]}"),
                                StrCat("X-Scope-OrgID: ", tenant, "\r\n"))),
              204);
  }

  // The streams of the tenant that show rows of the last year, counted through lines and labels.
  std::string Shown(std::string_view tenant) {
    std::string shown;
    for (const std::string_view app : {"plain", "short", "long"}) {
      const std::string answer = BodyOf(Ask(
          *app_, Get(StrCat("/loki/api/v1/query_range?start=", clock_.WallNanos() - 365 * kDay,
                            "&end=", clock_.WallNanos() + 1, "&query=%7Bapp%3D%22", app, "%22%7D"),
                     StrCat("X-Scope-OrgID: ", tenant, "\r\n"))));
      EXPECT_THAT(answer, HasSubstr("\"success\""));
      if (answer.find("\"x\"") != std::string::npos) StrAppend(&shown, app, " ");
    }
    return shown;
  }

  void Flush() { ASSERT_EQ(StatusOf(Ask(*app_, http::Post("/flush", ""))), 204); }

  // The value of a metric.
  double Metric(std::string_view name) {
    const std::string metrics = BodyOf(Ask(*app_, Get("/metrics")));
    const size_t at = metrics.find(StrCat("\n", name, " "));
    return at == std::string::npos ? -1 : std::stod(metrics.substr(at + name.size() + 2));
  }

  // Moves time on until the sweeper has looked at everything: the first sweep that ends may have
  // begun before.
  void Sweep() {
    for (int i = 0; i < 2; ++i) {
      const double before = Metric("skald_retention_sweeps_total");
      clock_.Advance(61 * kSecond);
      ASSERT_TRUE(Within([&] { return Metric("skald_retention_sweeps_total") > before; }));
    }
  }

  template <typename Condition>
  static bool Within(Condition condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  const TemporaryDirectory directory_;
  config::Config config_ = TestConfig(directory_);
  ManualClock clock_{kStart};
  std::unique_ptr<App> app_;
};

TEST_F(AppRetentionTest, ShowsEachStreamToTheEndOfItsPeriod) {
  Start();
  PushNow("one");
  PushNow("keeper");
  Flush();
  clock_.Advance(kDay);
  EXPECT_EQ(Shown("one"), "plain short long ");
  clock_.Advance(1);
  EXPECT_EQ(Shown("one"), "plain long ");
  clock_.Advance(kDay - 1);
  EXPECT_EQ(Shown("one"), "plain long ");
  clock_.Advance(1);
  EXPECT_EQ(Shown("one"), "long ");
  clock_.Advance(28 * kDay - 1);
  EXPECT_EQ(Shown("one"), "long ");
  clock_.Advance(1);
  EXPECT_EQ(Shown("one"), "");
  EXPECT_EQ(Shown("keeper"), "plain short long ") << "another tenant";
}

TEST_F(AppRetentionTest, FilesGoAfterSweepAndDelay) {
  Start();
  PushNow("one");
  PushNow("keeper");
  Flush();
  EXPECT_EQ(Metric("skald_part_rows"), 6);
  clock_.Advance(30 * kDay + 1);
  Sweep();
  EXPECT_EQ(Metric("skald_part_rows"), 6) << "the delay is not over";
  clock_.Advance(2 * kHour);
  Sweep();
  EXPECT_EQ(Metric("skald_part_rows"), 3);
  EXPECT_GE(Metric("skald_parts_expired_total"), 1);
  EXPECT_EQ(Shown("one"), "");
  EXPECT_EQ(Shown("keeper"), "plain short long ");
}

TEST_F(AppRetentionTest, OverridesTakeEffectWithoutARestart) {
  Start();
  PushNow("one");
  PushNow("keeper");
  Flush();
  clock_.Advance(10 * kDay);
  EXPECT_EQ(Shown("one"), "long ");
  EXPECT_EQ(Shown("keeper"), "plain short long ");
  WriteOverrides(
      "overrides:\n"
      "  one: {retention_period: 20d, retention_stream: [{selector: '{app=\"long\"}', "
      "priority: 1, period: 5d}]}\n");
  EXPECT_TRUE(Within([&] { return Shown("one") == "plain short "; }))
      << "what was hidden and is kept now comes back, what is shorter goes";
  EXPECT_EQ(Shown("keeper"), "long ") << "back to the periods of all";
  WriteOverrides("overrides: {one: {retention_period: nonsense}}\n");
  EXPECT_TRUE(Within([&] {
    return BodyOf(Ask(*app_, Get("/metrics")))
               .find("skald_config_last_reload_successful{source=\"runtime\"} 0") !=
           std::string::npos;
  }));
  EXPECT_EQ(Shown("one"), "plain short ") << "the last good file counts";
}

TEST_F(AppRetentionTest, ReadingTheConfigurationAgainChangesRetention) {
  Start();
  PushNow("one");
  clock_.Advance(3 * kDay);
  EXPECT_EQ(Shown("one"), "long ");
  config::Config fresh = config_;
  fresh.limits.retention_period = hours(24 * 7);
  fresh.limits.retention_stream.clear();
  ASSERT_TRUE(app_->Reload(fresh).ok());
  EXPECT_EQ(Shown("one"), "plain short long ") << "no row had been lost";
  EXPECT_EQ(Shown("keeper"), "");
}

TEST_F(AppRetentionTest, WallClockThatJumpsAYearRemovesNothing) {
  Start();
  PushNow("one");
  Flush();
  clock_.JumpWall(365 * kDay);
  EXPECT_EQ(Shown("one"), "");
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(kDay);
    Sweep();
  }
  EXPECT_EQ(Metric("skald_part_rows"), 3);
  EXPECT_EQ(Metric("skald_parts_expired_total"), 0);
  EXPECT_EQ(Metric("skald_retention_suspended"), 1);
  clock_.JumpWall(-365 * kDay - 3 * kDay);
  EXPECT_EQ(Shown("one"), "plain short long ");
}

}  // namespace
}  // namespace skald
