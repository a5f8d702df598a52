// Matchers, Go's regexes, and the recognition of literal alternations.
#include "storage/model/go_regex.h"
#include "storage/model/literal_alternation.h"
#include "storage/model/matcher.h"
#include "storage/model/regex_allowance.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::Optional;

Matcher Make(MatchOp op, std::string value) { return *Matcher::Create("a", op, std::move(value)); }

TEST(MatcherTest, ComparesForEquality) {
  EXPECT_TRUE(Make(MatchOp::kEqual, "x").Matches("x"));
  EXPECT_FALSE(Make(MatchOp::kEqual, "x").Matches("xx"));
  EXPECT_FALSE(Make(MatchOp::kNotEqual, "x").Matches("x"));
  EXPECT_TRUE(Make(MatchOp::kNotEqual, "x").Matches(""));
  EXPECT_TRUE(Make(MatchOp::kEqual, "").MatchesEmpty());
  EXPECT_FALSE(Make(MatchOp::kEqual, "x").MatchesEmpty());
}

TEST(MatcherTest, AnchorsRegexesAndLetsTheDotMatchLineFeeds) {
  struct Case {
    std::string regex;
    std::vector<std::string> matching;
    std::vector<std::string> other;
  };
  const Case cases[] = {
      {"", {""}, {"a"}},
      {"()", {""}, {"a"}},
      {".*", {"", "a\nb", "\xFF"}, {}},
      {".+", {"a", "\n", "\xFF"}, {""}},
      {"foo", {"foo"}, {"", "foobar", "xfoo", "FOO"}},
      {"a|b|cd", {"a", "b", "cd"}, {"", "c", "ab", "acd"}},
      {"a|", {"a", ""}, {"b"}},
      {"(a|b)", {"a", "b"}, {"c", "(a"}},
      {"(a)(b)", {"ab"}, {"a", "a)(b"}},
      {"a\\.b|c\\|d", {"a.b", "c|d"}, {"axb", "c", "d"}},
      {"foo.*", {"foo", "foo\nbar"}, {"fo", "xfoo"}},
      {"(?-s)a.b", {"axb"}, {"a\nb"}},
      {"(?i)err|warn", {"ERR", "Warn"}, {"error"}},
      {"^a$|^b", {"a", "b"}, {"ab"}},
      {"a{2}", {"aa"}, {"a", "a{2}"}},
      {"[^a]", {"b", "^", "\n"}, {"a", ""}},
      {"\\d+", {"12"}, {"a1"}},
      {"(?<n>x)", {"x"}, {"n"}},
  };
  for (const auto& [regex, matching, other] : cases) {
    for (const std::string& value : matching) {
      EXPECT_TRUE(Make(MatchOp::kRegex, regex).Matches(value)) << regex << " on " << value;
      EXPECT_FALSE(Make(MatchOp::kNotRegex, regex).Matches(value)) << regex << " on " << value;
    }
    for (const std::string& value : other) {
      EXPECT_FALSE(Make(MatchOp::kRegex, regex).Matches(value)) << regex << " on " << value;
      EXPECT_TRUE(Make(MatchOp::kNotRegex, regex).Matches(value)) << regex << " on " << value;
    }
  }
}

TEST(MatcherTest, TellsTheLiteralsOfAPositiveRegex) {
  EXPECT_THAT(*Make(MatchOp::kRegex, "b|a|b").literals(), ElementsAre("a", "b"));
  EXPECT_THAT(*Make(MatchOp::kRegex, "").literals(), ElementsAre(""));
  EXPECT_EQ(Make(MatchOp::kRegex, "a.b").literals(), nullptr);
  EXPECT_EQ(Make(MatchOp::kRegex, ".*").literals(), nullptr);
  EXPECT_EQ(Make(MatchOp::kNotRegex, "a|b").literals(), nullptr);
  EXPECT_EQ(Make(MatchOp::kEqual, "a").literals(), nullptr);
}

TEST(MatcherTest, PrintsAndRefuses) {
  EXPECT_EQ(Make(MatchOp::kNotRegex, "a\"|\n").ToString(), R"(a!~"a\"|\n")");
  EXPECT_EQ(Make(MatchOp::kEqual, "x").ToString(), R"(a="x")");
  EXPECT_EQ(MatchOpText(MatchOp::kRegex), "=~");
  EXPECT_EQ(MatchOpText(MatchOp::kNotEqual), "!=");
  EXPECT_THAT(
      Matcher::Create("a", MatchOp::kRegex, "("),
      StatusIs(StatusCode::kInvalidArgument, "error parsing regexp: missing closing ): `(`"));
  EXPECT_THAT(Matcher::Create("a", MatchOp::kRegex, std::string(kMaxGoRegexSize + 1, 'a')),
              StatusIs(StatusCode::kInvalidArgument, "error parsing regexp: expression too large"));
  EXPECT_OK(Matcher::Create("a", MatchOp::kRegex, std::string(kMaxGoRegexSize, 'a')).status());
  EXPECT_OK(Matcher::Create("a", MatchOp::kEqual, "(").status());
}

TEST(LiteralAlternationTest, TakesOnlyLiterals) {
  EXPECT_THAT(LiteralAlternation("b|a"), Optional(ElementsAre("b", "a")));
  EXPECT_THAT(LiteralAlternation("(?:x-1|y_2)"), Optional(ElementsAre("x-1", "y_2")));
  EXPECT_THAT(LiteralAlternation("|"), Optional(ElementsAre("", "")));
  EXPECT_THAT(LiteralAlternation("\xC3\xA9\\+"), Optional(ElementsAre("\xC3\xA9+")));
  for (const std::string_view regex :
       {"a*",      "a+",     "a?",    "a.",     "[a]",     "^a",        "a$",  "a{1}",
        "(?i)a",   "(?i:a)", "((a))", "(a|b)c", "(a)|(b)", "\\d",       "\\a", "\\x41",
        "\\Qa\\E", "a\\",    "(",     ")",      "\xFF",    "\\\xC3\xA9"}) {
    EXPECT_EQ(LiteralAlternation(regex), std::nullopt) << regex;
  }
}

TEST(LiteralAlternationTest, AgreesWithTheRegex) {
  Random random(1);
  for (int round = 0; round < 20000; ++round) {
    const std::string regex = random.Text(random.Below(7), "ab|\\.-()?:");
    const auto literals = LiteralAlternation(regex);
    if (!literals.has_value()) continue;
    const auto compiled = CompileGoRegex(regex, RegexDot::kMatchesLineFeed);
    ASSERT_OK(compiled) << regex;
    for (const std::string& literal : *literals) {
      EXPECT_TRUE(RE2::FullMatch(literal, **compiled)) << regex << " on " << literal;
    }
    const std::string other = random.Text(random.Below(4), "ab|\\.-");
    EXPECT_EQ(RE2::FullMatch(other, **compiled),
              std::find(literals->begin(), literals->end(), other) != literals->end())
        << regex << " on " << other;
  }
}

TEST(GoRegexTest, TakesGoNamesForGroups) {
  const auto regex = CompileGoRegex(R"((?<a>x)[^(?<b>]\Q(?<c>\E(?P<d>y)[](?<e>]\z)");
  ASSERT_OK(regex);
  EXPECT_THAT((*regex)->NamedCapturingGroups(),
              ElementsAre(testing::Pair("a", 1), testing::Pair("d", 2)));
  EXPECT_TRUE(RE2::FullMatch("x-(?<c>y]", **regex));
  EXPECT_TRUE(RE2::FullMatch("xP(?<c>y<", **regex));
  EXPECT_FALSE(RE2::FullMatch("x<(?<c>y]", **regex));
  EXPECT_FALSE(RE2::FullMatch("x-(?<c>yP", **regex));
}

TEST(GoRegexTest, TheDotExcludesLineFeedsUnlessAsked) {
  EXPECT_FALSE(RE2::FullMatch("\n", **CompileGoRegex(".")));
  EXPECT_TRUE(RE2::FullMatch("\n", **CompileGoRegex(".", RegexDot::kMatchesLineFeed)));
  EXPECT_FALSE(RE2::FullMatch("\n", **CompileGoRegex("(?-s).", RegexDot::kMatchesLineFeed)));
}

// Every message is what Go's regexp.Compile says.
TEST(GoRegexTest, FailsWithGoTexts) {
  const std::pair<std::string, std::string> cases[] = {
      {"(abc", "missing closing ): `(abc`"},
      {"((?<a>x)", "missing closing ): `((?<a>x)`"},
      {"a)b", "unexpected ): `a)b`"},
      {"[a", "missing closing ]: `[a`"},
      {"x[^a", "missing closing ]: `[^a`"},
      {"[z-a]", "invalid character class range: `z-a`"},
      {"[[:foo:]]", "invalid character class range: `[:foo:]`"},
      {"\\p{Foo}", "invalid character class range: `\\p{Foo}`"},
      {"a**", "invalid nested repetition operator: `**`"},
      {"*a", "missing argument to repetition operator: `*`"},
      {"a{1001}", "invalid repeat count: `{1001}`"},
      {"a{1001}?", "invalid repeat count: `{1001}`"},
      {"a{2,1}", "invalid repeat count: `{2,1}`"},
      {"\\q", "invalid escape sequence: `\\q`"},
      {"a\\C", "invalid escape sequence: `\\C`"},
      {"\\8\\C", "invalid escape sequence: `\\8`"},
      {"\\x{", "invalid escape sequence: `\\x{`"},
      {"a\\", "trailing backslash at end of expression: ``"},
      {"(?P<n", "invalid named capture: `(?P<n`"},
      {"(?<n", "invalid named capture: `(?<n`"},
      {"(?<=a)", "invalid named capture: `(?<=a)`"},
      {"(?P<a-b>x)", "invalid named capture: `(?P<a-b>`"},
      {"(?i", "invalid or unsupported Perl syntax: `(?i`"},
      {"(?z)", "invalid or unsupported Perl syntax: `(?z`"},
      {"(?=a)", "invalid or unsupported Perl syntax: `(?=`"},
      {"a\xFF.", "invalid UTF-8: `\xFF.`"},
  };
  for (const auto& [regex, message] : cases) {
    EXPECT_THAT(CompileGoRegex(regex),
                StatusIs(StatusCode::kInvalidArgument, StrCat("error parsing regexp: ", message)))
        << regex;
  }
  EXPECT_THAT(CompileGoRegex("((((x{100}){100}){100}){100})"),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST(GoRegexTest, LargeOnesInUseAreShared) {
  ASSERT_OK_AND_ASSIGN(const auto large, CompileGoRegex("[^a]{900}"));
  ASSERT_OK_AND_ASSIGN(const auto same, CompileGoRegex("[^a]{900}"));
  EXPECT_EQ(same, large);
  ASSERT_OK_AND_ASSIGN(const auto other, CompileGoRegex("[^a]{900}", RegexDot::kMatchesLineFeed));
  EXPECT_NE(other, large);
  ASSERT_OK_AND_ASSIGN(const auto small, CompileGoRegex("a+b"));
  ASSERT_OK_AND_ASSIGN(const auto again, CompileGoRegex("a+b"));
  EXPECT_NE(again, small);
}

TEST(GoRegexTest, AnAllowanceBoundsTheSum) {
  const auto compile_many = [] {
    for (int i = 0; i < 100; ++i) {
      RETURN_IF_ERROR(CompileGoRegex("[^a]{900}").status());
    }
    return absl::OkStatus();
  };
  EXPECT_OK(compile_many());
  for (int round = 0; round < 2; ++round) {
    const RegexAllowance outer;
    const RegexAllowance inner;
    EXPECT_OK(CompileGoRegex("[^a]{900}"));
    EXPECT_THAT(compile_many(),
                StatusIs(StatusCode::kInvalidArgument,
                         "error parsing regexp: the query's expressions are too large together"));
  }
  const RegexAllowance allowance;
  EXPECT_OK(CompileGoRegex("\\pL{100}"));
  EXPECT_OK(CompileGoRegex("(?i)" + std::string(60'000, 'a')));
}

TEST(GoRegexTest, AnAllowanceBoundsTheirNumber) {
  const RegexAllowance allowance;
  for (int i = 0; i < kMaxRegexInstructions / kLeastRegexInstructions; ++i) {
    ASSERT_OK(CompileGoRegex("[ab]"));
  }
  EXPECT_THAT(CompileGoRegex("[ab]"), StatusIs(StatusCode::kInvalidArgument));
}

TEST(GoRegexTest, AnAllowanceSharesTheMemoryOut) {
  EXPECT_EQ(RegexAllowance::TakeBytes(), kMaxProgramBytes);
  const RegexAllowance allowance;
  EXPECT_EQ(RegexAllowance::TakeBytes(), kMaxProgramBytes);
  int64_t last = kMaxProgramBytes;
  int64_t all = last;
  for (int i = 0; i < 100; ++i) {
    const int64_t next = RegexAllowance::TakeBytes();
    EXPECT_LE(next, last);
    last = next;
    all += next;
  }
  EXPECT_EQ(last, kLeastProgramBytes);
  EXPECT_LE(all, kMaxProgramBytesTogether + 101 * kLeastProgramBytes);
  const auto large = CompileGoRegex("[^a]{900}");
  ASSERT_OK(large) << "what needs more for its program has it";
  EXPECT_TRUE(RE2::FullMatch(std::string(900, 'b'), **large));
}

}  // namespace
}  // namespace skald
