// The table of keys held against Loki's names, the output and the documentation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "server/config/document.h"
#include "server/config/documentation.h"
#include "server/config/key_table.h"
#include "server/config/load.h"
#include "server/config/loki_names.h"
#include "tests/server/every_key_file.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> ErrorsOf(const std::string& yaml, Config* config) {
  const StatusOr<YamlNode> node = ReadYaml(yaml);
  EXPECT_OK(node.status());
  DocumentNotes notes;
  ReadSection(*node, "", config, &notes);
  return notes.errors;
}

TEST(Table, PathsAndFlagsAreLokisOrOurs) {
  std::set<std::string_view> paths, flags;
  for (const Key* key : AllKeys()) {
    EXPECT_TRUE(paths.insert(key->path).second) << key->path;
    EXPECT_FALSE(key->meaning.empty()) << key->path;
    const bool ours = key->path.starts_with("skald.");
    const NameKind kind = LokiKeys().Find(key->path);
    EXPECT_EQ(kind == NameKind::kUnknown, ours) << key->path;
    if (key->flag.empty()) continue;
    EXPECT_TRUE(flags.insert(key->flag).second) << key->flag;
    const NameKind flag = LokiFlags().Find(key->flag);
    EXPECT_EQ(flag == NameKind::kUnknown, ours) << key->flag;
    const bool is_switch = flag == NameKind::kSwitch;
    EXPECT_TRUE(ours || is_switch == (key->type == ValueType::kBool)) << key->flag;
  }
}

TEST(Table, SectionsStandTogether) {
  std::set<std::string_view> done;
  std::string_view current;
  for (const Key* key : AllKeys()) {
    const std::string_view section = key->path.substr(0, key->path.find('.'));
    if (section == current) continue;
    EXPECT_TRUE(done.insert(section).second) << section;
    current = section;
  }
}

// A file with every key that Loki knows: none is unknown, and the defaults stay.
TEST(LokiNames, EveryKeyIsAccepted) {
  int keys = 0;
  LokiKeys().ForEach([&keys](std::string_view, NameKind) { ++keys; });
  EXPECT_GT(keys, 2900);
  Config config;
  EXPECT_THAT(ErrorsOf(EveryKeyFile(), &config), IsEmpty());
  EXPECT_EQ(ConfigYaml(config, ConfigView::kDiff), "");
}

TEST(LokiNames, Tree) {
  const NameTree tree("@kv{store prefix}\na{b? c@kv}\nd* c@kv e e{f\n g}");
  EXPECT_EQ(tree.Find("a"), NameKind::kSection);
  EXPECT_EQ(tree.Find("a.b"), NameKind::kSwitch);
  EXPECT_EQ(tree.Find("a.c.store"), NameKind::kValue);
  EXPECT_EQ(tree.Find("c.prefix"), NameKind::kValue);
  EXPECT_EQ(tree.Find("c.prefix.x"), NameKind::kUnknown);
  EXPECT_EQ(tree.Find("d.x.y"), NameKind::kAnything);
  EXPECT_EQ(tree.Find("e"), NameKind::kValue);
  EXPECT_EQ(tree.Find("e.g"), NameKind::kValue);
  EXPECT_EQ(tree.Find("kv"), NameKind::kUnknown);
  EXPECT_EQ(tree.Find(""), NameKind::kUnknown);
  EXPECT_EQ(tree.Find("."), NameKind::kUnknown);
  std::vector<std::string> names;
  tree.ForEach([&](std::string_view name, NameKind) { names.emplace_back(name); });
  EXPECT_THAT(names, ElementsAre("a.b", "a.c.store", "a.c.prefix", "d", "c.store", "c.prefix", "e",
                                 "e.f", "e.g"));
}

// What is printed reads back as the same settings.
TEST(Output, RoundTrip) {
  const std::string yaml = R"yaml(
auth_enabled: false
server:
  http_listen_port: 3200
  http_path_prefix: "/a \"b\" \\ é: #"
  http_server_read_timeout: 1h2m3.5s
  log_level: warn
skald:
  memory_limit: 1536KB
limits_config:
  ingestion_rate_mb: 1.5
  per_stream_rate_limit: 3MB
  max_line_size_truncate_identifier: "yes"
  enforced_labels:
  - "1"
  - a
  otlp_config:
    resource_attributes:
      ignore_defaults: true
      attributes_config:
      - action: drop
        regex: ".*"
    log_attributes:
    - action: structured_metadata
      attributes:
      - x
    severity_text_as_label: true
  block_ingestion_until: "2030-01-01T00:00:00.5Z"
  max_query_length: 1w1h
  blocked_queries:
  - pattern: .*prod.*
    regex: true
    types: filter,limited
  - hash: 2943214005
  required_labels: []
  retention_period: 90d
  retention_stream:
  - period: 1d
    priority: 2
    selector: "{a=\"b\"}"
)yaml";
  Config config;
  ASSERT_THAT(ErrorsOf(yaml, &config), IsEmpty());
  const std::string printed = ConfigYaml(config, ConfigView::kEffective);
  Config again;
  EXPECT_THAT(ErrorsOf(printed, &again), IsEmpty());
  EXPECT_EQ(ConfigYaml(again, ConfigView::kEffective), printed);
  EXPECT_EQ(again.limits.ingest, config.limits.ingest);
  EXPECT_EQ(again.limits.retention_stream, config.limits.retention_stream);
  EXPECT_THAT(again.limits.query.blocked_queries,
              ElementsAre(query::BlockedQuery{".*prod.*", true, {"filter", "limited"}, 0},
                          query::BlockedQuery{"", false, {}, 2943214005}));
  EXPECT_EQ(again.server.http_path_prefix, config.server.http_path_prefix);
  EXPECT_EQ(again.limits.ingest.max_line_size_truncate_identifier, "yes");
  EXPECT_THAT(printed,
              HasSubstr("\nserver:\n  http_listen_address: \"\"\n  http_listen_port: 3200\n"));
}

TEST(Output, DiffHasWhatIsNotDefault) {
  Config config;
  EXPECT_EQ(ConfigYaml(config, ConfigView::kDiff), "");
  config.auth_enabled = false;
  config.limits.ingest.max_line_size = 512 << 10;
  config.limits.ingest.discover_service_name = {"app"};
  EXPECT_EQ(ConfigYaml(config, ConfigView::kDiff),
            "auth_enabled: false\n"
            "limits_config:\n"
            "  max_line_size: 512KB\n"
            "  discover_service_name:\n"
            "  - app\n");
  EXPECT_EQ(ConfigYaml(config, ConfigView::kDefaults),
            ConfigYaml(Config(), ConfigView::kEffective));
}

TEST(Output, HidesKeysWithoutEffect) {
  Config config;
  ASSERT_THAT(ErrorsOf("common: {storage: {s3: {secret_access_key: hush}}}\n", &config), IsEmpty());
  EXPECT_THAT(ConfigYaml(config, ConfigView::kEffective), Not(HasSubstr("hush")));
}

TEST(Output, PublishedLimits) {
  Config config;
  config.tenant_limits_allow_publish = {
      "query_timeout",         "max_query_bytes_read", "max_query_series", "volume_enabled",
      "discover_service_name", "retention_stream",     "otlp_config",      "cardinality_limit"};
  config.limits.ingest.discover_service_name = {"app"};
  config.limits.ingest.otlp_config.default_index_labels = {"service.name"};
  config.limits.retention_stream = {{R"({a="b"})", 1, std::chrono::hours(24)}};
  EXPECT_EQ(PublishedLimitsJson(config, config.limits),
            R"({"discover_service_name":["app"],"max_query_bytes_read":"0B",)"
            R"("max_query_series":500,"otlp_config":{"resource_attributes":{"attributes_config":)"
            R"([{"action":"index_label","attributes":["service.name"]}]}},"query_timeout":"1m",)"
            R"("retention_stream":[{"period":"1d","priority":1,"selector":"{a=\"b\"}"}],)"
            R"("volume_enabled":true})");
  config.tenant_limits_allow_publish.clear();
  EXPECT_THAT(PublishedLimitsJson(config, config.limits), HasSubstr(R"("max_line_size":"256KB")"));
}

TEST(Documentation, IsUpToDate) {
  const std::string path = std::string(SKALD_DOCS) + "/configuration.md";
  if (std::getenv("SKALD_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << ConfigurationDocument();
  }
  std::stringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_TRUE(written.str() == ConfigurationDocument())
      << path << " is not what the table says; run this test with SKALD_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace skald::config
