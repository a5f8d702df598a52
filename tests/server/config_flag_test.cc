// The command line, and how it meets the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/config/command_line.h"
#include "server/config/load.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

using Arguments = std::vector<std::string_view>;

std::string ErrorOf(const Arguments& arguments) {
  const StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (line.ok()) return "accepted";
  const std::string message(Message(line.status()));
  EXPECT_THAT(message, HasSubstr("\nRun with -help to get list of available parameters"));
  return message.substr(0, message.find('\n'));
}

StatusOr<Config> Load(Arguments arguments, const std::string& yaml = "") {
  MemoryFileSystem files;
  auto file = files.NewWritableFile("c.yaml");
  EXPECT_OK((*file)->Append(yaml));
  file->reset();
  arguments.push_back("-config.file=c.yaml");
  ASSIGN_OR_RETURN(const CommandLine line, ParseCommandLine(arguments));
  return LoadConfig(line, &files, [](std::string_view) { return std::nullopt; });
}

TEST(CommandLine, ControlsOfTheProgram) {
  ASSERT_OK_AND_ASSIGN(
      const CommandLine line,
      ParseCommandLine({"-config.file=a.yaml,b.yaml", "--config.expand-env=true", "-verify-config",
                        "-print-config-stderr", "-log-config-reverse-order=1", "-version",
                        "-list-targets", "-health", "-health.url", "http://x/ready", "-help"}));
  EXPECT_THAT(line.config_files, ElementsAre("a.yaml", "b.yaml"));
  EXPECT_TRUE(line.expand_env && line.verify && line.print_config && line.log_config &&
              line.version && line.list_targets && line.health && line.help);
  EXPECT_EQ(line.health_url, "http://x/ready");
  ASSERT_OK_AND_ASSIGN(const CommandLine off, ParseCommandLine({"-verify-config=false", "-h"}));
  EXPECT_FALSE(off.verify);
  EXPECT_TRUE(off.help);
}

TEST(CommandLine, Defaults) {
  ASSERT_OK_AND_ASSIGN(const CommandLine line, ParseCommandLine({}));
  EXPECT_THAT(line.config_files, ElementsAre("config.yaml", "config/config.yaml"));
  EXPECT_EQ(line.health_url, "http://localhost:3100/ready");
  EXPECT_THAT(line.settings, IsEmpty());
}

TEST(CommandLine, EveryNotation) {
  ASSERT_OK_AND_ASSIGN(
      const CommandLine line,
      ParseCommandLine({"-server.http-listen-port=1", "--server.http-conn-limit", "2",
                        "-auth.enabled", "-log.level=debug", "-limits.volume-enabled=f",
                        "-validation.enforced-labels=a,b", "-validation.enforced-labels=c",
                        "-skald.memory-limit=1GB"}));
  EXPECT_THAT(
      line.settings,
      ElementsAre(Pair("server.http-listen-port", "1"), Pair("server.http-conn-limit", "2"),
                  Pair("auth.enabled", "true"), Pair("log.level", "debug"),
                  Pair("limits.volume-enabled", "f"), Pair("validation.enforced-labels", "a,b,c"),
                  Pair("skald.memory-limit", "1GB")));
}

TEST(CommandLine, EndsAtTheFirstWord) {
  ASSERT_OK_AND_ASSIGN(const CommandLine line, ParseCommandLine({"-verify-config", "word", "-x"}));
  EXPECT_TRUE(line.verify);
  EXPECT_OK(ParseCommandLine({"--", "-x"}).status());
  EXPECT_OK(ParseCommandLine({"-", "-x"}).status());
}

TEST(CommandLine, LokiFlagsWithoutEffect) {
  ASSERT_OK_AND_ASSIGN(
      const CommandLine line,
      ParseCommandLine({"-ingester.wal-enabled", "-ingester.max-chunk-age", "1h",
                        "-ingester.max-chunk-age=2h", "-metrics-namespace=logs",
                        "-ruler.storage.s3.force-path-style", "-server.http-listen-port=5"}));
  EXPECT_THAT(line.without_effect, ElementsAre("ingester.wal-enabled", "ingester.max-chunk-age",
                                               "ruler.storage.s3.force-path-style"));
  EXPECT_THAT(line.settings,
              ElementsAre(Pair("metrics-namespace", "logs"), Pair("server.http-listen-port", "5")));
}

TEST(CommandLine, Refused) {
  EXPECT_EQ(ErrorOf({"-foo.bar=1"}), "flag provided but not defined: -foo.bar");
  EXPECT_EQ(ErrorOf({"--ingester"}), "flag provided but not defined: -ingester");
  EXPECT_EQ(ErrorOf({"-server.http-listen-port"}),
            "flag needs an argument: -server.http-listen-port");
  EXPECT_EQ(ErrorOf({"-ingester.max-chunk-age"}),
            "flag needs an argument: -ingester.max-chunk-age");
  EXPECT_EQ(ErrorOf({"-server.http-listen-port=x"}),
            "invalid value \"x\" for flag -server.http-listen-port: parse error");
  EXPECT_EQ(ErrorOf({"-auth.enabled=zz"}),
            "invalid boolean value \"zz\" for -auth.enabled: parse error");
  EXPECT_EQ(ErrorOf({"-verify-config=zz"}),
            "invalid boolean value \"zz\" for -verify-config: parse error");
  EXPECT_EQ(ErrorOf({"-log.level=zz"}),
            "invalid value \"zz\" for flag -log.level: unrecognized log level \"zz\"");
  EXPECT_EQ(ErrorOf({"-querier.query-timeout=zz"}),
            "invalid value \"zz\" for flag -querier.query-timeout: not a valid duration string: "
            "\"zz\"");
  EXPECT_EQ(ErrorOf({"-server.proxy-protocol-enabled"}),
            "invalid boolean value \"true\" for -server.proxy-protocol-enabled: not supported");
  EXPECT_EQ(ErrorOf({"---x"}), "bad flag syntax: --x");
  EXPECT_EQ(ErrorOf({"-=x"}), "bad flag syntax: -=x");
}

TEST(Flags, BeatTheFile) {
  const std::string yaml =
      "auth_enabled: false\n"
      "server: {http_listen_port: 1, log_level: debug}\n"
      "limits_config: {discover_service_name: [x], per_stream_rate_limit: 1MB}\n"
      "common: {path_prefix: /p}\n";
  ASSERT_OK_AND_ASSIGN(
      const Config config,
      Load({"-server.http-listen-port=2", "-validation.discover-service-name=a,b",
            "-ingester.per-stream-rate-limit=2MB", "-distributor.ingestion-rate-limit-mb=1.5",
            "-store.max-query-length=1w", "-common.path-prefix=/q", "-ingester.wal-enabled=false"},
           yaml));
  EXPECT_FALSE(config.auth_enabled);
  EXPECT_EQ(config.server.http_listen_port, 2);
  EXPECT_EQ(config.server.log_level, LogLevel::kDebug);
  EXPECT_THAT(config.limits.ingest.discover_service_name, ElementsAre("a", "b"));
  EXPECT_EQ(config.limits.ingest.per_stream_rate, 2.0 * (1 << 20));
  EXPECT_EQ(config.limits.ingest.ingestion_rate, 1.5 * (1 << 20));
  EXPECT_EQ(config.limits.ingest.ingestion_burst, 6.0 * (1 << 20));
  EXPECT_EQ(config.limits.query.max_query_length, 7 * 24 * query::kHour);
  EXPECT_EQ(config.skald.data_dir, "/q/skald");
  EXPECT_THAT(config.without_effect, ElementsAre("-ingester.wal-enabled"));
}

TEST(Flags, DataDirectoryWins) {
  ASSERT_OK_AND_ASSIGN(const Config config, Load({"-skald.data-dir=/here"},
                                                 "skald: {data_dir: /there}\n"
                                                 "common: {path_prefix: /p}\n"));
  EXPECT_EQ(config.skald.data_dir, "/here");
}

TEST(Flags, AnEmptyListIsEmpty) {
  ASSERT_OK_AND_ASSIGN(const Config config, Load({"-validation.discover-service-name="}));
  EXPECT_THAT(config.limits.ingest.discover_service_name, IsEmpty());
}

TEST(Help, NamesEveryFlagOfOurs) {
  const std::string help = HelpText();
  EXPECT_THAT(help, StartsWith("Usage of skald:\n"));
  EXPECT_THAT(help, HasSubstr("  -server.http-listen-port int\n    \tPort to listen on"));
  EXPECT_THAT(help, HasSubstr("(default 3100)"));
  EXPECT_THAT(help, HasSubstr("  -auth.enabled\n"));
  EXPECT_THAT(TargetsText(), HasSubstr("all\nread\nwrite\n"));
}

}  // namespace
}  // namespace skald::config
