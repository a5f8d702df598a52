// The canonical and the pretty form of queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <span>
#include <string>

#include "query/syntax/parser.h"
#include "query/syntax/printer.h"
#include "tests/query/syntax_dump.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

struct PrintCase {
  const char* text;
  const char* printed;
};

void ExpectPrints(std::initializer_list<PrintCase> cases) {
  for (const PrintCase& c : cases) {
    const StatusOr<Query> query = ParseQuery(c.text);
    ASSERT_OK(query) << c.text;
    EXPECT_EQ(Print(*query), c.printed);
    EXPECT_EQ(PrettyPrint(*query), c.printed);  // all are short
    const StatusOr<Query> again = ParseQuery(c.printed);
    ASSERT_OK(again) << c.printed;
    EXPECT_EQ(Dump(*again), Dump(*query));
  }
}

TEST(Print, LogQueries) {
  ExpectPrints({
      {R"({ a = "b",c=~"d.*" })", R"({a="b", c=~"d.*"})"},
      {"{a=`b\"c`}", R"({a="b\"c"})"},
      {"{\u00e9=\"x\"}", "{\u00e9=\"x\"}"},
      {R"({a="b"}|="c"or"d"!="e"or"f"|~`\d`)", R"({a="b"} |= "c" or "d" != "e" != "f" |~ "\\d")"},
      {R"({a="b"} |= "c" or ip("1.1.1.1"))", R"({a="b"} |= "c" or ip("1.1.1.1"))"},
      {R"({a="b"}|json|json c,d="e"|logfmt --keep-empty --strict f)",
       R"({a="b"} | json | json c="c",d="e" | logfmt --strict --keep-empty f="f")"},
      {R"q({a="b"}|regexp "(?P<c>.)"|pattern "<c>"|unpack|decolorize)q",
       R"q({a="b"} | regexp "(?P<c>.)" | pattern "<c>" | unpack | decolorize)q"},
      {R"({a="b"}|line_format `{{.c}}`|label_format d=e , f="g")",
       R"({a="b"} | line_format "{{.c}}" | label_format d=e,f="g")"},
      {R"({a="b"}|drop c,d="e",f=~"g.h"|keep i)", R"({a="b"} | drop c,d="e",f=~"g.h" | keep i)"},
  });
}

TEST(Print, LabelFilters) {
  ExpectPrints({
      {R"({a="b"}|x=5|x!=.5|x>1e7|x<-1e-9)",
       R"({a="b"} | x==5 | x!=0.5 | x>10000000 | x<-0.000000001)"},
      {R"({a="b"}|x=90m|x>1d)", R"({a="b"} | x==1h30m0s | x>24h0m0s)"},
      {R"({a="b"}|x=ip("1")|x!=ip("2"))", R"({a="b"} | x=ip("1") | x!=ip("2"))"},
      {R"({a="b"}|x=1 or y=2 and z=3,w=4)", R"({a="b"} | ( x==1 or ( y==2 , ( z==3 , w==4 ) ) ))"},
      // Sizes in decimal units where those say it exactly.
      {R"({a="b"}|x>1KB|x>1500B|x>24MB|x>0B)", R"({a="b"} | x>1.0kB | x>1.5kB | x>24MB | x>0B)"},
      {R"({a="b"}|x>1KiB|x>1.5KiB|x>12345B)", R"({a="b"} | x>1KiB | x>1536B | x>12345B)"},
  });
}

TEST(Print, RegexesOfLabelFilters) {
  ExpectPrints({
      {R"({a="b"}|x=~"c.d")", R"({a="b"} | x=~`c.d`)"},
      {R"({a="b"}|x=~"c\\d")", R"({a="b"} | x=~`c\d`)"},
      {R"({a="b"}|x=~"a|b")", R"({a="b"} | x=~`a|b`)"},
      {"{a=\"b\"}|x=~\"c`.d\"", "{a=\"b\"} | x=~\"c`.d\""},
      {R"({a="b"}|x=~"c"|x=~".*c"|x=~"c.*"|x=~".+"|x=~"")",
       R"({a="b"} | x=~"c" | x=~".*c" | x=~"c.*" | x=~".+" | x=~"")"},
      {R"({a="b"}|x=~"(?i)err"|x=~"mail|video"|x!~"c.d")",
       R"({a="b"} | x=~"(?i)err" | x=~"mail|video" | x!~"c.d")"},
  });
}

TEST(Print, Metrics) {
  ExpectPrints({
      {R"(rate({a="b"}|json[90s]offset 1.5h))", R"(rate({a="b"} | json[1m30s] offset 1h30m0s))"},
      {R"(rate({a="b"}[7d]|json|unwrap c|d="e"|f=1))",
       R"(rate({a="b"} | json | unwrap c | d="e" | f==1[1w]))"},
      {R"(avg_over_time({a="b"}|unwrap bytes(c)[0])by(d,e))",
       R"(avg_over_time({a="b"} | unwrap bytes(c)[0s]) by (d,e))"},
      {R"(quantile_over_time(.99,{a="b"}|unwrap c[5m])without())",
       R"(quantile_over_time(0.99,{a="b"} | unwrap c[5m]) without ())"},
      {R"(sum(vector(1))by(a,b))", R"(sum by (a,b)(vector(1.000000)))"},
      {R"(sum(vector(1))by())", R"(sum(vector(1.000000)))"},
      {R"(sum(vector(1))without())", R"(sum without ()(vector(1.000000)))"},
      {R"(topk(5,vector(1))by(a))", R"(topk by (a)(5,vector(1.000000)))"},
      {R"q(label_replace(vector(1),"a","$1","b","(.*)"))q",
       R"q(label_replace(vector(1.000000),"a","$1","b","(.*)"))q"},
      {"vector(1e-7)", "vector(1e-07)"},
      {"vector(0.1)", "vector(0.100000)"},
      {"1e21", "1e+21"},
      {"1000000", "1e+06"},
  });
}

TEST(Print, BinaryOperations) {
  ExpectPrints({
      {"vector(1)+1*2", "(vector(1.000000) + 2)"},
      {"vector(1)>bool vector(2)", "(vector(1.000000) > bool vector(2.000000))"},
      {"vector(1)+on()vector(2)", "(vector(1.000000) + on ()  vector(2.000000))"},
      {"vector(1)+ignoring(a,b)vector(2)", "(vector(1.000000) + ignoring (a,b)  vector(2.000000))"},
      {"vector(1)+ignoring()vector(2)", "(vector(1.000000) + vector(2.000000))"},
      {"vector(1)+on(a)group_left()vector(2)",
       "(vector(1.000000) + on (a) group_left vector(2.000000))"},
      {"vector(1)+on(a)group_right(b,c)vector(2)",
       "(vector(1.000000) + on (a) group_right (b,c) vector(2.000000))"},
      {"vector(1)^2^vector(3)", "(vector(1.000000) ^ (2 ^ vector(3.000000)))"},
  });
}

TEST(Print, AdjoiningStages) {
  ASSERT_OK_AND_ASSIGN(const Query query, ParseQuery(R"({a="b"} |= "c" |~ "(" | json)"));
  const std::span<const Stage> stages = query.log()->stages;
  EXPECT_EQ(Print(stages[1]), R"(|~ "(")");
  EXPECT_EQ(Print(stages.first(2)), R"(|= "c" |~ "(")");
}

// A selector that alone fills a line.
constexpr char kLong[] =
    R"({app=~"foo|bar", namespace="prod-us-east-0", cluster="some-very-long-cluster-name-here", pod="x"})";

std::string PrettyOf(const std::string& text) {
  const StatusOr<Query> query = ParseQuery(text);
  if (!query.ok()) return std::string(Message(query.status()));
  const std::string pretty = PrettyPrint(*query);
  const StatusOr<Query> again = ParseQuery(pretty);
  EXPECT_OK(again) << pretty;
  if (again.ok()) {
    EXPECT_EQ(Dump(*again), Dump(*query));
  }
  return pretty;
}

std::string WithSelector(std::string text) {
  for (size_t at; (at = text.find("{L}")) != std::string::npos;) text.replace(at, 3, kLong);
  return text;
}

TEST(PrettyPrint, BreaksWhatIsTooLong) {
  EXPECT_EQ(PrettyOf(WithSelector(R"({L} |= "e" != "f" | json | x="y" and z>10KB)")),
            WithSelector(R"({L}
  |= "e" != "f"
  | json
  | ( x="y" , z>10kB ))"));
  EXPECT_EQ(PrettyOf(WithSelector(
                R"(sum by (app, pod) (rate({L} |= "error" | json [5m] offset 20m)) / 2)")),
            WithSelector(R"(  sum by (app, pod)(
    rate(
      {L}
        |= "error"
        | json [5m] offset 20m
    )
  )
/
  2)"));
  EXPECT_EQ(
      PrettyOf(WithSelector(
          R"(topk(5, quantile_over_time(0.9, {L} | unwrap bytes(x) | y="z" [5m]) by (a,b)))")),
      WithSelector(R"(topk(
  5,
  quantile_over_time(
    0.9,
    {L}
      | unwrap bytes(x)
      | y="z" [5m]
  ) by (a, b)
))"));
}

TEST(PrettyPrint, KeepsShortPartsWhole) {
  EXPECT_EQ(PrettyOf(R"(count by (detected_level) (sum_over_time({app="api"} | json | __error__="")"
                     R"( | unwrap latency_ms | __error__!="" [90s] offset -5m)))"),
            R"(count by (detected_level)(
  sum_over_time(
    {app="api"} | json | __error__=""
      | unwrap latency_ms
      | __error__!="" [1m30s] offset -5m
  )
))");
  EXPECT_EQ(PrettyOf(WithSelector(R"(label_replace(rate({L}[1m]),"a","b","c","d"))")),
            WithSelector(R"(label_replace(
  rate(
    {L} [1m]
  ),
  "a",
  "b",
  "c",
  "d"
))"));
}

TEST(PrettyPrint, BinaryOperations) {
  EXPECT_EQ(PrettyOf(WithSelector(
                "sum(rate({L}[1m])) > bool on (a,b) group_left (c,d) vector(1) * vector(2)")),
            WithSelector(R"(  sum(
    rate(
      {L} [1m]
    )
  )
> bool on (a, b) group_left (c, d)
  (vector(1.000000) * vector(2.000000)))"));
  // Parentheses only where the lines would otherwise read differently.
  EXPECT_EQ(PrettyOf(WithSelector("(rate({L}[1m]) + 5) * 2 > 3")), WithSelector(R"(    (
        rate(
          {L} [1m]
        )
      +
        5
    )
  *
    2
>
  3)"));
}

TEST(PrettyPrint, Variants) {
  EXPECT_EQ(PrettyOf(R"(variants(rate({a="b"}[5m]), 1) of ({a="b"} | json [5m] offset 5m))"),
            R"(variants(
  rate({a="b"}[5m]),
  1
) of (
  {a="b"} | json [5m] offset 5m
))");
}

}  // namespace
}  // namespace skald::query
