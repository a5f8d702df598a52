// Query text against the tree it parses to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "query/syntax/json_path.h"
#include "query/syntax/logfmt_key.h"
#include "query/syntax/parser.h"
#include "query/syntax/pattern_syntax.h"
#include "tests/query/syntax_dump.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

struct ParseCase {
  const char* text;
  const char* tree;
};

std::string TreeOf(std::string_view text) {
  const StatusOr<Query> query = ParseQuery(text);
  return query.ok() ? Dump(*query) : std::string(Message(query.status()));
}

void ExpectTrees(std::initializer_list<ParseCase> cases) {
  for (const ParseCase& c : cases) EXPECT_EQ(TreeOf(c.text), c.tree) << c.text;
}

TEST(Parse, Selectors) {
  ExpectTrees({
      {R"({a="b"})", R"((log {a="b"}))"},
      {R"( { a = "b" , c!="d",e=~"f.*",g!~"h" } )", R"((log {a="b",c!="d",e=~"f.*",g!~"h"}))"},
      {R"({a!="",b=""})", R"((log {a!="",b=""}))"},
      {R"(({a="b"}))", R"((log {a="b"}))"},
      {"{a=`b\\n`}", R"((log {a="b\\n"}))"},
      {R"({a="\x41\101\u00e9\U0001F600\t\"\\"})", "(log {a=\"AA\u00e9\U0001F600\\t\\\"\\\\\"})"},
      {"{\u00e9=\"x\"}", "(log {\u00e9=\"x\"})"},
      {"\uFEFF{a=\"b\"}", R"((log {a="b"}))"},
      {"{a=\"b\" # in a comment }\n}", R"((log {a="b"}))"},
      {R"({a="b"} // to the end)", R"((log {a="b"}))"},
      {R"(/* one */ {a=/* two */"b"})", R"((log {a="b"}))"},
      {R"({a="# no // comment"})", R"((log {a="# no // comment"}))"},
      // Function names are labels where no parenthesis follows.
      {R"({rate="b", sum="c", ip="d", Duration="e"})",
       R"((log {rate="b",sum="c",ip="d",Duration="e"}))"},
  });
}

TEST(Parse, LineFilters) {
  ExpectTrees({
      {R"({a="b"} |= "c" != "d" |~ "e" !~ "f" |> "<_> g" !> "<_> h")",
       R"((log {a="b"} (|= "c") (!= "d") (|~ "e") (!~ "f") (|> "<_> g") (!> "<_> h")))"},
      {R"({a="b"} |= "c" or "d" or ip("1.1.1.1") |= "e")",
       R"((log {a="b"} (|= "c" "d" ip:"1.1.1.1") (|= "e")))"},
      {R"({a="b"} != "c" or "d" !~ "e" or "f")",
       R"((log {a="b"} (!= "c") (!= "d") (!~ "e") (!~ "f")))"},
      {R"({a="b"} |= IP ("::1"))", R"((log {a="b"} (|= ip:"::1")))"},
      // Not compiled before the query runs.
      {R"({a="b"} |~ "(" |= ip("no") |> "<_><_>")",
       R"((log {a="b"} (|~ "(") (|= ip:"no") (|> "<_><_>")))"},
  });
}

TEST(Parse, Stages) {
  ExpectTrees({
      {R"({a="b"} | json | JSON c, d="e[0].f")", R"((log {a="b"} (json) (json c="c" d="e[0].f")))"},
      {R"({a="b"} | logfmt --keep-empty --strict --strict c,d="e")",
       R"((log {a="b"} (logfmt strict keep_empty c="c" d="e")))"},
      {R"({a="b"} | logfmt --strict|json)", R"((log {a="b"} (logfmt strict) (json)))"},
      {R"q({a="b"} | regexp "(?P<c>.)" | regexp "(?<d>.)" | pattern "<c> <_>")q",
       R"q((log {a="b"} (regexp "(?P<c>.)") (regexp "(?<d>.)") (pattern "<c> <_>")))q"},
      {R"({a="b"} | unpack | decolorize | line_format "{{.c}}")",
       R"((log {a="b"} (unpack) (decolorize) (line_format "{{.c}}")))"},
      {R"({a="b"} | label_format duration=bytes, c="{{.d}}")",
       R"((log {a="b"} (label_format duration<-bytes c="{{.d}}")))"},
      {R"({a="b"} | drop c, d="e", f!~"g" | keep rate, h!="i")",
       R"((log {a="b"} (drop c d="e" f!~"g") (keep rate h!="i")))"},
      {R"({a="b"} | json c != "d")", R"((log {a="b"} (json c="c") (!= "d")))"},
      {"{a=\"b\"} | drop \u00e9", "(log {a=\"b\"} (drop \u00e9))"},
  });
}

TEST(Parse, LabelFilters) {
  ExpectTrees({
      {R"({a="b"} | c="d" | c!="d" | c=~"d" | c!~"d")",
       R"((log {a="b"} (where c="d") (where c!="d") (where c=~"d") (where c!~"d")))"},
      {R"({a="b"} | c=5 | c==5 | c!=.5 | c>-1e3 | c>=+5. | c<1_000 | c<=0x1p4)",
       R"((log {a="b"} (where c==5) (where c==5) (where c!=0.5) (where c>-1000) (where c>=5))"
       R"( (where c<1000) (where c<=16)))"},
      {R"({a="b"} | c=1h30m | c>1d2h | c<1.5h | c>1h1h | c>-5s | c>500us | c>010s)",
       R"((log {a="b"} (where c==5400s) (where c>93600s) (where c<5400s) (where c>7200s))"
       R"( (where c>-5s) (where c>0.0005s) (where c>10s)))"},
      {R"({a="b"} | c=1KB | c>1KiB | c<1.5MB | c>0.5k)",
       R"((log {a="b"} (where c==1000B) (where c>1024B) (where c<1500000B) (where c>500B)))"},
      {R"({a="b"} | c=ip("1.1.1.1") | c!=ip("::/0") | ip=ip("1"))",
       R"((log {a="b"} (where c=ip:"1.1.1.1") (where c!=ip:"::/0") (where ip=ip:"1")))"},
      {R"({a="b"} | rate="c" | duration > 1s | bytes > 1KB)",
       R"((log {a="b"} (where rate="c") (where duration>1s) (where bytes>1000B)))"},
      {R"({a="b"} | x>1e400)", R"((log {a="b"} (where x>+Inf)))"},
  });
}

TEST(Parse, LabelFilterPrecedence) {
  ExpectTrees({
      {R"({a="b"} | x=1 or y=2 and z=3)", R"((log {a="b"} (where (or x==1 (and y==2 z==3)))))"},
      {R"({a="b"} | x=1 and y=2 or z=3)", R"((log {a="b"} (where (or (and x==1 y==2) z==3))))"},
      {R"({a="b"} | (x=1 or y=2) and z=3)", R"((log {a="b"} (where (and (or x==1 y==2) z==3))))"},
      {R"({a="b"} | x=1 and y=2 and z=3)", R"((log {a="b"} (where (and (and x==1 y==2) z==3))))"},
      // Commas and juxtaposition take all that follows.
      {R"({a="b"} | x=1, y=2 or z=3)", R"((log {a="b"} (where (and x==1 (or y==2 z==3)))))"},
      {R"({a="b"} | x=1 y=2 or z=3)", R"((log {a="b"} (where (and x==1 (or y==2 z==3)))))"},
      {R"({a="b"} | x=1 or y=2, z=3)", R"((log {a="b"} (where (or x==1 (and y==2 z==3)))))"},
      {R"({a="b"} | x=1 and y=2 z=3 or w=4)",
       R"((log {a="b"} (where (and x==1 (and y==2 (or z==3 w==4))))))"},
      {R"({a="b"} | x=1 (y=2))", R"((log {a="b"} (where (and x==1 y==2))))"},
  });
}

TEST(Parse, Ranges) {
  ExpectTrees({
      {R"(rate({a="b"}[5m]))", R"((rate (log {a="b"}) [300s]))"},
      {R"(rate({a="b"} | json [1h30m] offset 5m))",
       R"((rate (log {a="b"} (json)) [5400s] offset:300s))"},
      {R"(rate({a="b"}[5m] offset -5m |= "c" | json))",
       R"((rate (log {a="b"} (|= "c") (json)) [300s] offset:-300s))"},
      {R"(rate(({a="b"} |= "c")[5m]))", R"((rate (log {a="b"} (|= "c")) [300s]))"},
      {R"(rate((({a="b"}[5m]))))", R"((rate (log {a="b"}) [300s]))"},
      {R"(rate(({a="b"})[5m] | unwrap c | d="e"))",
       R"((rate (log {a="b"}) (unwrap c d="e") [300s]))"},
      {R"(rate(({a="b"} | unwrap c)[0]))", R"((rate (log {a="b"}) (unwrap c) [0s]))"},
      {R"(sum_over_time({a="b"} | json | unwrap duration(c) | d="e", f=1 | g=2 [1y2w3d]))",
       R"((sum_over_time (log {a="b"} (json)) (unwrap duration:c (and d="e" f==1) g==2) [33004800s]))"},
      {R"(max_over_time({a="b"} | unwrap bytes [1m]) by (c))",
       R"((max_over_time by:c (log {a="b"}) (unwrap bytes) [60s]))"},
      {R"(quantile_over_time(0.99, {a="b"} | unwrap duration_seconds (c)[1m]) without ())",
       R"((quantile_over_time without: 0.99 (log {a="b"}) (unwrap duration_seconds:c) [60s]))"},
  });
}

TEST(Parse, Metrics) {
  ExpectTrees({
      {R"(SUM(Count_Over_Time({a="b"}[5s])) BY (x,y))",
       R"((sum by:x,y (count_over_time (log {a="b"}) [5s])))"},
      {R"(sum by (count, duration) (vector(1)))", R"((sum by:count,duration (vector 1)))"},
      {"sum\n by\t(x)\n(vector(1))", R"((sum by:x (vector 1)))"},
      {R"(sum by () (vector(1)))", R"((sum (vector 1)))"},
      {R"(sum without () (vector(1)))", R"((sum without: (vector 1)))"},
      {R"(topk(010, vector(1)))", R"((topk 10 (vector 1)))"},
      {R"(bottomk by (x) (3, vector(1)))", R"((bottomk by:x 3 (vector 1)))"},
      {R"(sort_desc(vector(1)) by ())", R"((sort_desc (vector 1)))"},
      {R"q(label_replace(vector(1), "bad-name", "$1", "c", "(.*)"))q",
       R"q((label_replace (vector 1) "bad-name" "$1" "c" "(.*)"))q"},
      {R"(variants(rate({a="b"}[5s]), vector(1)) of ({c="d"} | json [5s]))",
       R"((variants (rate (log {a="b"}) [5s]) (vector 1) of (log {c="d"} (json)) [5s]))"},
      {R"(variants(rate({}[5s])) of (({c="d"}[5s])))",
       R"((variants (rate (log {}) [5s]) of (log {c="d"}) [5s]))"},
  });
}

TEST(Parse, BinaryOperations) {
  ExpectTrees({
      {"vector(1) + vector(2) * vector(3) ^ vector(4) ^ vector(5)",
       "(+ (vector 1) (* (vector 2) (^ (vector 3) (^ (vector 4) (vector 5)))))"},
      {"vector(1) - vector(2) - vector(3)", "(- (- (vector 1) (vector 2)) (vector 3))"},
      {"vector(1) or vector(2) and vector(3) unless vector(4) > vector(5)",
       "(or (vector 1) (unless (and (vector 2) (vector 3)) (> (vector 4) (vector 5))))"},
      {"(vector(1) or vector(2)) % 3", "(% (or (vector 1) (vector 2)) 3)"},
      {"vector(1) > bool on (a,b) group_left (c) vector(2)",
       "(> bool on:a,b group_left:c (vector 1) (vector 2))"},
      {"vector(1) / ignoring (a) group_right vector(2)",
       "(/ ignoring:a group_right: (vector 1) (vector 2))"},
      {"vector(1) / on () vector(2)", "(/ on: (vector 1) (vector 2))"},
      {"vector(1) / ignoring () vector(2)", "(/ (vector 1) (vector 2))"},
      {"vector(1) + on (a) group_left (b) (vector(2))",
       "(+ on:a group_left:b (vector 1) (vector 2))"},
      {"vector(1) + bool 1", "(+ bool (vector 1) 1)"},
      {"vector(1) -5", "(- (vector 1) 5)"},
  });
}

TEST(Parse, Literals) {
  ExpectTrees({
      {"1 + 2 * 3", "7"},
      {"2^3^2", "512"},
      {"-2^2", "4"},
      {"2--3", "5"},
      {"1 - - 1", "2"},
      {"- 5", "-5"},
      {"-0", "-0"},
      {"1-0", "1"},
      {"1/0", "NaN"},
      {"5 % 0", "NaN"},
      {"-5 % 3", "-2"},
      {"1 >= 1 > 1", "0"},
      {"2 > bool 1 + 3", "0"},
      {"1 != 2", "1"},
      {"1 + (2 + vector(1))", "(+ 1 (+ 2 (vector 1)))"},
      {"vector(1) + 1 + 2", "(+ (+ (vector 1) 1) 2)"},
      {"010", "10"},
      {"0x1p4 + 1_0", "26"},
      // Beyond Loki: prefixes of whole numbers, and every unit of size in any letter case.
      {R"({a="b"} | x>0x10 | x<0b11 | x!=0o17)",
       R"((log {a="b"} (where x>16) (where x<3) (where x!=15)))"},
      {R"({a="b"} | x>0B | x>1b | x>2kb | x>3PB | x>4eib)",
       R"((log {a="b"} (where x>0B) (where x>1B) (where x>2000B) (where x>3000000000000000B))"
       R"( (where x>4611686018427387904B)))"},
  });
}

TEST(ParseMatchers, TakesSelectors) {
  EXPECT_THAT(ParseMatchers(R"(({a=~".+", b!="c"}))"), IsOkAndHolds(SizeIs(2)));
  EXPECT_THAT(ParseMatchers("{ }"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Message(ParseMatchers("{}", EmptySelector::kRefused).status()),
              StartsWith("parse error : queries require at least one"));
  EXPECT_THAT(Message(ParseMatchers(R"({a=~".*"})").status()),
              StartsWith("parse error : queries require at least one"));
}

TEST(ParseMatchers, TakesNothingElse) {
  for (const char* text : {R"({a="b"} |= "c")", "1", R"(rate({a="b"}[5m]))"}) {
    EXPECT_THAT(ParseMatchers(text),
                StatusIs(absl::StatusCode::kInvalidArgument, "only label matchers are supported"));
  }
  EXPECT_THAT(
      ParseMatchers("{a="),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "parse error at line 1, col 4: syntax error: unexpected $end, expecting STRING"));
}

// ---- Patterns, paths and keys -------------------------------------------------------------

TEST(Pattern, SplitsIntoPieces) {
  EXPECT_THAT(ParsePattern("<ip> - [<_>] <1a><b c> <_x9>"),
              IsOkAndHolds(ElementsAre(PatternPiece{true, "ip"}, PatternPiece{false, " - ["},
                                       PatternPiece{true, "_"}, PatternPiece{false, "] <1a><b c> "},
                                       PatternPiece{true, "_x9"})));
  EXPECT_THAT(ParsePattern("<<a>"),
              IsOkAndHolds(ElementsAre(PatternPiece{false, "<"}, PatternPiece{true, "a"})));
  EXPECT_THAT(ParseLinePattern(""), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ParseLinePattern("a <"), IsOkAndHolds(ElementsAre(PatternPiece{false, "a <"})));
}

TEST(Pattern, RefusesWithLokisText) {
  const std::pair<const char*, const char*> cases[] = {
      {"",
       "parse error at line 1, col 1: syntax error: unexpected $end, expecting IDENTIFIER or "
       "LITERAL"},
      {"x", "at least one capture is required"},
      {"<_><_>", "at least one capture is required"},
      {"<_> <a><b>", "found consecutive capture '<a><b>': invalid expression"},
      {"<a> <a>", "duplicate capture name (a): invalid expression"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(Message(ParsePattern(text).status()), error) << text;
  }
  EXPECT_EQ(Message(ParseLinePattern("<_><b>").status()),
            "found consecutive capture '<_><b>': invalid expression");
  EXPECT_EQ(Message(ParseLinePattern("<_> <b>").status()),
            "named captures are not allowed: found '<b>'");
}

TEST(JsonPath, Parses) {
  using Step = JsonPathStep;
  EXPECT_THAT(ParseJsonPath(" a . b_1[0 ][\"c d\"]"),
              IsOkAndHolds(ElementsAre(Step("a"), Step("b_1"), Step(size_t{0}), Step("c d"))));
  EXPECT_THAT(ParseJsonPath("[01][\"\"]"), IsOkAndHolds(ElementsAre(Step(size_t{1}), Step(""))));
}

TEST(JsonPath, RefusesWithLokisText) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "syntax error: unexpected $end, expecting LSB or FIELD"},
      {".a", "syntax error: unexpected DOT, expecting LSB or FIELD"},
      {"a..b", "syntax error: unexpected DOT, expecting FIELD"},
      {"a.", "syntax error: unexpected $end, expecting FIELD"},
      {"a.[0]", "syntax error: unexpected LSB, expecting FIELD"},
      {"a b", "syntax error: unexpected FIELD"},
      {"a[0]b", "syntax error: unexpected FIELD"},
      {"a]", "syntax error: unexpected RSB"},
      {"a[", "syntax error: unexpected $end, expecting STRING or INDEX"},
      {"a[b]", "syntax error: unexpected FIELD, expecting STRING or INDEX"},
      {"a[-1]", "syntax error: unexpected $end, expecting STRING or INDEX"},
      {"a[0", "syntax error: unexpected $end, expecting STRING or INDEX"},
      {"a[1.5]", "syntax error: unexpected $end, expecting STRING or INDEX"},
      {"a[99999999999999999999]", "syntax error: unexpected $end, expecting STRING or INDEX"},
      {"[\"b]", "syntax error: unexpected $end, expecting RSB"},
      {"[\"a\\\"b\"]", "syntax error: unexpected FIELD, expecting RSB"},
      {"a-b", "unexpected char -"},
      {"a \u00e9", "unexpected char \u00e9"},
      {"\u00e9", "syntax error: unexpected $end, expecting LSB or FIELD"},
      {"0", "syntax error: unexpected $end, expecting LSB or FIELD"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(Message(ParseJsonPath(text).status()),
              std::string("cannot parse expression [") + text + "]: " + error);
  }
}

TEST(LogfmtKey, Parses) {
  EXPECT_THAT(ParseLogfmtKey(" _a1 "), IsOkAndHolds("_a1"));
  EXPECT_THAT(ParseLogfmtKey("\"a b.c\""), IsOkAndHolds("a b.c"));
  EXPECT_THAT(ParseLogfmtKey("\"a"), IsOkAndHolds("a"));
  const std::pair<const char*, const char*> cases[] = {
      {"", "syntax error: unexpected $end, expecting STRING or KEY"},
      {"a b", "syntax error: unexpected KEY"},
      {"\"a\" b", "syntax error: unexpected KEY"},
      {"a.b", "unexpected char ."},
      {"a \u00dc", "unexpected char \u00dc"},
      {"\u00dc", "syntax error: unexpected $end, expecting STRING or KEY"},
      {"0a", "syntax error: unexpected $end, expecting STRING or KEY"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(Message(ParseLogfmtKey(text).status()),
              std::string("cannot parse expression [") + text + "]: " + error);
  }
}

}  // namespace
}  // namespace skald::query
