// Properties over generated and damaged queries: printing and parsing are inverse, and no text
// makes the parser crash or hang.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "query/syntax/parser.h"
#include "query/syntax/printer.h"
#include "storage/base/strings.h"
#include "tests/query/syntax_dump.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

// Writes random valid queries.
class QueryWriter {
 public:
  explicit QueryWriter(uint64_t seed) : random_(seed) {}

  std::string Query() { return random_.OneIn(2) ? Log() : Metric(4); }

 private:
  std::string OneOf(std::initializer_list<const char*> words) {
    return *(words.begin() + random_.Below(words.size()));
  }
  std::string Name() { return OneOf({"a", "b_1", "rate", "duration", "sum", "ip", "Status"}); }
  std::string Text() {
    return OneOf({R"("")", R"("x")", "`y\\z\"`", R"("é\n\x01\"")", R"("a.b")"});
  }
  std::string Names() {
    std::string out = Name();
    while (random_.OneIn(3)) StrAppend(&out, ", ", Name());
    return out;
  }
  std::string Matcher() { return StrCat(Name(), OneOf({"=", "!=", "=~", "!~"}), Text()); }

  std::string Selector() {
    std::string out = "{a=\"b\"";
    while (random_.OneIn(3)) StrAppend(&out, " , ", Matcher());
    return out + "}";
  }

  std::string Quantity() {
    return OneOf({"5", "-0.5", "+1e9", "0x10", "1h30m", "-5s", "1.5h", "500us", "1d", "1KB",
                  "1.5KiB", "12345B", "3PB"});
  }
  std::string Condition(int depth) {
    if (depth > 0 && random_.OneIn(2)) {
      const std::string left = Condition(depth - 1);
      const std::string right = Condition(depth - 1);
      return StrCat("(", left, OneOf({" and ", " or ", ", ", " "}), right, ")");
    }
    switch (random_.Below(3)) {
      case 0:
        return Matcher();
      case 1:
        return StrCat(Name(), OneOf({"=", "!="}), "ip(", Text(), ")");
      default:
        return StrCat(Name(), OneOf({"=", "==", "!=", ">", ">=", "<", "<="}), Quantity());
    }
  }

  std::string LineFilter() {
    std::string out = OneOf({"|=", "!=", "|~", "!~", "|>", "!>"}) + Text();
    while (random_.OneIn(3)) StrAppend(&out, " or ", random_.OneIn(4) ? "ip(\"x\")" : Text());
    return out;
  }
  std::string Stage() {
    switch (random_.Below(8)) {
      case 0:
        return LineFilter();
      case 1:
        return StrCat("| ", Condition(3));
      case 2:
        return OneOf({"| json", "| json a", "| json a=\"b.c\", d", "| unpack", "| decolorize"});
      case 3:
        return OneOf({"| logfmt", "| logfmt --strict", "| logfmt --keep-empty a, b=`c`"});
      case 4:
        return OneOf({"| regexp \"(?P<a>x)\"", "| pattern `<a> \"<_>`"});
      case 5:
        return StrCat("| line_format ", Text());
      case 6:
        return StrCat("| label_format ", Name(), "=", random_.OneIn(2) ? Name() : Text());
      default:
        return StrCat(OneOf({"| drop ", "| keep "}), Name(), ",", Matcher());
    }
  }
  std::string Pipeline() {
    std::string out;
    while (!random_.OneIn(3)) StrAppend(&out, " ", Stage());
    return out;
  }
  std::string Log() { return Selector() + Pipeline(); }

  std::string Unwrap() {
    std::string out = StrCat(" | unwrap ", OneOf({"a", "bytes(a)", "duration(b)", "bytes"}));
    while (random_.OneIn(3)) StrAppend(&out, " | ", Condition(1));
    return out;
  }
  std::string Range(bool unwrap) {
    const std::string range =
        OneOf({"[5m]", "[1h30m]", "[0]", "[7d] offset 5m", "[1ms] offset -1h"});
    const std::string tail = Pipeline() + (unwrap ? Unwrap() : "");
    if (random_.OneIn(3)) return Selector() + range + tail;
    if (random_.OneIn(3)) return StrCat("(", Selector(), tail, ")", range);
    return StrCat(Selector(), tail, " ", range);
  }
  std::string RangeAggregation() {
    switch (random_.Below(3)) {
      case 0:
        return StrCat(OneOf({"rate(", "count_over_time(", "bytes_rate("}), Range(false), ")");
      case 1:
        return StrCat(OneOf({"avg_over_time(", "quantile_over_time(0.99,"}), Range(true), ")",
                      random_.OneIn(2) ? Grouping() : "");
      default:
        return StrCat(OneOf({"sum_over_time(", "rate(", "rate_counter("}), Range(true), ")");
    }
  }
  std::string Grouping() {
    return StrCat(OneOf({" by (", " without ("}), random_.OneIn(4) ? "" : Names(), ")");
  }
  std::string Modifier() {
    std::string out = random_.OneIn(3) ? " bool" : "";
    if (random_.OneIn(2)) return out + " ";
    StrAppend(&out, OneOf({" on (", " ignoring ("}), random_.OneIn(4) ? "" : Names(), ")");
    if (random_.OneIn(2)) {
      StrAppend(&out, OneOf({" group_left (", " group_right ("}), random_.OneIn(3) ? "" : Names(),
                ")");
    }
    return out + " ";
  }
  std::string Metric(int depth) {
    if (depth == 0)
      return random_.OneIn(3) ? OneOf({"vector(0.1)", "vector(7)"}) : RangeAggregation();
    switch (random_.Below(6)) {
      case 0:
        return StrCat("sum", Grouping(), "(", Metric(depth - 1), ")");
      case 1:
        return StrCat("topk(3,", Metric(depth - 1), ")", random_.OneIn(2) ? Grouping() : "");
      case 2:
        return StrCat("label_replace(", Metric(depth - 1), ",\"a\",", Text(), ",\"b\",\"(.*)\")");
      case 3:
        return StrCat("(", Metric(depth - 1), ")");
      case 4:
        return StrCat(Metric(depth - 1), OneOf({"+", "-", "*", ">", "=="}), " ",
                      OneOf({"2", "-1.5", "1e9"}));
      default:
        return StrCat(
            "(", Metric(depth - 1), ") ",
            OneOf({"+", "-", "*", "/", "%", "^", "==", "!=", ">=", "and", "or", "unless"}),
            Modifier(), Metric(depth - 1));
    }
  }

  Random random_;
};

TEST(SyntaxProperty, PrintedQueriesParseToTheSameTree) {
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    const std::string text = QueryWriter(seed).Query();
    const StatusOr<Query> query = ParseQuery(text);
    ASSERT_OK(query) << text;
    for (const std::string& printed : {Print(*query), PrettyPrint(*query)}) {
      const StatusOr<Query> again = ParseQuery(printed);
      ASSERT_OK(again) << text << "\n" << printed;
      ASSERT_EQ(Dump(*again), Dump(*query)) << text << "\n" << printed;
      ASSERT_EQ(Print(*again), Print(*query)) << text;
    }
  }
}

// Any answer will do, as long as there is one; an error has Loki's form.
void ExpectAnswer(std::string_view text) {
  const StatusOr<Query> query = ParseQuery(text);
  if (!query.ok()) {
    ASSERT_TRUE(Message(query.status()).starts_with("parse error")) << text;
    return;
  }
  ParseQuery(Print(*query)).IgnoreError();
}

TEST(SyntaxProperty, DamagedQueriesGetAnAnswer) {
  Random random(3);
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    std::string text = QueryWriter(seed).Query();
    for (int damage = 0; damage < 3; ++damage) {
      const size_t at = random.Below(text.size() + 1);
      switch (random.Below(4)) {
        case 0:
          text.resize(at);
          break;
        case 1:
          text.erase(at, 1 + random.Below(4));
          break;
        case 2:
          text.insert(at, random.Text(1));
          break;
        default:
          text.insert(at,
                      random.Text(1 + random.Below(3), "{}()[]|=!~<>\"`'\\,.+-*/%^#0123smhB \n"));
      }
      ExpectAnswer(text);
    }
  }
}

TEST(SyntaxProperty, BytesGetAnAnswer) {
  Random random(4);
  for (int i = 0; i < 4000; ++i) ExpectAnswer(random.Text(random.Below(60)));
}

// ---- Limits -------------------------------------------------------------------------------

std::string Repeat(std::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out.append(text);
  return out;
}

TEST(SyntaxLimits, NestingIsBounded) {
  constexpr char kTooDeep[] = "parse error : query nests too deeply: more than 500 levels";
  const std::string logs[] = {
      StrCat(Repeat("(", 60000), "1", Repeat(")", 60000)),
      Repeat("(", 100000),
      StrCat(Repeat("sum(", 20000), "vector(1)", Repeat(")", 20000)),
      Repeat("label_replace(", 8000),
      Repeat("variants(", 12000),
      Repeat("2^", 50000) + "2",
      StrCat("rate(", Repeat("(", 60000), R"({a="b"}[5m])", Repeat(")", 60001)),
      R"({a="b"} | )" + Repeat("(", 60000) + "c=1",
      R"({a="b"} | )" + Repeat("c=1,", 20000) + "c=1",
      R"({a="b"} | )" + Repeat("c=1 ", 20000),
  };
  for (const std::string& text : logs) {
    EXPECT_EQ(Message(ParseQuery(text).status()), kTooDeep) << text.substr(0, 40);
  }
  EXPECT_OK(ParseQuery(StrCat(Repeat("(", 400), "1", Repeat(")", 400))));
}

TEST(SyntaxLimits, OperatorsAreBounded) {
  constexpr char kTooMany[] = "parse error : query has too many operators: more than 2000";
  EXPECT_EQ(Message(ParseQuery("1" + Repeat("+1", 60000)).status()), kTooMany);
  EXPECT_EQ(Message(ParseQuery(R"({a="b"} | c=1)" + Repeat(" or c=1", 10000)).status()), kTooMany);
  ASSERT_OK_AND_ASSIGN(const Query chain, ParseQuery("vector(1)" + Repeat(" or vector(1)", 2000)));
  EXPECT_FALSE(PrettyPrint(chain).empty());
  ASSERT_OK_AND_ASSIGN(const Query filter,
                       ParseQuery(R"({a="b"} | c=1)" + Repeat(" or c=1", 2000)));
  EXPECT_FALSE(Print(filter).empty());
}

TEST(SyntaxLimits, TextIsBounded) {
  EXPECT_EQ(Message(ParseQuery(std::string(131072, ' ')).status()),
            "parse error : input size too long (131072 > 131072)");
  EXPECT_OK(ParseQuery(R"({a="b"})" + std::string(131071 - 7, ' ')));
  EXPECT_OK(ParseQuery(StrCat(R"({a="b"} |= ")", std::string(130000, 'x'), "\"")));
}

TEST(SyntaxLimits, LongTextsTakeLinearTime) {
  for (const std::string_view unit :
       {"1.", "sum ", "sum by ", "<a>", "[", "\"", "/*", "#\n", "\xC3\xA9", "\\", "|= \"x\" "}) {
    ExpectAnswer(Repeat(unit, 131000 / unit.size()));
    ExpectAnswer(R"({a="b"} | pattern ")" + Repeat(unit, 100000 / unit.size()) + "\"");
  }
}

}  // namespace
}  // namespace skald::query
