// Command lines as logcli's users write them.
#include <gmock/gmock.h>

#include "tools/cli/command_line.h"

namespace skald::cli {
namespace {

struct Parsed {
  Status status;
  Options options;
  std::string command;
};

Parsed Parse(std::vector<std::string> words) {
  Parsed parsed;
  Grammar grammar = MakeGrammar(&parsed.options);
  auto invocation = ParseCommandLine(grammar, words);
  parsed.status = invocation.status();
  if (invocation.ok() && invocation->command != nullptr) {
    parsed.command = invocation->command->name;
  }
  return parsed;
}

std::string ErrorOf(std::vector<std::string> words) {
  return std::string(Message(Parse(std::move(words)).status));
}

TEST(FlagParserTest, FlagsStandAnywhere) {
  Parsed p =
      Parse({"--addr=http://h", "query", "-q", "{a=\"b\"}", "--limit", "7", "-oraw", "-z=UTC"});
  ASSERT_TRUE(p.status.ok()) << p.status;
  EXPECT_EQ(p.command, "query");
  EXPECT_EQ(p.options.query, "{a=\"b\"}");
  EXPECT_EQ(p.options.limit, 7);
  EXPECT_TRUE(p.options.quiet);
  EXPECT_EQ(p.options.connection.address, "http://h");
  EXPECT_EQ(p.options.print.mode, OutputMode::kRaw);
  EXPECT_EQ(p.options.print.timezone, "UTC");
}

TEST(FlagParserTest, LettersJoin) {
  Parsed p = Parse({"query", "x", "-qtojsonl"});
  ASSERT_TRUE(p.status.ok()) << p.status;
  EXPECT_TRUE(p.options.quiet);
  EXPECT_TRUE(p.options.tail);
  EXPECT_EQ(p.options.print.mode, OutputMode::kJsonLines);
}

TEST(FlagParserTest, SwitchesTurnOff) {
  EXPECT_FALSE(Parse({"query", "x", "--quiet", "--no-quiet"}).options.quiet);
  EXPECT_TRUE(Parse({"query", "x", "--no-labels"}).options.print.no_labels);
  EXPECT_FALSE(Parse({"query", "x", "--no-no-labels"}).options.print.no_labels);
}

TEST(FlagParserTest, DashesEndFlags) {
  EXPECT_EQ(Parse({"query", "--", "--x"}).options.query, "--x");
  EXPECT_EQ(Parse({"query", "-"}).options.query, "-");
}

TEST(FlagParserTest, Repeats) {
  EXPECT_THAT(
      Parse({"volume", "x", "--targetLabels=a", "--targetLabels", "b"}).options.target_labels,
      ::testing::ElementsAre("a", "b"));
}

TEST(FlagParserTest, FractionsOfIntegersAreCut) {
  EXPECT_EQ(Parse({"query", "x", "--limit=1.5"}).options.limit, 1);
}

TEST(FlagParserTest, GroupsHaveCommands) {
  EXPECT_EQ(Parse({"delete", "cancel", "--request-id", "a"}).command, "delete cancel");
  EXPECT_EQ(ErrorOf({"delete"}), "must select a subcommand of 'delete'");
  EXPECT_EQ(ErrorOf({"delete", "x"}), "expected command but got \"x\"");
  EXPECT_EQ(ErrorOf({"delete", "cancel"}), "required flag(s) '--request-id' not provided");
}

TEST(FlagParserTest, Errors) {
  EXPECT_EQ(ErrorOf({"x"}), "expected command but got \"x\"");
  EXPECT_EQ(ErrorOf({"query"}), "required argument 'query' not provided");
  EXPECT_EQ(ErrorOf({"query", "a", "b"}), "unexpected b");
  EXPECT_EQ(ErrorOf({"query", "a", "--bogus"}), "unknown long flag '--bogus'");
  EXPECT_EQ(ErrorOf({"labels", "--no-limit"}), "unknown long flag '--no-limit'");
  EXPECT_EQ(ErrorOf({"query", "a", "--limit"}), "expected argument for flag '--limit'");
  EXPECT_EQ(ErrorOf({"query", "a", "--limit=b"}),
            "strconv.ParseFloat: parsing \"b\": invalid syntax");
  EXPECT_EQ(ErrorOf({"query", "a", "-ofoo"}),
            "enum value must be one of default,raw,jsonl, got 'foo'");
}

TEST(FlagParserTest, TheEnvironmentFillsIn) {
  setenv("LOKI_ORG_ID", "tenant", 1);
  EXPECT_EQ(Parse({"labels"}).options.connection.org_id, "tenant");
  EXPECT_EQ(Parse({"labels", "--org-id=other"}).options.connection.org_id, "other");
  unsetenv("LOKI_ORG_ID");
}

TEST(HelpTest, TellsCommandsAndFlags) {
  Options options;
  Grammar grammar = MakeGrammar(&options);
  std::vector<std::string> words = {"help", "query"};
  auto invocation = ParseCommandLine(grammar, words);
  ASSERT_TRUE(invocation.ok());
  EXPECT_TRUE(invocation->help);
  std::string help = HelpText(grammar, *invocation);
  EXPECT_THAT(help, ::testing::HasSubstr("usage: skaldcli query [<flags>] <query>"));
  EXPECT_THAT(help, ::testing::HasSubstr("  -o, --output=default"));
}

}  // namespace
}  // namespace skald::cli
