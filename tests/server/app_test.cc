// The server as a whole: start, stop, restart, tenants, limits, and what it says of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "server/memory_plan.h"
#include "server/tenant_limits.h"
#include "storage/base/strings.h"
#include "tests/server/app_harness.h"

namespace skald {
namespace {

using http::BodyOf;
using http::Get;
using http::StatusOf;
using testing::HasSubstr;

constexpr std::string_view kCount =
    "/loki/api/v1/query?time=1767574800&query=sum(count_over_time(%7Bapp%3D%22a%22%7D%5B1h%5D))";

constexpr int64_t kTime = 1'767'574'000'000'000'000;

std::string OneLine(std::string_view line, int64_t time = kTime) {
  return StrCat(R"({"streams":[{"stream":{"app":"a"},"values":[[")", time, R"(",")", line,
                R"("]]}]})");
}

TEST(AppTest, KeepsWhatItAcknowledgedOverARestart) {
  const TemporaryDirectory directory;
  const auto config = TestConfig(directory);
  {
    const auto app = StartApp(config);
    EXPECT_EQ(BodyOf(Ask(*app, Get("/ready"))), "ready\n");
    EXPECT_EQ(StatusOf(PushJson(*app, OneLine("first"))), 204);
    EXPECT_TRUE(app->Stop().ok());
    EXPECT_TRUE(app->Stop().ok());
  }
  const auto app = StartApp(config);
  EXPECT_EQ(StatusOf(PushJson(*app, OneLine("second"))), 204);
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount))), HasSubstr(R"("value":[1767574800,"2"])"));
  EXPECT_EQ(StatusOf(Ask(*app, http::Post("/flush", ""))), 204);
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount))), HasSubstr(R"("value":[1767574800,"2"])"));
}

TEST(AppTest, CompactsWhenAsked) {
  constexpr std::string_view kCompact = "/skald/api/v1/compact";
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  EXPECT_EQ(StatusOf(PushJson(*app, OneLine("first"))), 204);
  EXPECT_EQ(StatusOf(Ask(*app, http::Post("/flush", ""))), 204);
  EXPECT_EQ(StatusOf(PushJson(*app, OneLine("second"))), 204);
  EXPECT_EQ(StatusOf(Ask(*app, http::Post(kCompact, ""))), 202);
  std::string progress;
  for (int i = 0; i < 6000 && progress.find(R"("status":"idle")") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    progress = BodyOf(Ask(*app, Get(kCompact)));
  }
  EXPECT_THAT(progress, HasSubstr(R"("status":"idle","parts":1,"merges":1,"failures":0)"));
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount))), HasSubstr("\"2\""));
  EXPECT_THAT(BodyOf(Ask(*app, Get("/metrics"))), HasSubstr("skald_compactions_total 1\n"));
}

TEST(AppTest, StartsOnlyOnceOnADirectory) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  const auto second = App::Start(TestConfig(directory));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(directory.path().string()));
}

TEST(AppTest, SaysWhenThePortIsTaken) {
  const TemporaryDirectory first_directory;
  const auto app = StartApp(TestConfig(first_directory));
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.server.http_listen_port = app->http_port();
  EXPECT_THAT(std::string(App::Start(config).status().message()), HasSubstr("listen tcp"));
}

// A selector alone and a count need no lines; a filter has to look at all of them.
TEST(AppTest, BeginsAHeavyQueryAgainAndAnswersItOnce) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  constexpr int kLines = 100;
  for (int i = 0; i < kLines; ++i) {
    const std::string line = StrCat(std::string(200'000, 'x'), i);
    ASSERT_EQ(StatusOf(PushJson(*app, OneLine(line, kTime + i))), 204);
  }
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount))), HasSubstr(StrCat("\"", kLines, "\"")));
  EXPECT_THAT(BodyOf(Ask(*app, Get("/metrics"))), HasSubstr("skald_heavy_queries_total 0\n"));
  const std::string filtered =
      "/loki/api/v1/query?time=1767574800&query=sum(count_over_time(%7Bapp%3D%22a%22%7D%7C~"
      "%22x%5B0-9%5D%22%5B1h%5D))";
  EXPECT_THAT(BodyOf(Ask(*app, Get(filtered))), HasSubstr(StrCat("\"", kLines, "\"")));
  const std::string metrics = BodyOf(Ask(*app, Get("/metrics")));
  EXPECT_THAT(metrics, HasSubstr("skald_heavy_queries_total 1\n"));
  EXPECT_THAT(metrics, HasSubstr("loki_query_scheduler_queue_duration_seconds_count 2\n"));
  EXPECT_THAT(metrics, HasSubstr("loki_logql_querystats_latency_seconds_count{range=\"instant\","
                                 "status_code=\"200\",type=\"metric\"} 2\n"));
}

// What heavy queries may hold is less than what light ones find.
TEST(AppTest, AHeavyQueryLeavesMemoryToLightOnes) {
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.skald.memory_limit = 64_MiB;
  config.skald.memtable_size = 32_MiB;
  const auto app = StartApp(config);
  for (int i = 0; i < 100; ++i) {
    const std::string line = StrCat(std::string(200'000, 'x'), i);
    ASSERT_EQ(StatusOf(PushJson(*app, OneLine(line, kTime + i))), 204);
  }
  const auto lines = [&](int limit) {
    return Ask(*app, Get(StrCat("/loki/api/v1/query_range?start=1767570000&end=1767577200&query="
                                "%7Bapp%3D%22a%22%7D%7C~%22x%5B0-9%5D%22&limit=",
                                limit)));
  };
  const std::string refused = lines(100);
  EXPECT_EQ(StatusOf(refused), 429);
  EXPECT_THAT(BodyOf(refused), HasSubstr("not enough memory for heavy queries"));
  EXPECT_EQ(StatusOf(lines(3)), 200);
  EXPECT_THAT(BodyOf(Ask(*app, Get("/metrics"))),
              HasSubstr("skald_memory_reserved_bytes{user=\"heavy_queries\"} 0\n"));
}

// A series for every line, with a value at every second: little to look at, and much to hold.
TEST(AppTest, AQueryThatHoldsMuchIsHeavyToo) {
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.skald.memory_limit = 64_MiB;
  const auto app = StartApp(config);
  for (int i = 0; i < 100; ++i) {
    const std::string line = StrCat("id=", i);
    ASSERT_EQ(StatusOf(PushJson(*app, OneLine(line, kTime + i))), 204);
  }
  const auto series = [&](std::string_view filter) {
    return Ask(*app, Get(StrCat("/loki/api/v1/query_range?start=1767570000&end=1767577200&step=1s"
                                "&query=count_over_time(%7Bapp%3D%22a%22%7D",
                                filter, "%7Clogfmt%5B1s%5D)")));
  };
  EXPECT_EQ(StatusOf(series("%7C%3D%22id%3D99%22")), 200);
  EXPECT_THAT(BodyOf(Ask(*app, Get("/metrics"))), HasSubstr("skald_heavy_queries_total 0\n"));
  const std::string answer = series("");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(BodyOf(answer), HasSubstr(R"("id":"99")"));
  const std::string metrics = BodyOf(Ask(*app, Get("/metrics")));
  EXPECT_THAT(metrics, HasSubstr("skald_heavy_queries_total 1\n"));
  EXPECT_THAT(metrics, HasSubstr("skald_memory_reserved_bytes{user=\"queries\"} 0\n"));
}

TEST(AppTest, KeepsTenantsApart) {
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.auth_enabled = true;
  const auto app = StartApp(config);
  const std::string refused = PushJson(*app, OneLine("x"));
  EXPECT_EQ(StatusOf(refused), 401);
  EXPECT_EQ(BodyOf(refused), "no org id\n");
  EXPECT_EQ(BodyOf(Ask(*app, Get(kCount))), "no org id\n");
  EXPECT_EQ(StatusOf(PushJson(*app, OneLine("x"), "X-Scope-OrgID: one\r\n")), 204);
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount, "X-Scope-OrgID: one\r\n"))), HasSubstr("\"1\""));
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount, "X-Scope-OrgID: two\r\n"))),
              HasSubstr(R"("result":[])"));
  EXPECT_EQ(BodyOf(Ask(*app, Get(kCount, "X-Scope-OrgID: one|two\r\n"))),
            "multiple org IDs present\n");
  EXPECT_EQ(StatusOf(Ask(*app, Get("/ready"))), 200);
  EXPECT_EQ(StatusOf(Ask(*app, Get("/loki/api/v1/status/buildinfo"))), 200);
}

TEST(AppTest, StoresTheGoodPartOfAPush) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  const std::string line(300'000, 'x');
  const std::string mixed =
      StrCat(R"({"streams":[{"stream":{"app":"a"},"values":[["1767574000000000000","good"],)",
             R"(["1767574000000000001",")", line, R"("]]}]})");
  const std::string response = PushJson(*app, mixed);
  EXPECT_EQ(StatusOf(response), 400);
  EXPECT_THAT(BodyOf(response), HasSubstr("max entry size '262144' bytes exceeded"));
  EXPECT_THAT(BodyOf(Ask(*app, Get(kCount))), HasSubstr("\"1\""));
  const std::string metrics = BodyOf(Ask(*app, Get("/metrics")));
  EXPECT_THAT(metrics, HasSubstr("reason=\"line_too_long\""));
}

TEST(AppTest, AnswersOtlpErrorsAsItsClientsExpect) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  const std::string response =
      Ask(*app, http::Post("/otlp/v1/logs", "{}", "Content-Type: application/json\r\n"));
  EXPECT_EQ(StatusOf(response), 422);
  EXPECT_THAT(response, HasSubstr("Content-Type: application/octet-stream\r\n"));
  EXPECT_THAT(BodyOf(response), HasSubstr("error at least one valid stream is required"));
}

TEST(AppTest, ServesBelowAPrefix) {
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.server.http_path_prefix = "/logs";
  const auto app = StartApp(config);
  EXPECT_EQ(StatusOf(Ask(*app, Get("/logs/ready"))), 200);
  EXPECT_EQ(StatusOf(Ask(*app, Get("/ready"))), 404);
  EXPECT_EQ(StatusOf(Ask(*app, Get("/log"))), 404);
}

TEST(AppTest, RefusesLongForms) {
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.max_body_size = 100;
  const auto app = StartApp(config);
  const std::string response =
      Ask(*app, http::Post("/loki/api/v1/query", std::string(101, 'x'),
                           "Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_EQ(StatusOf(response), 400);
  EXPECT_EQ(BodyOf(response), "http: POST too large");
}

TEST(AppTest, RefusesBlockedQueries) {
  const TemporaryDirectory directory;
  auto config = TestConfig(directory);
  config.limits.query.blocked_queries = {{"app.*\\|=", true, {"filter"}, 0}};
  const auto app = StartApp(config);
  const std::string_view path = "/loki/api/v1/query_range?query=";
  const std::string response = Ask(*app, Get(StrCat(path, "%7Bapp=%22a%22%7D%20%7C=%20%22x%22")));
  EXPECT_EQ(StatusOf(response), 400);
  EXPECT_EQ(BodyOf(response), "query blocked by policy");
  EXPECT_EQ(StatusOf(Ask(*app, Get(StrCat(path, "%7Bapp=%22a%22%7D")))), 200);
}

TEST(AppTest, CompressesAnswersToQueriesWhenToldTo) {
  constexpr std::string_view kAsk =
      "/loki/api/v1/query_range?start=1767570000&end=1767577200&query=%7Bapp%3D%22a%22%7D";
  constexpr std::string_view kGzip = "Accept-Encoding: gzip\r\n";
  for (const bool told : {false, true}) {
    const TemporaryDirectory directory;
    auto config = TestConfig(directory);
    config.compress_responses = told;
    const auto app = StartApp(config);
    PushJson(*app, OneLine(std::string(100'000, 'x')));
    const std::string answer = Ask(*app, Get(kAsk, kGzip));
    EXPECT_EQ(StatusOf(answer), 200);
    EXPECT_EQ(http::HeadOf(answer).find("Content-Encoding: gzip") != std::string::npos, told);
    EXPECT_EQ(BodyOf(answer).size() < 10'000, told);
    EXPECT_THAT(Ask(*app, Get(kAsk)), HasSubstr(std::string(100'000, 'x')));
    EXPECT_THAT(Ask(*app, Get("/metrics", kGzip)), testing::Not(HasSubstr("Content-Encoding")));
  }
}

TEST(AppTest, ShowsItsMetrics) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  PushJson(*app, OneLine("x"));
  Ask(*app, Get(kCount));
  Ask(*app, Get("/nothing/at/all"));
  const std::string metrics = BodyOf(Ask(*app, Get("/metrics")));
  for (const std::string_view line :
       {"loki_build_info{", "process_resident_memory_bytes ", "loki_ingester_memory_streams 1\n",
        "loki_request_duration_seconds_count{method=\"POST\",route=\"loki_api_v1_push\","
        "status_code=\"204\",ws=\"false\"} 1\n",
        "route=\"loki_api_v1_query\",status_code=\"200\"", "route=\"other\",status_code=\"404\"",
        "loki_logql_querystats_latency_seconds_count{range=\"instant\",status_code=\"200\","
        "type=\"metric\"} 1\n",
        "loki_tcp_connections{protocol=\"http\"} ", "loki_distributor_lines_received_total{"}) {
    EXPECT_THAT(metrics, HasSubstr(line));
  }
}

TEST(AppTest, ShowsItsSettings) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  EXPECT_THAT(BodyOf(Ask(*app, Get("/config"))), HasSubstr("auth_enabled: false"));
  EXPECT_THAT(BodyOf(Ask(*app, Get("/loki/api/v1/drilldown-limits"))),
              HasSubstr(R"("pattern_ingester_enabled":true,"version":"3.7.6"})"));
  EXPECT_THAT(BodyOf(Ask(*app, Get("/loki/api/v1/status/buildinfo"))),
              HasSubstr(R"("version":"3.7.6")"));
  EXPECT_THAT(BodyOf(Ask(*app, Get("/services"))), HasSubstr("server => Running\n"));
}

TEST(MemoryPlanTest, SharesOutTheLimit) {
  config::ResourceConfig config;
  config.memory_limit = 1_GiB;
  const MemoryPlan plan = PlanMemory(config, 64_GiB, 64_GiB);
  EXPECT_EQ(plan.limit, 1_GiB);
  EXPECT_LE(2 * plan.memtable + plan.page_cache + plan.stream_cache + plan.rate_limiter +
                plan.log_buffer + plan.compaction + plan.requests + plan.tails,
            plan.limit / 8 * 7);
  EXPECT_EQ(plan.largest_push, plan.limit / 8);
  EXPECT_LT(plan.queries, plan.requests) << "queries would starve pushes";
  EXPECT_EQ(plan.light_reserve, plan.queries / 8);
  config.memtable_size = 7_MiB;
  config.page_cache_size = 9_MiB;
  EXPECT_EQ(PlanMemory(config, 0, 0).memtable, 7_MiB);
  EXPECT_EQ(PlanMemory(config, 0, 0).page_cache, 9_MiB);
}

// However little there is, light queries have some of it to themselves, and heavy ones most of it.
TEST(MemoryPlanTest, ReservesMemoryForLightQueries) {
  config::ResourceConfig config;
  for (const uint64_t limit : {8_MiB, 64_MiB, 256_MiB, 4_GiB}) {
    config.memory_limit = limit;
    const MemoryPlan plan = PlanMemory(config, 0, 0);
    EXPECT_GE(plan.light_reserve, plan.queries / 8) << limit;
    EXPECT_LE(plan.light_reserve, plan.queries / 4) << limit;
    EXPECT_GE(plan.light_reserve, std::min(4_MiB, plan.queries / 4)) << limit;
  }
}

TEST(MemoryPlanTest, FollowsTheMachineByDefault) {
  EXPECT_EQ(PlanMemory({}, 2_GiB, 2_GiB).limit, 512_MiB);
  EXPECT_EQ(PlanMemory({}, 800_MiB, 64_GiB).limit, 800_MiB);
  EXPECT_EQ(PlanMemory({}, 64_GiB, 64_GiB).limit, 1_GiB);
  EXPECT_EQ(PlanMemory({}, 0, 0).limit, 1_GiB);
}

TEST(TenantLimitsTest, PreferTheTenantsOwn) {
  config::TenantLimits defaults;
  config::TenantOverrides overrides;
  overrides["big"].query.max_query_series = 7;
  const auto table = TenantLimitsTable::Create(defaults, overrides);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->QuerySettingsOf("big")->limits.max_query_series, 7U);
  EXPECT_EQ((*table)->QuerySettingsOf("small")->limits.max_query_series, 500U);
}

TEST(TenantLimitsTest, KeepTheObjectThatDidNotChange) {
  config::TenantLimits defaults;
  const auto table = TenantLimitsTable::Create(defaults, {});
  ASSERT_TRUE(table.ok());
  const auto before = (*table)->SettingsOf("x");
  defaults.volume_enabled = false;
  ASSERT_TRUE((*table)->Replace(defaults, {}).ok());
  EXPECT_EQ((*table)->SettingsOf("x"), before);
  EXPECT_FALSE((*table)->QuerySettingsOf("x")->volume_enabled);
  defaults.ingest.max_line_size = 10;
  ASSERT_TRUE((*table)->Replace(defaults, {}).ok());
  EXPECT_NE((*table)->SettingsOf("x"), before);
}

TEST(TenantLimitsTest, KeepTheOldOnesWhenNewOnesAreWrong) {
  const auto table = TenantLimitsTable::Create({}, {});
  ASSERT_TRUE(table.ok());
  config::TenantOverrides overrides;
  overrides["bad"].query.max_query_series = 7;
  overrides["bad"].ingest.otlp_config.log_attributes = {{.attributes = {}, .regex = "("}};
  const Status status = (*table)->Replace({}, overrides);
  EXPECT_THAT(std::string(status.message()), HasSubstr("overrides of bad: "));
  EXPECT_EQ((*table)->QuerySettingsOf("bad")->limits.max_query_series, 500U);
}

}  // namespace
}  // namespace skald
