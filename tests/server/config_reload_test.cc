// What a running server takes of a configuration that is read again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/config/key_table.h"
#include "server/config/reload.h"

namespace skald::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Reload, NothingChangesWithTheSameSettings) {
  ConfigChanges changes;
  EXPECT_EQ(ConfigYaml(Reloaded(Config(), Config(), &changes), ConfigView::kDiff), "");
  EXPECT_THAT(changes.taken, IsEmpty());
  EXPECT_THAT(changes.need_restart, IsEmpty());
}

TEST(Reload, TakesWhatItCanAndNamesTheRest) {
  Config fresh;
  fresh.server.log_level = LogLevel::kDebug;
  fresh.server.http_listen_port = 3200;
  fresh.skald.data_dir = "/elsewhere";
  fresh.limits.retention_period = std::chrono::hours(24 * 30);
  fresh.limits.retention_stream = {{R"({app="a"})", 3, std::chrono::hours(48)}};
  fresh.limits.ingest.ingestion_rate = 1.5 * (1 << 20);
  fresh.limits.ingest.otlp_config.default_index_labels = {"service.name"};
  fresh.limits.query.max_query_memory = 5 << 20;
  fresh.log_queries_longer_than = -1;
  ConfigChanges changes;
  const Config result = Reloaded(Config(), fresh, &changes);
  EXPECT_THAT(changes.taken,
              ElementsAre("server.log_level", "skald.max_query_memory",
                          "distributor.otlp_config.default_resource_attributes_as_index_labels",
                          "frontend.log_queries_longer_than", "limits_config.ingestion_rate_mb",
                          "limits_config.retention_period", "limits_config.retention_stream"));
  EXPECT_THAT(changes.need_restart, ElementsAre("server.http_listen_port", "skald.data_dir"));
  EXPECT_EQ(result.limits, fresh.limits);
  EXPECT_EQ(result.server.log_level, LogLevel::kDebug);
  EXPECT_EQ(result.server.http_listen_port, 3100);
  EXPECT_EQ(result.skald.data_dir, "");
  EXPECT_EQ(result.log_queries_longer_than, -1);
}

// Otherwise a limit would silently wait for a restart.
TEST(Reload, TakesEveryLimit) {
  for (const Key& key : LimitsKeys()) {
    EXPECT_EQ(TakesEffectOnReload(key), key.status == KeyStatus::kHonoured) << key.path;
  }
}

}  // namespace
}  // namespace skald::config
