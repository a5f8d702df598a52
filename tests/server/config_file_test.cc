// Configuration files: what users have, every notation, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/config/expand_env.h"
#include "server/config/load.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

const Environment kNoEnvironment = [](std::string_view) { return std::nullopt; };

StatusOr<Config> LoadText(const std::string& yaml) {
  MemoryFileSystem files;
  auto file = files.NewWritableFile("c.yaml");
  EXPECT_OK(file.status());
  EXPECT_OK((*file)->Append(yaml));
  file->reset();
  CommandLine line;
  line.config_files = {"absent.yaml", "c.yaml"};
  return LoadConfig(line, &files, kNoEnvironment);
}

StatusOr<Config> LoadTestData(const std::string& name, bool expand_env = false) {
  CommandLine line;
  line.config_files = {std::string(SKALD_TEST_DATA) + "/" + name};
  line.expand_env = expand_env;
  return LoadConfig(line, FileSystem::Posix(), kNoEnvironment);
}

// The first error of a refused document, without the file and the hint around it.
std::string ErrorOf(const std::string& yaml) {
  const StatusOr<Config> config = LoadText(yaml);
  if (config.ok()) return "accepted";
  const std::string message(Message(config.status()));
  EXPECT_THAT(message, testing::StartsWith("failed parsing config: c.yaml: yaml: "));
  EXPECT_THAT(message, HasSubstr("Use `-config.expand-env=true`"));
  const size_t start = message.find("line ");
  const size_t end = std::min(message.find('\n', start), message.find(". Use `"));
  return message.substr(start, end - start);
}

TEST(UserFile, OfAnImage) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadTestData("image.yaml"));
  EXPECT_OK(ValidateConfig(config));
  EXPECT_FALSE(config.auth_enabled);
  EXPECT_EQ(config.skald.data_dir, "/loki/skald");
  EXPECT_EQ(config.chunks_directory, "/loki/chunks");
  EXPECT_THAT(config.without_effect,
              IsSupersetOf({"schema_config.configs", "ruler.alertmanager_url",
                            "common.ring.kvstore.store", "common.replication_factor"}));
  EXPECT_THAT(config.without_effect, Not(Contains("auth_enabled")));
}

TEST(UserFile, OfALaptop) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadTestData("laptop.yaml"));
  EXPECT_OK(ValidateConfig(config));
  EXPECT_EQ(config.server.log_level, LogLevel::kDebug);
  EXPECT_TRUE(config.pattern_ingester_enabled);
  EXPECT_TRUE(config.limits.metric_aggregation_enabled);
}

TEST(UserFile, OfTenants) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadTestData("tenants.yaml"));
  EXPECT_OK(ValidateConfig(config));
  EXPECT_TRUE(config.auth_enabled);
  EXPECT_EQ(config.server.http_path_prefix, "/logs");
  EXPECT_EQ(config.server.http_server_read_timeout, std::chrono::seconds(90));
  EXPECT_EQ(config.querier_max_concurrent, 8u);
  EXPECT_EQ(config.max_outstanding_per_tenant, 4096u);
  const ingest::IngestLimits& ingest = config.limits.ingest;
  EXPECT_EQ(ingest.ingestion_rate, 16.0 * (1 << 20));
  EXPECT_EQ(ingest.ingestion_burst, 32.5 * (1 << 20));
  EXPECT_EQ(ingest.per_stream_rate, 5.0 * (1 << 20));
  EXPECT_EQ(ingest.per_stream_burst, 15.0 * (1 << 20));
  EXPECT_EQ(ingest.max_line_size, 512u << 10);
  EXPECT_EQ(ingest.reject_old_samples_max_age, std::chrono::hours(168));
  EXPECT_THAT(ingest.discover_service_name, ElementsAre("app", "job"));
  ASSERT_EQ(ingest.otlp_config.resource_attributes.size(), 1u);
  EXPECT_EQ(ingest.otlp_config.resource_attributes[0].action, ingest::AttributeAction::kIndexLabel);
  ASSERT_EQ(ingest.otlp_config.log_attributes.size(), 1u);
  EXPECT_EQ(ingest.otlp_config.log_attributes[0].regex, "secret.*");
  EXPECT_EQ(config.limits.query.max_query_length, 0);
  EXPECT_EQ(config.limits.query.max_query_series, 10000u);
  EXPECT_EQ(config.limits.query_timeout, std::chrono::hours(24));
  EXPECT_EQ(config.limits.retention_period, std::chrono::hours(720));
  EXPECT_THAT(config.limits.retention_stream,
              ElementsAre(RetentionRule{R"({namespace="dev"})", 1, std::chrono::hours(24)}));
  EXPECT_TRUE(config.compactor.retention_enabled);
}

TEST(UserFile, OfCaches) { EXPECT_OK(LoadTestData("memcached.yaml").status()); }

TEST(UserFile, OfProduction) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadTestData("production.yaml"));
  EXPECT_OK(ValidateConfig(config));
  EXPECT_EQ(config.server.log_format, LogFormat::kJson);
  EXPECT_EQ(config.server.http_listen_address, "0.0.0.0");
}

TEST(UserFile, OfTargets) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadTestData("targets.yaml", /*expand_env=*/true));
  EXPECT_OK(ValidateConfig(config));
  EXPECT_EQ(config.target, "read,write,backend");
}

TEST(UserFile, OfOldTimes) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadTestData("old.yaml"));
  EXPECT_OK(ValidateConfig(config));
  EXPECT_EQ(config.skald.data_dir, "/tmp/loki/skald");
  EXPECT_THAT(config.without_effect,
              IsSupersetOf({"limits_config.enforce_metric_name", "ingester.max_transfer_retries",
                            "chunk_store_config.chunk_cache_config.enable_fifocache",
                            "storage_config.boltdb_shipper.shared_store"}));
}

TEST(ConfigFile, FirstThatExistsCounts) {
  MemoryFileSystem files;
  CommandLine line;
  EXPECT_THAT(LoadConfig(line, &files, kNoEnvironment),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "failed parsing config: config.yaml,config/config.yaml does not exist, set "
                       "config.file for custom config path"));
}

TEST(ConfigFile, EmptyIsTheDefaults) {
  for (const char* yaml : {"", "# nothing\n", "---\n", "server:\nlimits_config: ~\n"}) {
    ASSERT_OK_AND_ASSIGN(const Config config, LoadText(yaml));
    EXPECT_TRUE(config.auth_enabled);
    EXPECT_EQ(config.server.http_listen_port, 3100);
    EXPECT_EQ(config.limits.retention_period, std::chrono::hours(7 * 24));
    EXPECT_EQ(config.limits.ingest.ingestion_rate, 0);
    EXPECT_EQ(config.limits.ingest.max_global_streams_per_user, 0u);
    EXPECT_EQ(config.limits.query.max_query_length, (30 * 24 + 1) * query::kHour);
    EXPECT_EQ(config.skald.data_dir, "./skald");
  }
}

TEST(ConfigFile, Refused) {
  const std::pair<const char*, const char*> kCases[] = {
      {"foo: 1\n", "line 1: field foo not found in type config"},
      {"server:\n  bar: 1\n", "line 2: field bar not found in type server"},
      {"skald:\n  bar: 1\n", "line 2: field bar not found in type skald"},
      {"ingester:\n  wal:\n    bar: 1\n", "line 3: field bar not found in type ingester.wal"},
      {"1: 2\n", "line 1: field 1 not found in type config"},
      {"auth_enabled: true\nauth_enabled: true\n",
       "line 2: field auth_enabled already set in type config"},
      {"server:\n  http_listen_port: \"2048\"\n", "line 2: cannot unmarshal !!str `2048` into int"},
      {"server: {http_listen_port: x}\n", "line 1: cannot unmarshal !!str `x` into int"},
      {"server: {http_listen_port: 31.5}\n", "line 1: cannot unmarshal !!float `31.5` into int"},
      {"server: {http_listen_port: 99999}\n", "line 1: value out of range: 99999"},
      {"server: {http_listen_port: -1}\n", "line 1: value out of range: -1"},
      {"server: {http_listen_port: [1]}\n", "line 1: cannot unmarshal !!seq into int"},
      {"server: {http_listen_port: true}\n", "line 1: cannot unmarshal !!bool `true` into int"},
      {"server: {http_server_read_timeout: 1d}\n",
       "line 1: time: unknown unit \"d\" in duration \"1d\""},
      {"server: {http_server_read_timeout: -5s}\n", "line 1: a duration must not be negative"},
      {"server: {log_level: zz}\n", "line 1: unrecognized log level \"zz\""},
      {"server: {log_format: zz}\n", "line 1: unrecognized log format \"zz\""},
      {"server: {proxy_protocol_enabled: true}\n",
       "line 1: server.proxy_protocol_enabled: not supported"},
      {"server: 5\n", "line 1: cannot unmarshal !!int `5` into server"},
      {"[1, 2]\n", "line 1: cannot unmarshal !!seq into config"},
      {"limits_config: {query_timeout: 1.5h}\n", "line 1: unknown unit \".\" in duration \"1.5h\""},
      {"limits_config: {query_timeout: 5}\n", "line 1: not a valid duration string: \"5\""},
      {"limits_config: {volume_enabled: \"true\"}\n",
       "line 1: cannot unmarshal !!str `true` into bool"},
      {"limits_config: {ingestion_rate_mb: \"4\"}\n",
       "line 1: cannot unmarshal !!str `4` into float"},
      {"limits_config: {max_line_size: 1.5MB}\n",
       "line 1: invalid byte size \"1.5MB\": want 512, 256KB or 4MB"},
      {"limits_config: {max_line_size: -5}\n",
       "line 1: invalid byte size \"-5\": want 512, 256KB or 4MB"},
      {"limits_config: {max_line_size: 99999999999EB}\n",
       "line 1: invalid byte size \"99999999999EB\": want 512, 256KB or 4MB"},
      {"limits_config: {discover_service_name: {a: b}}\n",
       "line 1: cannot unmarshal !!map into []string"},
      {"limits_config: {required_labels: [a, {b: c}]}\n",
       "line 1: cannot unmarshal !!map into string"},
      {"limits_config: {block_ingestion_until: zz}\n", "line 1: failed to parse time: \"zz\""},
      {"limits_config: {otlp_config: {zzz: 1}}\n",
       "line 1: field zzz not found in type otlp_config"},
      {"limits_config:\n  otlp_config:\n    log_attributes: [{action: zz, attributes: [a]}]\n",
       "line 2: unsupported action, it must be one of: drop, index_label, structured_metadata"},
      {"limits_config: {otlp_config: {log_attributes: [{action: drop, attributes: [a], regex: "
       "b}]}}\n",
       "line 1: either attributes or regex must be set"},
      {"limits_config: {retention_stream: [{selectr: '{}'}]}\n",
       "line 1: field selectr not found in type retention_stream"},
      {"common: {ring: {kvstore: {store: {a: b}}}}\n",
       "line 1: cannot unmarshal !!map into common.ring.kvstore.store"},
      {"server: {<<: 5}\n", "line 1: map merge requires map"},
      {"server: [\n", "line 2: end of sequence flow not found"},
      {"a: *b\n", "line 1: the referenced anchor is not defined"},
  };
  for (const auto& [yaml, error] : kCases) EXPECT_EQ(ErrorOf(yaml), error) << yaml;
}

TEST(ConfigFile, EveryErrorIsListed) {
  const StatusOr<Config> config =
      LoadText("foo: 1\nserver:\n  bar: 2\n  http_listen_port: x\nschema_config:\n  b: 1\n");
  EXPECT_THAT(std::string(Message(config.status())),
              HasSubstr("c.yaml: yaml: unmarshal errors:\n"
                        "  line 1: field foo not found in type config\n"
                        "  line 3: field bar not found in type server\n"
                        "  line 4: cannot unmarshal !!str `x` into int\n"
                        "  line 6: field b not found in type schema_config. Use `-config"));
}

TEST(ConfigFile, LongValuesAreCutInErrors) {
  EXPECT_EQ(ErrorOf("auth_enabled: supersecretpassword\n"),
            "line 1: cannot unmarshal !!str `superse...` into bool");
}

TEST(ConfigFile, OddNotations) {
  ASSERT_OK_AND_ASSIGN(const Config config, LoadText(R"yaml(
auth_enabled: no
"server": &server
  http_listen_port: 3.1e3
  http_server_read_timeout: "45s"
  http_server_idle_timeout: 5000000000
  http_path_prefix: 5
internal_server: {<<: *server, enable: false}
querier:
  <<: {max_concurrent: 3}
  tail_max_duration: 1.5h
limits_config:
  max_label_names_per_series: 1_5
  max_label_name_length: 0x10
  max_label_value_length: 010
  max_query_series: -1
  max_line_size: 1 KB
  max_structured_metadata_size: 64k
  max_query_bytes_read: 0B
  reject_old_samples: on
  enforced_labels: a,b
  required_labels: []
  discover_service_name:
  block_ingestion_until: 2030-01-01
  retention_period: 0s
  max_query_lookback: 0
---
foo: 1
)yaml"));
  EXPECT_FALSE(config.auth_enabled);
  EXPECT_EQ(config.server.http_listen_port, 3100);
  EXPECT_EQ(config.server.http_server_read_timeout, std::chrono::seconds(45));
  EXPECT_EQ(config.server.http_server_idle_timeout, std::chrono::seconds(5));
  EXPECT_EQ(config.server.http_path_prefix, "5");
  EXPECT_EQ(config.querier_max_concurrent, 3u);
  EXPECT_EQ(config.tail_max_duration, std::chrono::minutes(90));
  const ingest::IngestLimits& ingest = config.limits.ingest;
  EXPECT_EQ(ingest.max_label_names_per_series, 15u);
  EXPECT_EQ(ingest.max_label_name_length, 16u);
  EXPECT_EQ(ingest.max_label_value_length, 8u);
  EXPECT_EQ(config.limits.query.max_query_series, 0u);
  EXPECT_EQ(ingest.max_line_size, 1024u);
  EXPECT_EQ(ingest.max_structured_metadata_size, 64u << 10);
  EXPECT_TRUE(ingest.reject_old_samples);
  EXPECT_THAT(ingest.enforced_labels, ElementsAre("a", "b"));
  EXPECT_EQ(ingest.discover_service_name, ingest::IngestLimits::DefaultServiceNameLabels());
  EXPECT_EQ(ingest.block_ingestion_until, 1'893'456'000'000'000'000);
  EXPECT_EQ(config.limits.retention_period, std::chrono::hours(0));
}

TEST(ConfigFile, HostileDocumentsAreRefused) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += before + (j < 8 ? "," : "]\n");
  }
  EXPECT_THAT(ErrorOf(bomb), EndsWith("too many nodes"));
  EXPECT_THAT(ErrorOf("a: &a [*a]\n"), EndsWith("nested too deeply"));
  EXPECT_THAT(ErrorOf("a: " + std::string(200, '[')), Not("accepted"));
  EXPECT_THAT(ErrorOf("a: " + std::string(100'000, '[')), Not("accepted"));
}

TEST(ConfigFile, DataDirectory) {
  const std::pair<const char*, const char*> kCases[] = {
      {"common: {path_prefix: /var/lib/loki}\n", "/var/lib/loki/skald"},
      {"common: {path_prefix: /var/lib/loki/}\n", "/var/lib/loki/skald"},
      {"common: {path_prefix: /}\n", "/skald"},
      {"common: {path_prefix: /p, storage: {filesystem: {chunks_directory: /c/d}}}\n", "/p/skald"},
      {"common: {storage: {filesystem: {chunks_directory: /c/d/}}}\n", "/c/skald"},
      {"common: {storage: {filesystem: {chunks_directory: /c}}}\n", "/skald"},
      {"common: {storage: {filesystem: {chunks_directory: c}}}\n", "./skald"},
      {"storage_config: {filesystem: {directory: /s/d}}\n"
       "common: {storage: {filesystem: {chunks_directory: /c/d}}}\n",
       "/s/skald"},
      {"skald: {data_dir: /own}\ncommon: {path_prefix: /var/lib/loki}\n", "/own"},
  };
  for (const auto& [yaml, directory] : kCases) {
    ASSERT_OK_AND_ASSIGN(const Config config, LoadText(yaml));
    EXPECT_EQ(config.skald.data_dir, directory) << yaml;
  }
}

TEST(Validation, Table) {
  const std::pair<const char*, const char*> kCases[] = {
      {"limits_config: {deletion_mode: zz}\n",
       "invalid limits_config config: unknown deletion mode: must be one of "
       "disabled|filter-only|filter-and-delete"},
      {"limits_config: {retention_stream: [{selector: '{a=\"b\"}', period: 1h}]}\n",
       "invalid limits_config config: retention period must be >= 24h was 1h"},
      {"limits_config: {retention_stream: [{selector: '{a=', period: 24h}]}\n",
       "invalid limits_config config: invalid labels matchers: parse error at line 1, col 4: "
       "syntax error: unexpected $end, expecting STRING"},
      {"limits_config: {block_ingestion_status_code: 42}\n",
       "invalid limits_config config: invalid block_ingestion_status_code: 42"},
      {"server: {http_path_prefix: logs}\n",
       "invalid server config: http_path_prefix must begin with a slash and not end with one: "
       "logs"},
      {"target: all,zz\n", "unrecognised target: zz"},
  };
  for (const auto& [yaml, error] : kCases) {
    ASSERT_OK_AND_ASSIGN(const Config config, LoadText(yaml));
    EXPECT_THAT(ValidateConfig(config), StatusIs(absl::StatusCode::kInvalidArgument, error));
  }
  ASSERT_OK_AND_ASSIGN(
      const Config config,
      LoadText("compactor: {retention_enabled: true}\n"
               "limits_config: {retention_period: 1h, deletion_mode: disabled}\n"));
  EXPECT_OK(ValidateConfig(config));
}

TEST(Overrides, StartFromTheLimitsOfAll) {
  ASSERT_OK_AND_ASSIGN(Config config, LoadTestData("tenants.yaml"));
  EXPECT_EQ(config.runtime_config_file, "/etc/loki/overrides.yaml");
  EXPECT_EQ(config.runtime_config_period, std::chrono::minutes(1));
  config.runtime_config_file = std::string(SKALD_TEST_DATA) + "/overrides.yaml";
  ASSERT_OK_AND_ASSIGN(const TenantOverrides overrides, LoadOverrides(config));
  ASSERT_EQ(overrides.size(), 3u);
  const TenantLimits& a = overrides.at("team-a");
  EXPECT_EQ(a.ingest.ingestion_rate, 64.0 * (1 << 20));
  EXPECT_EQ(a.query.max_query_series, 100000u);
  EXPECT_EQ(a.ingest.max_line_size, 512u << 10);
  EXPECT_EQ(overrides.at("team-b").retention_period, std::chrono::hours(744));
  EXPECT_FALSE(overrides.at("team-b").volume_enabled);
  EXPECT_EQ(overrides.at("team-c").ingest, config.limits.ingest);
}

TEST(Overrides, SeveralFilesAndErrors) {
  MemoryFileSystem files;
  const auto write = [&](const std::string& path, const std::string& text) {
    auto file = files.NewWritableFile(path);
    ASSERT_OK((*file)->Append(text));
  };
  write("a.yaml", "overrides: {a: {max_query_series: 1}}\n");
  write("b.yaml", "overrides: {b: {max_query_series: 2}}\nmulti_kv_config: {primary: x}\n");
  write("bad.yaml", "overrides:\n  a:\n    foo: 1\nbar: 2\n");
  write("list.yaml", "overrides: [1]\n");
  write("empty.yaml", "");
  Config config;
  EXPECT_THAT(LoadOverrides(config, &files), IsOkAndHolds(testing::IsEmpty()));
  config.runtime_config_file = "a.yaml,b.yaml,empty.yaml";
  ASSERT_OK_AND_ASSIGN(const TenantOverrides overrides, LoadOverrides(config, &files));
  EXPECT_EQ(overrides.at("a").query.max_query_series, 1u);
  EXPECT_EQ(overrides.at("b").query.max_query_series, 2u);
  config.runtime_config_file = "bad.yaml";
  EXPECT_THAT(LoadOverrides(config, &files),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "failed parsing config: bad.yaml: yaml: unmarshal errors:\n"
                       "  line 3: field foo not found in type limits_config\n"
                       "  line 4: field bar not found in type runtime_config"));
  for (const char* file : {"list.yaml", "absent.yaml"}) {
    config.runtime_config_file = file;
    EXPECT_THAT(LoadOverrides(config, &files), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  ASSERT_OK_AND_ASSIGN(config, LoadText("limits_config: {per_tenant_override_config: a.yaml}\n"));
  EXPECT_EQ(config.runtime_config_file, "a.yaml");
}

TEST(Environment, Table) {
  const Environment environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "A") return "hello";
    if (name == "B") return "WORLD";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  // What Loki 3.7.6 makes of each.
  const std::pair<const char*, const char*> kCases[] = {
      {"${A}", "hello"},
      {"${NO}", ""},
      {"${NO:-d}", "d"},
      {"${NO=d}", "d"},
      {"${NO:=d}", "d"},
      {"${A:-d}", "hello"},
      {"${A:=d}", "hello"},
      {"${EMPTY:-d}", "d"},
      {"${EMPTY=d}", "d"},
      {"${EMPTY:=d}", "d"},
      {"$A", "$A"},
      {"$${A}", "${A}"},
      {"$$A", "$A"},
      {"$$", "$"},
      {"$$$", "$$"},
      {"$$$A", "$$A"},
      {"$$${A}", "$hello"},
      {"$", "$"},
      {"a$", "a$"},
      {"a$b", "a$b"},
      {"${A:1}", "ello"},
      {"${A:1:2}", "el"},
      {"${A:9}", ""},
      {"${A:1:99}", "ello"},
      {"${A: -1}", "hello"},
      {"${A:+d}", "hello"},
      {"${A^^}", "HELLO"},
      {"${A^}", "Hello"},
      {"${B,,}", "world"},
      {"${B,}", "wORLD"},
      {"${A/l/x}", "hexlo"},
      {"${A//l/x}", "hexxo"},
      {"${A/#h/x}", "xello"},
      {"${A/%o/x}", "hellx"},
      {"${A/%%o/x}", "hello"},
      {"${A/l/}", "helo"},
      {"${#A}", "5"},
      {"${#NO}", "0"},
      {"${A#h}", "ello"},
      {"${A##h*l}", "o"},
      {"${A#h*l}", "lo"},
      {"${A%o}", "hell"},
      {"${A%%l*}", "he"},
      {"${A%l*}", "hel"},
      {"${NO:-${A}}", "hello"},
      {"${NO:=${B}}", "WORLD"},
      {"${NO:-$A}", "$A"},
      {"${NO:-$${A}}", "$hello"},
      {"${NO:-a b}", "a b"},
      {"${NO:-\"q\"}", "\"q\""},
      {"${NO:-}", ""},
      {"${NO:-a:b-c}", "a:b-c"},
      {"${NO:-a/b}", "a/b"},
      {"${NO:-a}b}", "ab}"},
      {"${1}", ""},
      {"x${A}y${B}z", "xhelloyWORLDz"},
      {"{${A}}", "{hello}"},
      {"\\${A}", "\\hello"},
      {"", ""},
  };
  for (const auto& [text, expanded] : kCases) {
    EXPECT_THAT(ExpandEnvironment(text, environment), IsOkAndHolds(std::string(expanded))) << text;
  }
  const std::pair<const char*, const char*> kErrors[] = {
      {"${NO-d}", "missing closing brace"},     {"${A", "missing closing brace"},
      {"${A:-x", "missing closing brace"},      {"${", "unable to parse variable name"},
      {"${}", "unable to parse variable name"}, {"${ A }", "unable to parse variable name"},
      {"${A.b}", "missing closing brace"},      {"${A b}", "missing closing brace"},
      {"${A!}", "missing closing brace"},       {"${A?d}", "missing closing brace"},
      {"${A/l}", "bad substitution"},           {"${A//l}", "bad substitution"},
  };
  for (const auto& [text, error] : kErrors) {
    EXPECT_THAT(ExpandEnvironment(text, environment),
                StatusIs(absl::StatusCode::kInvalidArgument, error))
        << text;
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "${X:-";
  EXPECT_FALSE(ExpandEnvironment(deep, environment).ok());
}

}  // namespace
}  // namespace skald::config
