#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/query/stage_harness.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

struct Case {
  std::string stages;
  std::string line;
  std::string parsed;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(ParsedOf(c.stages, c.line), c.parsed) << c.stages << c.line;
}

std::string JsonError(std::string_view details) {
  return StrCat("__error__=JSONParserErr, __error_details__=", details);
}
constexpr char kNoObject[] = "Value looks like object, but can't find closing '}' symbol";
constexpr char kNoArray[] = "Value is array, but can't find closing ']' symbol";
constexpr char kNoString[] = "Value is string, but can't find closing '\"' symbol";
constexpr char kMalformed[] = "Malformed JSON error";
constexpr char kUnknown[] = "Unknown value type";

TEST(JsonStageTest, Values) {
  Check({
      {"| json", R"({"a":"x","n":-1.50e3,"t":true,"f":false})", "a=x, f=false, n=-1.50e3, t=true"},
      {"| json", R"({"a":null,"b":[1,2],"c":1})", "c=1"},
      {"| json", R"({"a":{"b":{"c":"d"},"e":1}})", "a_b_c=d, a_e=1"},
      {"| json", R"({"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"})",
       "a=\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80"},
      {"| json", R"({"a":"\q","b":"\ud800","c":"\ud800x"})", "a=, b=, c="},
      {"| json", "{\"a\":\"x\xEF\xBF\xBDy\xFFz\"}", "a=x y z"},
      {"| json", R"({"a":"","b":12345678901234567890})", "a=, b=12345678901234567890"},
      {"| json", " \t\r\n{\"a\" : 1 , \"b\" : 2 } trailing {", "a=1, b=2"},
      {"| json", R"({"a":1,})", "a=1"},
      {"| json", "{}", ""},
      {"| json", R"({"a":1x,"b":-})", "a=1x, b=-"},
  });
}

TEST(JsonStageTest, Keys) {
  Check({
      {"| json", R"({"9x":1,"foo.bar":2,"\u65e5\u672c":3,"  sp  ":4})",
       "_9x=1, __=3, foo_bar=2, sp=4"},
      {"| json", R"({" ":1,"":2})", ""},
      {"| json", R"({" ":{"foo":1}})", "foo=1"},
      {"| json", R"({"a":{"":1}})", "a=1"},
      {"| json", R"({"":{"":1}})", "=1"},
      {"| json", R"({"a":{"9":1}})", "a_9=1"},
      {"| json", R"({"x":1,"x":2})", "x=1"},
      {"| json", R"({"a":{"b":1},"a_b":2})", "a_b=1"},
  });
}

TEST(JsonStageTest, ErrorsKeepWhatWasRead) {
  Check({
      {"| json", "", JsonError(kNoObject)},
      {"| json", "text", JsonError(kNoObject)},
      {"| json", "[1]", JsonError(kNoObject)},
      {"| json", "{", JsonError(kMalformed)},
      {"| json", R"({"a" 1})", JsonError(kMalformed)},
      {"| json", R"({"a)", JsonError(kMalformed)},
      {"| json", R"({"a":)", JsonError(kMalformed)},
      {"| json", R"({"a":tru})", JsonError(kUnknown)},
      {"| json", R"({"a":undefined})", JsonError(kUnknown)},
      {"| json", R"({"a":})", JsonError(kUnknown)},
      {"| json", R"({"a":"x)", JsonError(kNoString)},
      {"| json", R"({"a":[1})", JsonError(kNoArray)},
      {"| json", R"({"a":{"b":1)", JsonError(kNoObject)},
      {"| json", R"({"a":1)", StrCat(JsonError(kNoArray), ", a=1")},
      {"| json", R"({"a":1,)", StrCat(JsonError(kNoArray), ", a=1")},
      {"| json", R"({"a":1 x)", StrCat(JsonError(kNoObject), ", a=1")},
      {"| json", R"({"a":1,b})", StrCat(JsonError(kNoObject), ", a=1")},
      {"| json", R"({"a":{"b":1,"c":tru},"d":2})", StrCat(JsonError(kUnknown), ", a_b=1")},
      {"| json", R"({"\q":1})", JsonError("Encountered an invalid escape sequence in a string")},
  });
}

TEST(JsonStageTest, NestingIsBounded) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  deep += "1" + std::string(100000, '}');
  EXPECT_EQ(ParsedOf("| json", deep), JsonError(kNoObject));
  EXPECT_EQ(ParsedOf("| json x=\"a.a\"", deep).substr(0, 5), "x={\"a");
}

TEST(JsonStageTest, Extractions) {
  Check({
      {R"(| json v="a")", R"({"a":"x\n"})", "v=x\n"},
      {R"(| json v="a",w="b.c",x="d[1]",y="d[2].e",z="[\"f g\"]")",
       R"({"a":1,"b":{"c":true},"d":[0,"s",{"e":null}],"f g":{"h":"\n"}})",
       "v=1, w=true, x=s, y=, z={\"h\":\"\\n\"}"},
      {R"(| json v="a")", R"({"a":[1,"x\n"]})", "v=[1,\"x\n\"]"},
      {R"(| json v="[0]")", "[5,6]", "v=5"},
      {R"(| json a)", R"({"a":1})", "a=1"},
      {R"(| json v="a")", R"({"b":1})", "v="},
      {R"(| json v="a")", R"({"b":{"a":1},"c":[{"a":2}]})", "v="},
      {R"(| json v="a")", R"({"a":1,"a":2})", "v=1"},
      {R"(| json v="a.b",w="a")", R"({"a":{"x":1},"a":{"b":5}})", "v=5, w={\"x\":1}"},
      {R"(| json v="a",w="c")", R"({"a":1}{"c":2})", "v=1, w=2"},
      {R"(| json v="a",w="c")", R"({"c":1} garbage {"a":2)", "v=2, w=1"},
      {R"(| json v="a")", R"({"a":"x")", "v=x"},
      {R"(| json v="a")", R"({"\u0061":1})", "v=1"},
      {R"(| json v="a")", "", ""},
      {R"(| json v="a")", R"( {"a":1})", "__error__=JSONParserErr"},
      {R"(| json v="a")", "text", "__error__=JSONParserErr"},
      {R"(| json v="a")", R"("a":1)", StrCat(JsonError(kMalformed), ", v=")},
      {R"(| json v="a",w="c")", R"({"a":tru,"c":1})", StrCat(JsonError(kUnknown), ", v=, w=1")},
      {R"(| json v="a")", R"({"a":)", StrCat(JsonError(kMalformed), ", v=")},
      {R"(| json v="d[1]",w="c")", R"({"d":[1,x2],"c":1})", "v=, w=1"},
      {R"(| json v="d[1]",w="d[0]")", R"({"d":[0 , {"d":1} ]})", "v={\"d\":1}, w=0"},
      {R"(| json v="d[0]")", R"({"d":[]})", "v="},
      {R"(| json v="b")", R"({"a":"b":1})", "v=1"},
      {R"(| json x="a",x="b")", R"({"a":1,"b":2})", "x=2"},
      // A later extraction overwrites, but not by a miss.
      {R"(| json v="a" | json v="b")", R"({"a":1,"b":2})", "v=2"},
      {R"(| json v="a" | json v="b")", R"({"a":1})", "v=1"},
      {R"(| json v="a" | json)", R"({"a":1,"v":2})", "a=1, v=1"},
      {R"(| json v="a" | drop v | json v="a")", R"({"a":1})", "v=1"},
  });
}

TEST(JsonStageTest, BadExtractionsAreStageErrors) {
  EXPECT_EQ(ParsedOf(R"(| json v="a b")", "{}"),
            "parse error : stage '| json v=\"a b\"' : "
            "cannot parse expression [a b]: syntax error: unexpected FIELD");
}

TEST(LogfmtStageTest, Pairs) {
  Check({
      {"| logfmt",
       "a=1 b=\"x y\"\tc=z\x01"
       "d=4",
       "a=1, b=x y, c=z, d=4"},
      {"| logfmt", "a= b c=\"\" d=1", "d=1"},
      {"| logfmt --keep-empty", "a= b c=\"\" d=1", "a=, b=, c=, d=1"},
      {"| logfmt", R"(a="\"\\\/\'\b\f\n\r\t\u00e9\ud83d\ude00")",
       "a=\"\\/'\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80"},
      {"| logfmt", R"(a="\ud800" b="x"c=1)", "a= , b=x, c=1"},
      {"| logfmt", "a=\"b\nc\"", "a=b\nc"},
      {"| logfmt", "foo.bar=1 9x=2 \xC3\xA9=3", "_=3, _9x=2, foo_bar=1"},
      {"| logfmt", "a=1 a=2", "a=1"},
      {"| logfmt", "a=\xEF\xBF\xBDx", "a= x"},
      {"| logfmt", "just plain text", ""},
      {"| logfmt", "", ""},
  });
}

TEST(LogfmtStageTest, MalformedPairs) {
  const auto error = [](std::string_view text) {
    return StrCat("__error__=LogfmtParserErr, __error_details__=logfmt syntax error at pos ", text);
  };
  struct Malformed {
    std::string line;
    std::string lenient;
    std::string strict;
  };
  for (const Malformed& c : std::vector<Malformed>{
           {"=v d=1", "d=1", error("1 : unexpected '='")},
           {"a==b d=1", "d=1", error("3 : unexpected '='")},
           {"a=b=c d=1", "d=1", error("4 : unexpected '='")},
           {"a=b\"c d=1", "d=1", error("4 : unexpected '\"'")},
           {"k\"x=1 d=1", "d=1", error("2 : unexpected '\"'")},
           {"\"x\" d=1", "d=1", error("1 : unexpected '\"'")},
           {"c=1 a=\"unterm d=1", "c=1", StrCat(error("18 : unterminated quoted value"), ", c=1")},
           {R"(a="\q"b=1 c=2)", "b=1, c=2", error("7 : invalid quoted value")},
           {R"(a="\u12" b=1)", "b=1", error("9 : invalid quoted value")},
           {"\xEF\xBF\xBDk=1 d=1", "d=1", error("5 : invalid key")},
       }) {
    EXPECT_EQ(ParsedOf("| logfmt", c.line), c.lenient) << c.line;
    EXPECT_EQ(ParsedOf("| logfmt --strict", c.line), c.strict) << c.line;
  }
}

TEST(LogfmtStageTest, Extractions) {
  Check({
      {R"(| logfmt v="a",w="b")", "a=1 c=2", "v=1, w="},
      {R"(| logfmt v="a")", "a=1 a=2", "v=2"},
      {R"(| logfmt v="a")", "a=1 a=", "v="},
      {R"(| logfmt v="foo_bar")", "foo.bar=1", "v=1"},
      {R"(| logfmt v="a")", "a=\xEF\xBF\xBDx", "v="},
      {R"(| logfmt v="a",w="a")", "a=1", "v=1, w=1"},
      // A key equal to a label's name counts too.
      {R"(| logfmt v="zz")", "v=2", "v=2"},
      {R"(| logfmt v="zz")", "v=2 zz=3", "v=3"},
      {R"(| logfmt v="zz",w="v")", "v=2", "v=, w=2"},
      // A key that is a parsed label already does not.
      {R"(| logfmt | logfmt q="b")", "b=2", "b=2, q="},
      {R"(| logfmt | drop b | logfmt q="b")", "b=2", "q="},
      // Under a conflict's name the first value stays.
      {R"(| logfmt app="zz")", "zz=1 app=2 zz=3", "app_extracted=1"},
      {R"(| logfmt app="zz" | logfmt app="yy")", "zz=1 yy=2", "app_extracted=1"},
      {R"(| logfmt app="zz")", "yy=2", ""},
      // Every label is set, over what was there.
      {R"(| logfmt v="a" | logfmt v="nope")", "a=1", "v="},
      {R"(| logfmt --strict v="a",w="b")", "a=1 =",
       "__error__=LogfmtParserErr, __error_details__=logfmt syntax error at pos 5 : "
       "unexpected '=', v=1, w="},
  });
}

TEST(RegexpStageTest, NamedGroups) {
  Check({
      {R"re(| regexp "(?P<x>a)(?P<y>b)?(c)")re", "zzac", "x=a, y="},
      {R"re(| regexp "(?<x>b.*)")re", "ab1\nb2", "x=b1"},
      {R"re(| regexp "(?P<x>q)")re", "ab", ""},
      {R"re(| regexp "(?P<x>.)" | regexp "(?P<x>b)")re", "ab", "x=a"},
      // What a group did not match is empty, not missing.
      {R"re(| regexp "(?P<x>a)(?P<n>b)?" | n > 2)re", "a",
       "__error__=LabelFilterErr, __error_details__=strconv.ParseFloat: parsing \"\": "
       "invalid syntax, n=, x=a"},
  });
}

TEST(PatternStageTest, CapturesBetweenLiterals) {
  Check({
      {R"(| pattern "<x> <_> <y>")", "1 2 3 4", "x=1, y=3 4"},
      {R"(| pattern "<x> <_> <y>")", "1 2", "x=1"},
      {R"(| pattern "<x> <_> <y>")", "", ""},
      {R"(| pattern "<x> <_> <y>")", " 2 3", "x=, y=3"},
      {R"(| pattern "a<x>b<y>c")", "a1b2cQ", "x=1, y=2"},
      {R"(| pattern "a<x>b<y>c")", "za1b2c", ""},
      {R"(| pattern "a<x>b<y>c")", "a1", "x=1"},
      {R"(| pattern "a<x>b<y>c")", "a1b", "x=1, y="},
      {R"(| pattern "a<x>b")", "a", "x="},
      {R"(| pattern "<_>b<x>")", "xx", ""},
      {R"(| pattern "<1a> <x>")", "<1a> q", "x=q"},
      {R"(| pattern "<x> <y>" | pattern "<y> <x>")", "a b", "x=a, y=b"},
  });
}

TEST(UnpackStageTest, EntryAndLabels) {
  const auto text = [](std::string line) { return TextOf("| unpack", {std::move(line)}); };
  const auto unchanged = [](std::string_view line, std::string_view parsed) {
    return StrCat(line, " | app=web |  | ", parsed);
  };
  EXPECT_EQ(text(R"({"_entry":"hi\n","x":"1","n":5,"o":{"q":"1"},"e":"","9k":"2","app":"3"})"),
            "hi\n | app=web |  | _9k=2, app_extracted=3, e=, x=1");
  EXPECT_EQ(text(R"({"_entry":"x","k":"1","k":"2"})"), "x | app=web |  | k=2");
  for (const std::string line : {R"({"x":"1"})", R"({"_entry":5,"x":"y"})", "", "{}"}) {
    EXPECT_EQ(text(line), unchanged(line, ""));
  }
  for (const std::string line : {"abc", " {\"_entry\":\"x\"}", "[1]"}) {
    EXPECT_EQ(text(line), unchanged(line, JsonError("expecting json object(6), but it is not")));
  }
  EXPECT_EQ(text(R"({"x":"1","_entry":"q","y":tru})"),
            unchanged(R"({"x":"1","_entry":"q","y":tru})", JsonError(kUnknown)));
  EXPECT_EQ(text(R"({"_entry":"\q"})"),
            unchanged(R"({"_entry":"\q"})",
                      JsonError("Encountered an invalid escape sequence in a string")));
}

TEST(ParserConflictTest, StreamLabelsAndMetadataMakeKeysExtracted) {
  const TestRow row{R"({"app":"1","m":"2","x":"3"})", {{"m", "M"}}};
  const std::string line = row.line;
  const auto check = [&](std::string_view stages, std::string_view rest) {
    EXPECT_EQ(TextOf(stages, row), StrCat(line, " | ", rest)) << stages;
  };
  check("| json", "app=web | m=M | app_extracted=1, m_extracted=2, x=3");
  // Stream labels conflict for ever, metadata only while it is there.
  check("| drop app,m | json", " |  | app_extracted=1, m=2, x=3");
  check("| json | drop m | json", "app=web |  | app_extracted=1, m=2, m_extracted=2, x=3");
  // label_format takes the metadata's place.
  check("| label_format m=\"new\" | json", "app=web |  | app_extracted=1, m=new, x=3");
  check("| label_format q=m | drop q | json", "app=web |  | app_extracted=1, m=2, x=3");
  // Removed labels stay removed.
  check("| json | drop x | json", "app=web | m=M | app_extracted=1, m_extracted=2");
  check("| json | label_format y=x | json", "app=web | m=M | app_extracted=1, m_extracted=2, y=3");
  check(R"(| json m="x",app="x",y="x")", "app=web | m=M | app_extracted=3, m_extracted=3, y=3");
  check(R"(| json m="nope",app="nope")", "app=web | m=M | ");
  check(R"(| drop app | json app="x")", " | m=M | app_extracted=3");
  check(R"(| drop app,m | json m="nope",app="nope")", " |  | app=, m=");
  check(R"re(| regexp "x.*(?P<app>3)(?P<m>.)")re",
        "app=web | m=M | app_extracted=3, m_extracted=\"");
  check(R"(| pattern "<app>:<m>,<_>")",
        "app=web | m=M | app_extracted={\"app\", m_extracted=\"1\"");
}

TEST(ParserConflictTest, EveryRowHasItsOwnStreamAndMetadata) {
  const std::vector<TestRow> rows = {
      {R"({"a":"1"})", {}, {{"a", "s"}}},
      {R"({"a":"2"})", {{"a", "m"}}, {{"b", "s"}}},
      {R"({"a":"3"})", {}, {{"b", "s"}}},
      {R"({"a":"4","a_extracted":"5"})", {{"a", "m"}}, {{"a", "s"}}},
  };
  ASSERT_OK_AND_ASSIGN(const auto results, RunStages("| json", rows));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0].Text(), "{\"a\":\"1\"} | a=s |  | a_extracted=1");
  EXPECT_EQ(results[1].Text(), "{\"a\":\"2\"} | b=s | a=m | a_extracted=2");
  EXPECT_EQ(results[2].Text(), "{\"a\":\"3\"} | b=s |  | a=3");
  // The metadata's own new name is a conflict for keys of that name only until it is replaced.
  EXPECT_EQ(results[3].Text(), "{\"a\":\"4\",\"a_extracted\":\"5\"} | a=s |  | a_extracted=4");
}

TEST(MetadataTest, CollisionsAndErrors) {
  EXPECT_EQ(TextOf("", {"l", {{"app", "1"}, {"m", "2"}}}), "l | app=web | app_extracted=1, m=2 | ");
  EXPECT_EQ(TextOf("", {"l", {{"app", "1"}, {"app_extracted", "2"}}}),
            "l | app=web | app_extracted=2 | ");
  EXPECT_EQ(TextOf("", {"l", {{"__error__", "E"}, {"__error_details__", "D"}}}),
            "l | app=web |  | __error__=E, __error_details__=D");
  EXPECT_EQ(TextOf("| __error__=\"\"", {"l", {{"__error__", "E"}}}), "(dropped)");
}

TEST(ParserTest, RowsWhoseFieldsStorageKnowsAreNotParsed) {
  const std::vector<TestRow> rows = {
      {"{", {}, {{"app", "web"}}, {{{"status", "503"}, {"path", "/known"}}}},
      {R"({"status":500,"path":"/parsed"})"},
      {"{", {}, {{"app", "web"}}, {{{"status", "200"}, {"path", "/dropped"}}}},
      {"{", {}, {{"app", "web"}, {"path", "/s"}}, {{{"status", "501"}, {"path", "/conflict"}}}},
      {"{", {{"path", "/m"}}, {{"app", "web"}}, {{{"status", "502"}}}},
      {"{", {}, {{"app", "web"}}, {{{"path", "/no status"}}}},
  };
  ASSERT_OK_AND_ASSIGN(
      const auto results,
      RunMetric("count_over_time({app=\"web\"} | json | status >= 500 [1m])", {{"path"}}, rows));
  std::string text;
  for (const ResultRow& row : results) StrAppend(&text, row.index, ": ", row.Parsed(), "\n");
  EXPECT_EQ(text,
            "0: path=/known, status=503\n"
            "1: path=/parsed, status=500\n"
            "3: status=501\n"
            "4: status=502\n");
}

TEST(ParserTest, TooManyDistinctKeysAskForSmallerBatches) {
  std::vector<TestRow> rows;
  for (int row = 0; row < 2100; ++row) {
    rows.push_back({StrCat("k", row, "=1")});
  }
  EXPECT_EQ(RunStages("| logfmt", rows).status().code(), kTooWide);
  rows.resize(700);
  EXPECT_OK(RunStages("| logfmt", rows).status());
}

}  // namespace
}  // namespace skald::query
