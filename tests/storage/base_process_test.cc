// Log, metrics, and what the process knows of itself.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "storage/base/cgroup_memory.h"
#include "storage/base/log.h"
#include "storage/base/log_rate_limit.h"
#include "storage/base/metrics.h"
#include "storage/base/process_stats.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<std::string>* g_lines = nullptr;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    g_lines = &lines_;
    SetLogSink([](LogLevel, std::string_view line) { g_lines->emplace_back(line); });
  }
  ~LogTest() override {
    SetLogSink(nullptr);
    SetLogLevel(LogLevel::kInfo);
    SetLogFormat(LogFormat::kLogfmt);
  }

  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesLogfmt) {
  SKALD_LOG(kWarn, "part written",
            {{"tenant", "fake"}, {"rows", 42}, {"path", "a b"}, {"text", "x=\"y\"\n"}, {"no", ""}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0],
              MatchesRegex("ts=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                           "level=warn caller=base_process_test\\.cc:[0-9]+ msg=\"part written\" "
                           "tenant=fake rows=42 path=\"a b\" text=\"x=\\\\\"y\\\\\"\\\\n\" no="));
}

TEST_F(LogTest, WritesJson) {
  SetLogFormat(LogFormat::kJson);
  SKALD_LOG(kError, "bad \x01 \xFF bytes", {{"n", 1}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], HasSubstr("\"level\":\"error\""));
  EXPECT_THAT(lines_[0], HasSubstr("\"msg\":\"bad \\u0001 \xEF\xBF\xBD bytes\",\"n\":\"1\"}"));
}

TEST_F(LogTest, HoldsBackLowerLevels) {
  SetLogLevel(LogLevel::kWarn);
  EXPECT_EQ(GetLogLevel(), LogLevel::kWarn);
  SKALD_LOG(kInfo, "not seen");
  EXPECT_TRUE(lines_.empty());
  SetLogLevel(LogLevel::kDebug);
  SKALD_LOG(kDebug, "seen");
  EXPECT_EQ(lines_.size(), 1u);
}

TEST(LogRateLimitTest, LetsTenLinesASecondThroughPerCallSite) {
  constexpr int64_t kSecond = 1'000'000'000;
  LogRateLimit limit;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limit.Admit("a.cc", 1, 5), 0u);
  EXPECT_EQ(limit.Admit("a.cc", 1, 6), std::nullopt);
  EXPECT_EQ(limit.Admit("a.cc", 1, 4 + kSecond), std::nullopt);
  EXPECT_EQ(limit.Admit("a.cc", 2, 6), 0u);
  EXPECT_EQ(limit.Admit("a.cc", 1, 5 + kSecond), 2u);
  EXPECT_EQ(limit.Admit("a.cc", 1, 6 + kSecond), 0u);
}

TEST(MetricsTest, ExposesWhatWasCounted) {
  MetricsRegistry registry;
  const Counter pushes = registry.GetCounter("pushes_total", "Pushes.", {{"tenant", "a\"b"}});
  pushes.Increment();
  registry.GetCounter("pushes_total", "Pushes.", {{"tenant", "a\"b"}}).Increment(2);
  const Gauge rows = registry.GetGauge("rows", "Rows.");
  registry.OnExpose([rows] { rows.Set(7); });
  registry.GetHistogram("seconds", "Time.", {0.1, 1}).Observe(0.5);
  EXPECT_EQ(pushes.value(), 3);
  const std::string text = registry.Expose();
  EXPECT_THAT(text, HasSubstr("# HELP pushes_total Pushes.\n# TYPE pushes_total counter\n"
                              "pushes_total{tenant=\"a\\\"b\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("rows 7\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"1\"} 1\n"));
}

TEST(MetricsTest, HandlesOfNoRegistryDoNothing) {
  Counter().Increment();
  Gauge().Add(1);
  Histogram().Observe(1);
  EXPECT_EQ(Gauge().value(), 0);
}

TEST(MetricsDeathTest, OneNameIsOneKind) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  MetricsRegistry registry;
  registry.GetCounter("x", "X.");
  EXPECT_DEATH(registry.GetGauge("x", "X."), "check failed");
}

TEST(ProcessStatsTest, ParsesNamesWithParentheses) {
  const auto stat = process_stats_internal::ParseStatLine(
      "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 100 20 13 14 15 16 9 18 1234 4096000 77 23\n");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->cpu_ticks, 120u);
  EXPECT_EQ(stat->threads, 9u);
  EXPECT_EQ(stat->start_ticks, 1234u);
  EXPECT_EQ(stat->virtual_bytes, 4096000u);
  EXPECT_EQ(stat->resident_pages, 77u);
  EXPECT_FALSE(process_stats_internal::ParseStatLine("42 (a) S 1 2").has_value());
  EXPECT_FALSE(process_stats_internal::ParseStatLine("").has_value());
}

TEST(ProcessStatsTest, ReadsThisProcess) {
  const ProcessStats stats = ReadProcessStats();
  EXPECT_GT(stats.resident_bytes, 100'000u);
  EXPECT_GE(stats.virtual_bytes, stats.resident_bytes);
  EXPECT_GE(stats.threads, 1u);
  EXPECT_GE(stats.open_files, 3u);
  EXPECT_GE(stats.max_open_files, stats.open_files);
  EXPECT_GT(stats.start_unix_seconds, 1.6e9);
}

// Builds a root directory with the given files.
class MemoryLimitTest : public testing::Test {
 protected:
  MemoryLimitTest() : root_(testing::TempDir() + "/memory_limit_test." + std::to_string(getpid())) {
    std::filesystem::remove_all(root_);
    Write("/proc/meminfo", "MemFree: 5 kB\nMemTotal:        2048 kB\n");
  }
  ~MemoryLimitTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  const std::string root_;
};

TEST_F(MemoryLimitTest, FallsBackToTheMachine) {
  EXPECT_EQ(MemoryLimitOfProcess(root_), 2048u << 10);
  EXPECT_EQ(MemoryLimitOfProcess(root_ + "/nowhere"), 0u);
  EXPECT_GT(MemoryLimitOfProcess(), 0u);
}

TEST_F(MemoryLimitTest, TakesTheSmallestOfVersion2Upwards) {
  Write("/proc/self/cgroup", "0::/system.slice/skald.service\n");
  Write("/sys/fs/cgroup/system.slice/skald.service/memory.max", "max\n");
  EXPECT_EQ(MemoryLimitOfProcess(root_), 2048u << 10);
  Write("/sys/fs/cgroup/system.slice/memory.max", "1000000\n");
  EXPECT_EQ(MemoryLimitOfProcess(root_), 1000000u);
  Write("/sys/fs/cgroup/system.slice/skald.service/memory.max", "900000\n");
  EXPECT_EQ(MemoryLimitOfProcess(root_), 900000u);
}

TEST_F(MemoryLimitTest, ReadsVersion1AndIgnoresAbsurdValues) {
  Write("/proc/self/cgroup", "5:cpu,memory:/docker/abc\n4:memory_other:/x\n0::/\nrubbish\n");
  Write("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(MemoryLimitOfProcess(root_), 2048u << 10);
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "500000\n");  // as seen in a container
  EXPECT_EQ(MemoryLimitOfProcess(root_), 500000u);
}

}  // namespace
}  // namespace skald
