#include "tools/cli/retention_rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace skald::cli {
namespace {

using std::chrono::hours;

class RetentionFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::path(testing::TempDir()) / ("retention_rules_" + name);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(RetentionFile, RulesPrioritiesAndDefaults) {
  auto config = ReadRetentionConfig(Write("config.yaml", R"(
limits_config:
  retention_period: 31d
  retention_stream:
    - {selector: '{env="dev"}', priority: 1, period: 24h}
    - {selector: '{app="audit"}', priority: 2, period: 0s}
)"));
  ASSERT_TRUE(config.ok()) << config.status();
  RetentionChooser chooser(config->Of("fake"));
  EXPECT_EQ(chooser.Choose({{"env", "prod"}}).period, hours(31 * 24));
  EXPECT_EQ(chooser.Choose({{"env", "prod"}}).rule, "");
  EXPECT_EQ(chooser.Choose({{"env", "dev"}}).period, hours(24));
  EXPECT_EQ(chooser.Choose({{"env", "dev"}}).rule, "{env=\"dev\"}");
  EXPECT_EQ(chooser.Choose({{"env", "dev"}, {"app", "audit"}}).period, hours(0));
}

TEST_F(RetentionFile, WithoutSettingsAWeek) {
  auto config = ReadRetentionConfig(Write("config.yaml", "auth_enabled: false\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(RetentionChooser(config->Of("x")).Choose({}).period, hours(7 * 24));
}

TEST_F(RetentionFile, OverridesBesideTheFile) {
  Write("overrides.yaml", "overrides:\n  big: {retention_period: 90d}\n");
  auto config = ReadRetentionConfig(Write("config.yaml", R"(
limits_config: {retention_period: 7d, retention_stream: [{selector: '{a="b"}', period: 2d}]}
runtime_config: {file: /nowhere/overrides.yaml}
)"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(RetentionChooser(config->Of("big")).Choose({}).period, hours(90 * 24));
  EXPECT_EQ(RetentionChooser(config->Of("big")).Choose({{"a", "b"}}).period, hours(2 * 24));
  EXPECT_EQ(RetentionChooser(config->Of("small")).Choose({}).period, hours(7 * 24));
}

TEST_F(RetentionFile, TroubleNamesTheFile) {
  EXPECT_TRUE(absl::IsNotFound(ReadRetentionConfig("nosuch.yaml").status()));
  for (const char* text : {"- 1\n", "limits_config: {retention_period: x}\n", "a: [\n",
                           "limits_config: {retention_stream: [{selector: '{', period: 1d}]}\n"}) {
    auto config = ReadRetentionConfig(Write("bad.yaml", text));
    EXPECT_TRUE(absl::IsInvalidArgument(config.status())) << text;
    EXPECT_NE(Message(config.status()).find("bad.yaml"), std::string_view::npos) << text;
  }
}

TEST(RetentionLimits, FromTheServer) {
  auto retention = ParseRetentionLimits(
      R"({"limits":{"retention_period":"1w","retention_stream":
         [{"selector":"{a=\"b\"}","priority":3,"period":"1d"}]}})");
  ASSERT_TRUE(retention.ok()) << retention.status();
  EXPECT_EQ(RetentionChooser(*retention).Choose({{"a", "b"}}).priority, 3);
  EXPECT_EQ(RetentionChooser(*retention).Choose({}).period, hours(7 * 24));
  EXPECT_FALSE(ParseRetentionLimits("{}").ok());
}

TEST(PeriodText, DaysOrShorter) {
  EXPECT_EQ(PeriodText(hours(0)), "for ever");
  EXPECT_EQ(PeriodText(hours(48)), "2d");
  EXPECT_EQ(PeriodText(hours(36)), "1d12h");
}

}  // namespace
}  // namespace skald::cli
