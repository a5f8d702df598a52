#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "query/stage/label_regex.h"
#include "query/stage/line_filter.h"
#include "query/stage/line_matchers.h"
#include "query/stage/regex_literals.h"
#include "query/stage/regex_tree.h"
#include "query/syntax/parser.h"
#include "storage/model/go_regex.h"
#include "tests/query/stage_harness.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

struct LineCase {
  std::string filter;
  std::string kept;
};

void CheckLines(const std::vector<std::string>& lines, const std::vector<LineCase>& cases) {
  for (const LineCase& c : cases) EXPECT_EQ(LinesOf(c.filter, lines), c.kept) << c.filter;
}

TEST(LineFilterTest, Literals) {
  CheckLines({"foo", "xfooBar", "FOO", "", "bar"}, {{"|= \"foo\"", "foo|xfooBar"},
                                                    {"!= \"foo\"", "FOO||bar"},
                                                    {"|= \"foo\" or \"bar\"", "foo|xfooBar|bar"},
                                                    {"!= \"foo\" or \"bar\"", "FOO|"},
                                                    {"|= \"foo\" or \"bar\" |= \"B\"", "xfooBar"},
                                                    {"|= \"\"", "foo|xfooBar|FOO||bar"},
                                                    {"|= \"foo\" or \"\"", "foo|xfooBar"},
                                                    {"!= \"\"", ""},
                                                    {"|= \"foo\" != \"x\"", "foo"}});
}

TEST(LineFilterTest, ManyLiteralsInOneChain) {
  std::string filter = "|= \"zz0\"";
  for (int i = 1; i < 100; ++i) StrAppend(&filter, " or \"z+z", i, "\"");
  EXPECT_EQ(LinesOf(filter, {"zz0", "az+z99b", "zz99", "z+z"}), "zz0|az+z99b");
}

TEST(LineFilterTest, Regexes) {
  CheckLines({"foo", "xfoox", "FOO", "", "a\nb", "bar", "fo"},
             {{"|~ \"fo+\"", "foo|xfoox|fo"},
              {"!~ \"fo+\"", "FOO||a\nb|bar"},
              {"|~ \"^foo$\"", "foo"},
              {"|~ \"(?i)FoO\"", "foo|xfoox|FOO"},
              {"|~ \"foo|bar\"", "foo|xfoox|bar"},
              {"|~ \"foo\" or \"b.r\"", "foo|xfoox|bar"},
              {"!~ \"foo\" or \"b.r\"", "FOO||a\nb|fo"},
              {"|~ \"(?i)foo\" or \"BAR\"", "foo|xfoox|FOO"},
              {"|~ \"a.b\"", ""},
              {"|~ \"(?s)a.b\"", "a\nb"},
              {"|~ \"\"", "foo|xfoox|FOO||a\nb|bar|fo"},
              {"|~ \".*\"", "foo|xfoox|FOO||a\nb|bar|fo"},
              {"|~ \".+\"", "foo|xfoox|FOO|a\nb|bar|fo"},
              {"!~ \".*\"", ""},
              {"|~ \"b$\"", "a\nb"},
              {"|~ \"a$\"", ""},
              {"|~ \"(?m)a$\"", "a\nb"}});
}

TEST(LineFilterTest, RunesOutsideAsciiMatchUnderFolding) {
  EXPECT_EQ(LinesOf("|~ \"(?i)task\"", {"TASK", "ta\xC5\xBFk", "tas\xE2\x84\xAA", "tax"}),
            "TASK|ta\xC5\xBFk|tas\xE2\x84\xAA");
  EXPECT_EQ(LinesOf("|~ \"(?i)\xC3\xA9t\xC3\xA9\"", {"\xC3\x89T\xC3\x89", "ete"}),
            "\xC3\x89T\xC3\x89");
}

TEST(LineFilterTest, Patterns) {
  CheckLines({"foo", "xx foo bar", "foo bar", "", "fooxyx", "foxx", "fox", "x", "xx"},
             {{"|> \"foo <_>\"", "xx foo bar|foo bar"},
              {"|> \"foo\"", "foo"},
              {"|> \"\"", ""},
              {"!> \"\"", "foo|xx foo bar|foo bar|fooxyx|foxx|fox|x|xx"},
              {"|> \"<_>\"", "foo|xx foo bar|foo bar|fooxyx|foxx|fox|x|xx"},
              {"|> \"x\"", "fox|x"},
              {"|> \"fo<_>x\"", ""},
              {"|> \"<_>o<_>r\"", "xx foo bar|foo bar"},
              {"|> \"<_>o<_>\" or \"x\"", "foo|xx foo bar|foo bar|fooxyx|foxx|fox|x"}});
  EXPECT_EQ(LinesOf("|> \"<foo>\"", {""}),
            "parse error : stage '|> \"<foo>\"' : named captures are not allowed: found '<foo>'");
}

TEST(LineFilterTest, Addresses) {
  CheckLines({"10.1.2.3", "x10.1.1.1 y", "10.0.0.5:80", "1.10.1.1.1", "10.256.1.1 10.1.1.1",
              "010.1.1.1", "10.1.1.1.", "2001:db8::1", "[2001:db8::2]:80", "none"},
             {{"|= ip(\"10.0.0.0/8\")", "10.1.2.3|x10.1.1.1 y|10.0.0.5:80|10.256.1.1 10.1.1.1"},
              {"|= ip(\"10.1.2.3\")", "10.1.2.3"},
              {"|= ip(\"10.0.0.0-10.1.1.1\")", "x10.1.1.1 y|10.0.0.5:80|10.256.1.1 10.1.1.1"},
              {"|= ip(\"2001:db8::/32\")", "2001:db8::1|[2001:db8::2]:80"},
              {"|= ip(\"10.1.2.3\") or ip(\"2001:db8::1\")", "10.1.2.3|2001:db8::1"},
              {"|= \"none\" or ip(\"10.1.2.3\")", "10.1.2.3|none"},
              {"!= ip(\"0.0.0.0/0\") or ip(\"::/0\")", "1.10.1.1.1|010.1.1.1|10.1.1.1.|none"}});
  for (const std::string pattern : {"x", "10.0.0.9-10.0.0.1", "10.0.0.0/33", "10.0.0.0/08",
                                    "10.0.0.1 - 10.0.0.2", "10.0.0.1-::1", "", "1.2.3"}) {
    EXPECT_EQ(LinesOf(StrCat("|= ip(\"", pattern, "\")"), {""}),
              StrCat("parse error : stage '|= ip(\"", pattern, "\")' : ip: invalid pattern: \"",
                     pattern, "\""));
  }
  EXPECT_EQ(LinesOf("|~ ip(\"1.1.1.1\")", {""}),
            "parse error : stage '|~ ip(\"1.1.1.1\")' : ip: invalid operation");
}

// ---- Label regexes (logql.md 7.1) ----

struct RegexCase {
  std::string regex;
  std::string matching;  // of kValues, joined by a space; "-" stands for the empty value
};

TEST(LabelRegexTest, RewrittenRegexesAreSubstringTests) {
  const std::vector<std::string> values = {"foo",  "xfoox", "foobar", "xfoobarx",   "bar",
                                           "xbar", "FOO",   "fooqux", "xfooquxfoo", ""};
  const std::string all = "foo xfoox foobar xfoobarx bar xbar FOO fooqux xfooquxfoo -";
  const std::string with_foo = "foo xfoox foobar xfoobarx fooqux xfooquxfoo";
  for (const RegexCase& c : std::vector<RegexCase>{
           {"foo", "foo"},
           {"(foo)", "foo"},
           {"foo|bar", "foo bar"},
           {"foo.*", with_foo},
           {".*foo", with_foo},
           {".*foo.*", with_foo},
           {"(foo).*", with_foo},
           {".*(foo)", with_foo},
           {"foo()", with_foo},
           {"foo.*?", with_foo},
           {"(?s)foo.*", "foo foobar fooqux"},
           {"foo.+", "foobar fooqux"},
           {"(foo|bar).*", "foo foobar bar fooqux"},
           {".*(foo|bar)", "foo foobar bar xbar xfooquxfoo"},
           {"foo(bar|qux)", "foobar xfoobarx fooqux xfooquxfoo"},
           {"foo(bar|qux).*", "foobar xfoobarx fooqux xfooquxfoo"},
           {"foo.*(bar|qux)", "foobar xfoobarx fooqux xfooquxfoo"},
           {"foo(bar|q.*)", "foobar xfoobarx fooqux xfooquxfoo"},
           {"foo(bar|q.x)", "foobar fooqux"},
           {"foo(bar|(q)ux)", "foobar fooqux"},
           {"foo(b|q)", ""},
           {"foo|foobar", with_foo},
           {"foo|foo", with_foo},
           {"foobar|fooqux", "foobar xfoobarx fooqux xfooquxfoo"},
           {"foo.*|bar.*", with_foo + " bar xbar"},
           {".*foo|bar", with_foo + " bar"},
           {"foo|^bar", "foo bar"},
           {"^foo", "foo"},
           {"(fo)o.*", "foo foobar fooqux"},
           {"[f]oo.*", with_foo},
           {"(?i)foo", "foo FOO"},
           {"(?i)foo.*", with_foo + " FOO"},
           {"", all},
           {"()", all},
           {".*", all},
           {".+", "foo xfoox foobar xfoobarx bar xbar FOO fooqux xfooquxfoo"},
           {"foo|.*", "foo"},
           {"foo|", "foo"},
           {"\\Qfoo\\E", "foo"},
           {"fo{2}", "foo"},
           {"foo[0-9]*", "foo"},
       }) {
    ASSERT_OK_AND_ASSIGN(const LabelRegex regex, LabelRegex::Compile(c.regex));
    std::string matching;
    for (const std::string& value : values) {
      if (!regex.Matches(value)) continue;
      StrAppend(&matching, matching.empty() ? "" : " ", value.empty() ? "-" : value);
    }
    // Order by appearance in `values`.
    std::vector<std::string> expected;
    for (const std::string& value : values) {
      const std::string shown = value.empty() ? "-" : value;
      if (StrCat(" ", c.matching, " ").find(StrCat(" ", shown, " ")) != std::string::npos) {
        expected.push_back(shown);
      }
    }
    std::string joined;
    for (const std::string& shown : expected) StrAppend(&joined, joined.empty() ? "" : " ", shown);
    EXPECT_EQ(matching, joined) << c.regex;
  }
}

TEST(LabelRegexTest, CommonPrefixesCountCharacterClassesDoNot) {
  const auto matches = [](std::string_view regex, std::string_view value) {
    return LabelRegex::Compile(regex)->Matches(value);
  };
  EXPECT_TRUE(matches("error|err", "stderr"));
  EXPECT_TRUE(matches("td(err|out)", "stderr"));
  EXPECT_FALSE(matches("err|warn", "stderr"));
  EXPECT_FALSE(matches("200|201", "2001"));
  EXPECT_TRUE(matches("200|201", "201"));
  EXPECT_FALSE(matches("a.b", "a\nb"));
  EXPECT_TRUE(matches("(?s).+", "\n"));
}

// ---- Label filters (logql.md 7) ----

TEST(LabelFilterTest, Conditions) {
  struct Case {
    std::string filter;
    std::string line;
    std::string parsed;
  };
  const auto error = [](std::string_view details) {
    return StrCat("__error__=LabelFilterErr, __error_details__=", details);
  };
  const std::string dropped = "(dropped)";
  for (const Case& c : std::vector<Case>{
           {"missing!=\"x\"", "v=1", "v=1"},
           {"missing=\"\"", "v=1", "v=1"},
           {"missing=\"x\"", "v=1", dropped},
           {"missing=~\".+\"", "v=1", dropped},
           {"app=\"web\"", "v=1", "v=1"},
           {"v>1", "v=1_000", "v=1_000"},
           {"v>1", "v=0x10p0", "v=0x10p0"},
           {"v>1", "v=inf", "v=inf"},
           {"v!=5", "v=nan", "v=nan"},
           {"v>5", "v=nan", dropped},
           {"v==1", "v=1.0", "v=1.0"},
           {"v>=1.5", "v=1.5", "v=1.5"},
           {"v<1", "v=1", dropped},
           {"v!=5", "w=5", dropped},
           {"v>5", "v=x",
            StrCat(error("strconv.ParseFloat: parsing \"x\": invalid syntax"), ", v=x")},
           {"v>5", "v=1e400",
            StrCat(error("strconv.ParseFloat: parsing \"1e400\": value out of range"),
                   ", v=1e400")},
           {"v>5ms", "v=1s", "v=1s"},
           {"v>5ms", "v=0", dropped},
           {"v>5ms", "v=2d",
            StrCat(error("time: unknown unit \"d\" in duration \"2d\""), ", v=2d")},
           {"v>5ms", "v=5", StrCat(error("time: missing unit in duration \"5\""), ", v=5")},
           {"v>5ms", "w=5s", dropped},
           {"v>5KB", "v=5001", "v=5001"},
           {"v>5KB", "v=\"6 kb\"", "v=6 kb"},
           {"v>5KB", "v=1,000", dropped},
           {"v>5KB", "v=-5",
            StrCat(error("strconv.ParseFloat: parsing \"\": invalid syntax"), ", v=-5")},
           {"v=ip(\"10.0.0.0/8\")", "v=10.1.1.1", "v=10.1.1.1"},
           {"v=ip(\"10.0.0.0/8\")", "v=zz", dropped},
           {"v!=ip(\"10.0.0.0/8\")", "v=zz", "v=zz"},
           {"v!=ip(\"10.0.0.0/8\")", "w=zz", dropped},
           // Combinations: an error keeps the row and counts as true.
           {"v>5 or q=\"1\"", "v=x q=2",
            StrCat(error("strconv.ParseFloat: parsing \"x\": invalid syntax"), ", q=2, v=x")},
           {"q=\"1\" or v>5", "v=x q=1", "q=1, v=x"},
           {"v>5 and q=\"1\"", "v=x q=2", dropped},
           {"v>5 and q=\"1\"", "v=x q=1",
            StrCat(error("strconv.ParseFloat: parsing \"x\": invalid syntax"), ", q=1, v=x")},
           {"a=\"1\" or b=\"1\" and c=\"1\"", "a=1 b=2 c=2", "a=1, b=2, c=2"},
           {"(a=\"1\" or b=\"1\") and c=\"1\"", "a=1 b=2 c=2", dropped},
           {"a=\"1\", b=\"1\" or c=\"1\"", "a=2 b=1 c=1", dropped},
           {"a=\"1\" b=\"1\" or c=\"1\"", "a=1 b=2 c=1", "a=1, b=2, c=1"},
       }) {
    EXPECT_EQ(ParsedOf(StrCat("| logfmt | ", c.filter), c.line), c.parsed) << c.filter << c.line;
  }
}

TEST(LabelFilterTest, ErrorLabels) {
  const std::string error =
      "__error__=JSONParserErr, __error_details__=Value looks like object, but can't find "
      "closing '}' symbol";
  EXPECT_EQ(ParsedOf("| json | __error__=\"\"", "x"), "(dropped)");
  EXPECT_EQ(ParsedOf("| json | __error__=~\"JSON.*\"", "x"), error);
  EXPECT_EQ(ParsedOf("| json | __error__>5", "x"), "(dropped)");
  // The details are not a label to filters.
  EXPECT_EQ(ParsedOf("| json | __error_details__=\"\"", "x"), error);
  // Number conditions do not overwrite an error; addresses pass it.
  EXPECT_EQ(ParsedOf("| json | v>5", "{\"v\":\"x\",").substr(0, 23), "__error__=JSONParserErr");
  EXPECT_EQ(ParsedOf("| json | app=ip(\"1.1.1.1\")", "x"), error);
}

TEST(LabelFilterTest, LongChainsDoNotRecurse) {
  std::string filter = "| app=\"web\"";
  for (int i = 0; i < 1500; ++i) filter += " or app=\"db\"";
  EXPECT_EQ(ParsedOf(filter, "x"), "");
}

// ---- Line matchers as storage uses them ----

RegexLiterals LiteralsOf(std::string_view regex) {
  const auto tree = ParseRegexTree(regex);
  return tree ? FindRegexLiterals(*tree) : RegexLiterals();
}

std::string Show(const RegexLiterals& literals) {
  std::string text = literals.exact ? "exact" : "";
  for (const auto& group : literals.groups) {
    StrAppend(&text, "(");
    for (size_t i = 0; i < group.size(); ++i) {
      StrAppend(&text, i == 0 ? "" : "|", group[i].text, group[i].fold_case ? "~" : "");
    }
    StrAppend(&text, ")");
  }
  return text;
}

TEST(RegexLiteralsTest, Derivation) {
  for (const auto& [regex, expected] : std::vector<std::pair<std::string, std::string>>{
           {"error", "exact(error)"},
           {"(?i)Error", "exact(error~)"},
           {"(?i)task", "(task~)"},
           {"(?i)123", "exact(123)"},
           {"a|b", "exact(a|b)"},
           {"error|warn", "exact(error|warn)"},
           {"foo(bar|qux)", "exact(foobar|fooqux)"},
           {"^error$", "(error)"},
           {"\\berror\\b", "(error)"},
           {"foo.*bar", "(foo)(bar)"},
           {"foo\\d+bar", "(foo)(bar)"},
           {"fo+", "(f)(o)"},
           {"foo?", "exact(foo|fo)"},
           {"fo*", "(f)"},
           {"(foo|.*)bar", "(bar)"},
           {"foo|.*", ""},
           {"(foo.*x|b.r)", "(foo|b)"},
           {"a(foo.*x|b)c", "(a)(foo|b)(c)"},
           {"level=(\"error\"|\"warn\")", "exact(level=\"error\"|level=\"warn\")"},
           {"[ab]c", "exact(ac|bc)"},
           {"[a-z]c", "(c)"},
           {".*", ""},
           {"", ""},
           {"(?i)\xC3\xA9x", "(x~)"},
           {"\xC3\xA9x", "exact(\xC3\xA9x)"},
           {"\\x41\\.\\Qa.b\\E", "exact(A.a.b)"},
           {"a{2}b", "(a)(b)"},
           {"a{0,2}b", "(b)"},
           {"(?i:get) /x", "(get~)( /x)"},
       }) {
    EXPECT_EQ(Show(LiteralsOf(regex)), expected) << regex;
  }
}

// Every line that a regex matches contains a literal of each group; exact ones decide alone.
TEST(RegexLiteralsTest, HoldForRandomRegexesAndLines) {
  Random random(1);
  const std::vector<std::string> atoms = {"a",  "b",     "ab",   "[ab]", ".", "(?i)b", "x?", "(a|b",
                                          ".*", "(?:ab", "(?i:", ")",    "|", "*",     "+",  "b{2}",
                                          "^",  "$",     "\\w",  "[^a]", "k", "\\."};
  int compiled = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string regex;
    for (uint64_t n = random.Below(8) + 1; n > 0; --n) regex += random.Pick(atoms);
    auto made = MakeRegexMatcher(regex);
    const auto reference = CompileGoRegex(regex);
    ASSERT_EQ(made.ok(), reference.ok()) << regex;
    if (!made.ok()) continue;
    ++compiled;
    for (int j = 0; j < 10; ++j) {
      const std::string line = random.Text(random.Below(6), "abABkx.\n");
      const bool expected = RE2::PartialMatch(ToRe2(line), **reference);
      // `.+` asks for a byte, not for one that is no line feed.
      if (line.find('\n') != std::string::npos && regex.find('.') != std::string::npos) continue;
      ASSERT_EQ((*made)->Matches(line), expected) << regex << " on " << line;
      for (const auto& group : (*made)->required()) {
        ASSERT_TRUE(!expected || LiteralSearch(group).OccursIn(line)) << regex << " on " << line;
      }
    }
  }
  EXPECT_GT(compiled, 5000);
}

// What storage does with a matcher: candidates in joined lines first, then the exact test.
std::vector<size_t> SearchJoined(const LineMatcher& matcher,
                                 const std::vector<std::string>& lines) {
  std::string text;
  std::vector<size_t> ends;
  for (const std::string& line : lines) {
    text += line;
    ends.push_back(text.size());
  }
  std::vector<size_t> found;
  for (size_t row = 0; row < lines.size(); ++row) {
    const size_t begin = ends[row] - lines[row].size();
    const LineMatcher::Candidate candidate = matcher.FindCandidate(text, begin);
    if (candidate.offset == std::string::npos) break;
    if (candidate.offset >= ends[row] && !(candidate.offset == begin && lines[row].empty())) {
      continue;
    }
    const bool proven =
        candidate.proof_size > 0 && candidate.offset + candidate.proof_size <= ends[row];
    if (proven || matcher.Matches(lines[row])) found.push_back(row);
  }
  return found;
}

TEST(LineMatcherTest, CandidatesInJoinedLinesFindWhatLineTestsFind) {
  Random random(2);
  const std::vector<std::string> filters = {"|= \"ab\"",        "|= \"ab\" or \"ba\" or \"b\"",
                                            "|~ \"(?i)ab\"",    "|~ \"a+b\"",
                                            "|~ \"ab|bab\"",    "|~ \"(?i)kab|bb\"",
                                            "|~ \"^ab\"",       "|~ \"ab$\"",
                                            "|> \"<_>ab<_>b\"", "|= \"a\"",
                                            "|~ \"a(b|k).b\""};
  for (const std::string& filter : filters) {
    const auto query = ParseQuery(StrCat("{app=\"web\"} ", filter));
    ASSERT_OK(query.status());
    const auto& stage = std::get<LineFilterStage>(query->log()->stages[0]);
    ASSERT_OK_AND_ASSIGN(const LineCondition condition, CompileLineFilter(stage));
    ASSERT_TRUE(condition.matcher->has_candidates()) << filter;
    for (int i = 0; i < 300; ++i) {
      std::vector<std::string> lines;
      for (uint64_t n = random.Below(20); n > 0; --n) {
        lines.push_back(random.Text(random.Below(6), "abABk"));
      }
      std::vector<size_t> expected;
      for (size_t row = 0; row < lines.size(); ++row) {
        if (condition.matcher->Matches(lines[row])) expected.push_back(row);
      }
      EXPECT_EQ(SearchJoined(*condition.matcher, lines), expected) << filter;
    }
  }
}

TEST(LineFilterTest, RegexesThatAreTooLargeTogetherAreRefused) {
  std::string filters;
  for (int i = 0; i < 100; ++i) filters += R"( |~ "[^a]{900}")";
  EXPECT_THAT(LinesOf(filters, {"x"}), testing::HasSubstr("too large together"));
}

TEST(LineMatcherTest, RareLiteralsAreFoundFarApart) {
  std::string text(100000, 'x');
  text.replace(70000, 3, "abc");
  text.replace(4094, 3, "zzz");
  LiteralMatcher matcher({{"abc", false}, {"zzz", false}, {"zzzz", false}});
  EXPECT_EQ(matcher.FindCandidate(text, 0).offset, 4094u);
  EXPECT_EQ(matcher.FindCandidate(text, 4095).offset, 70000u);
  EXPECT_EQ(matcher.FindCandidate(text, 70001).offset, std::string::npos);
}

}  // namespace
}  // namespace skald::query
