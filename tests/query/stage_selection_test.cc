// A pipeline that only selects rows keeps the rows that the whole pipeline keeps.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/syntax/parser.h"
#include "tests/query/stage_harness.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

std::vector<TestRow> Rows() {
  std::vector<TestRow> rows = {
      {R"({"a": "x", "b": 7, "c": {"d": "y"}})"},
      {R"({"a": "x", "b": 3, "c": {"d": "z"}} trailing)"},
      {R"({"b": 3, "a": "x", "broken": })"},
      {R"({"b": 3, "broken": "no end)"},
      {R"({"b": "many", "a": "x"})"},
      {R"({"a": "x", "a": "y", "b": 9})"},
      {R"({"_entry": "b=8 a=x", "a": "y"})"},
      {R"({"app": "db", "meta": "parsed", "b": 6})"},
      {R"({"x_a": "1", "x": {"a": "2"}, "b": 6})"},
      {"a=x b=7 c_d=y"},
      {"a=x b=3 c=\"unfinished"},
      {"b=3 a==x"},
      {"b=many"},
      {"app=db meta=parsed b=6"},
      {""},
      {"x 7"},
  };
  for (size_t i = 0; i < rows.size(); i += 2) {
    rows[i].metadata = {{"meta", "data"}, {"other", "x"}, {"b", "6"}};
  }
  return rows;
}

const std::vector<std::string>& Parsers() {
  static const std::vector<std::string> parsers = {
      "| json",
      "| logfmt",
      "| logfmt --strict",
      "| logfmt --strict --keep-empty",
      R"(| json a="a", b="b", c_d="c.d")",
      R"(| logfmt a="a", b="b")",
      R"(| pattern "<a> <b>")",
      R"re(| regexp "(?P<a>[a-z]+)=?(?P<b>[0-9]*)")re",
      "| unpack",
      "| unpack | logfmt",
      "| json | logfmt",
      R"(| json | logfmt a="b")",
      "| logfmt | drop b | json",
  };
  return parsers;
}

const std::vector<std::string>& Rests() {
  static const std::vector<std::string> rests = {
      "",
      R"(| a="x")",
      R"(| a!="x")",
      "| b > 5",
      "| b > 5 and b < 8",
      "| b > 5 or a=`x`",
      "| __error__=``",
      "| __error__!=``",
      "| __error_details__!=``",
      R"(| app="web")",
      R"(| app_extracted="db")",
      R"(| meta="data")",
      R"(| meta="parsed")",
      R"(| c_d=~"y|z")",
      R"(| x_a="2")",
      R"(| other="x" | b > 5)",
      "| drop a | b > 5",
      "| drop __error__ | b > 5",
      "| keep b | a=``",
      R"(| label_format n="{{.b}}" | n > 5)",
      R"(| label_format n="{{.nothing.further}}" | b > 5)",
      R"(| label_format n=b | n > 5 | b=``)",
      R"(| line_format "{{.a}}-{{.b}}" |= "x-")",
      R"(| line_format "{{.b}}" | decolorize)",
      R"(| line_format "{{.nothing.further}}" | b > 5)",
      R"(| line_format "{{ range $k, $v := . }}{{ $k }}{{ end }}" |= "c_d")",
      "| b > 5 | logfmt",
      "|= `x` | b > 5 |= `7`",
  };
  return rests;
}

std::string Selected(const std::string& text, bool selects_rows, const std::vector<TestRow>& rows) {
  const StatusOr<Query> query = ParseQuery(StrCat("{app=\"web\"} ", text));
  if (!query.ok()) return std::string(Message(query.status()));
  PipelineOptions options;
  options.selects_rows = selects_rows;
  const auto kept = RunPipeline(*query->log(), options, rows);
  if (!kept.ok()) return std::string(Message(kept.status()));
  std::string selected;
  for (const ResultRow& row : *kept) StrAppend(&selected, row.index, " ");
  return selected;
}

TEST(StageSelectionTest, SelectsWhatTheWholePipelineKeeps) {
  const std::vector<TestRow> rows = Rows();
  for (const std::string& parser : Parsers()) {
    for (const std::string& rest : Rests()) {
      for (const std::string& text : {StrCat(parser, " ", rest), StrCat(rest, " ", parser)}) {
        EXPECT_EQ(Selected(text, true, rows), Selected(text, false, rows)) << text;
      }
    }
  }
}

TEST(StageSelectionTest, SelectsAmongLinesWithKeysOfTheirOwn) {
  std::vector<TestRow> rows;
  for (int row = 0; row < 2000; ++row) {
    std::string line = "{";
    for (int i = 0; i < 6; ++i) StrAppend(&line, "\"k", row, "_", i, "\":{\"a\":1},");
    StrAppend(&line, "\"b", row % 10, "\":", row, "}");
    rows.push_back({line});
  }
  std::string expected;
  for (int row = 1003; row < 2000; row += 10) StrAppend(&expected, row, " ");
  EXPECT_EQ(Selected("| json | b3 > 1000", true, rows), expected);
  EXPECT_EQ(Selected("| json | k1999_5_a = 1", true, rows), "1999 ");
}

TEST(StageSelectionTest, StagesThatDoNotMatterMustCompile) {
  for (const std::string text :
       {R"(| line_format "{{")", R"(| a="x" | line_format "{{")", R"(| json a="[" | logfmt)"}) {
    EXPECT_EQ(Selected(text, true, Rows()), Selected(text, false, Rows()));
    EXPECT_NE(Selected(text, true, Rows()).find("parse error"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace skald::query
