// Settings that change while the server runs: all together, or not at all.
#include "server/live_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/server/app_harness.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using std::chrono::hours;

constexpr int64_t kDay = 24 * storage::kNanosPerHour;

class LiveSettingsTest : public testing::Test {
 protected:
  void WriteOverrides(std::string_view text) { std::ofstream(config_.runtime_config_file) << text; }

  const TemporaryDirectory directory_;
  config::Config config_ = [this] {
    config::Config config = TestConfig(directory_);
    config.runtime_config_file = directory_.path() / "overrides.yaml";
    return config;
  }();
};

TEST_F(LiveSettingsTest, NeedsItsRuntimeFile) {
  EXPECT_THAT(
      LiveSettings::Create(config_).status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::HasSubstr("failed parsing config: " + config_.runtime_config_file)));
}

TEST_F(LiveSettingsTest, FollowsTheRuntimeFile) {
  WriteOverrides("overrides: {a: {retention_period: 2d, max_query_series: 7}}\n");
  ASSERT_OK_AND_ASSIGN(const auto settings, LiveSettings::Create(config_));
  EXPECT_EQ(settings->tenants(), 1u);
  EXPECT_EQ(settings->retention()->tenants.at("a").period_nanos, 2 * kDay);
  EXPECT_EQ(settings->limits()->LimitsOf("a")->query.max_query_series, 7u);
  EXPECT_THAT(settings->ReloadOverrides(), IsOkAndHolds(false));

  WriteOverrides("overrides: {a: {retention_period: 3d}, b: {max_query_series: 8}}\n");
  EXPECT_THAT(settings->ReloadOverrides(), IsOkAndHolds(true));
  EXPECT_EQ(settings->tenants(), 2u);
  EXPECT_EQ(settings->retention()->tenants.at("a").period_nanos, 3 * kDay);
  EXPECT_EQ(settings->limits()->LimitsOf("a")->query.max_query_series, 500u);
  EXPECT_EQ(settings->limits()->LimitsOf("b")->query.max_query_series, 8u);

  for (const char* bad :
       {"overrides: {a: {retention_period: x}}\n", "overrides: {a: {deletion_mode: x}}\n",
        "overrides: {a: {retention_stream: [{selector: '{', period: 2d}]}}\n",
        "overrides: {a: {retention_stream: [{selector: '{a=\"b\"}', period: 1h}]}}\n"}) {
    WriteOverrides(bad);
    EXPECT_THAT(settings->ReloadOverrides(), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
    EXPECT_EQ(settings->tenants(), 2u) << "the last good file counts";
  }
}

TEST_F(LiveSettingsTest, OverridesStartFromTheLimitsOfTheFileReadAgain) {
  WriteOverrides("overrides: {a: {max_query_series: 7}}\n");
  ASSERT_OK_AND_ASSIGN(const auto settings, LiveSettings::Create(config_));
  config::Config fresh = config_;
  fresh.limits.retention_period = hours(72);
  fresh.skald.data_dir = "/elsewhere";
  ASSERT_OK_AND_ASSIGN(const config::ConfigChanges changes, settings->Apply(fresh));
  EXPECT_THAT(changes.taken, testing::ElementsAre("limits_config.retention_period"));
  EXPECT_THAT(changes.need_restart, testing::ElementsAre("skald.data_dir"));
  EXPECT_EQ(settings->retention()->fallback.period_nanos, 3 * kDay);
  EXPECT_EQ(settings->retention()->tenants.at("a").period_nanos, 3 * kDay);
  EXPECT_EQ(settings->limits()->LimitsOf("a")->query.max_query_series, 7u);
  EXPECT_EQ(settings->config()->skald.data_dir, config_.skald.data_dir);

  fresh.limits.retention_period = hours(96);
  fresh.runtime_config_file = "/does/not/exist";
  EXPECT_FALSE(settings->Apply(fresh).ok());
  EXPECT_EQ(settings->retention()->fallback.period_nanos, 3 * kDay) << "all or nothing";
  EXPECT_EQ(settings->config()->runtime_config_file, config_.runtime_config_file);
}

}  // namespace
}  // namespace skald
