#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/syntax/parser.h"
#include "tests/query/stage_harness.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

TEST(LineFormatTest, ReplacesLines) {
  EXPECT_EQ(TextOf("| logfmt | line_format \"{{.a}}-{{.app}}-{{.nope}}\"", {"a=1"}),
            "1-web- | app=web |  | a=1");
  EXPECT_EQ(TextOf("| line_format \"\"", {"x"}), " | app=web |  | ");
  EXPECT_EQ(TextOf("| line_format \"{{__line__}}!\" |= \"x!\"", {"x"}), "x! | app=web |  | ");
  EXPECT_EQ(LinesOf("| line_format \"b\" |= \"a\"", {"a"}), "");
  EXPECT_EQ(LinesOf("| line_format \"{{.}}\"", {"x"}), "map[app:web]");
}

TEST(LineFormatTest, AnErrorLeavesTheLine) {
  EXPECT_EQ(TextOf("| line_format \"{{ unixToTime .app }}\"", {"x"}),
            "x | app=web |  | __error__=TemplateFormatErr, __error_details__=template: line:1:3: "
            "executing \"line\" at <unixToTime .app>: error calling unixToTime: unable to parse "
            "time 'web': strconv.ParseInt: parsing \"web\": invalid syntax");
  EXPECT_EQ(TextOf("| line_format \"{{\"", {"x"}),
            "parse error : stage '| line_format \"{{\"' : invalid line template: template: "
            "line:1: unclosed action");
}

TEST(LabelFormatTest, Renames) {
  const TestRow row{"l", {{"m", "M"}}};
  EXPECT_EQ(TextOf("| label_format b=m", row), "l | app=web |  | b=M");
  EXPECT_EQ(TextOf("| label_format b=app", row), "l |  | m=M | b=web");
  EXPECT_EQ(TextOf("| label_format m=app", row), "l |  |  | m=web");
  EXPECT_EQ(TextOf("| label_format app=m", row), "l |  |  | app=M");
  EXPECT_EQ(TextOf("| label_format b=nope", row), "l | app=web | m=M | ");
  EXPECT_EQ(TextOf("| label_format app=app", row), "l |  | m=M | ");
  EXPECT_EQ(ParsedOf("| logfmt | label_format x=x", "x=1"), "");
}

TEST(LabelFormatTest, TemplatesOfAStageSeeTheLabelsBeforeTheFirstOfThem) {
  EXPECT_EQ(ParsedOf("| label_format c=\"{{.app}}\", d=\"{{.c}}\"", "l"), "c=web, d=");
  EXPECT_EQ(ParsedOf("| logfmt | label_format c=\"{{.x}}\", e=x, f=\"{{.e}}{{.x}}\"", "x=1"),
            "c=1, e=1, f=1");
  EXPECT_EQ(ParsedOf("| logfmt | label_format e=x, f=\"{{.e}}{{.x}}\"", "x=1"), "e=1, f=1");
  EXPECT_EQ(TextOf("| label_format app=\"{{.x}}\", b=app, c=\"{{.app}}\"", {"l"}),
            "l |  |  | b=, c=web");
}

TEST(LabelFormatTest, ErrorsLeaveOneLabelOut) {
  EXPECT_EQ(ParsedOf("| label_format q=\"{{ unixToTime .app }}\", r=\"ok\"", "l"),
            "__error__=TemplateFormatErr, __error_details__=template: label:1:3: executing "
            "\"label\" at <unixToTime .app>: error calling unixToTime: unable to parse time "
            "'web': strconv.ParseInt: parsing \"web\": invalid syntax, r=ok");
}

TEST(LabelFormatTest, StageErrors) {
  EXPECT_EQ(ParsedOf("| label_format a=b,a=c", ""),
            "parse error : stage '| label_format a=b,a=c' : multiple label name 'a' not allowed "
            "in a single format operation");
  EXPECT_EQ(ParsedOf("| label_format __error__=b", ""),
            "parse error : stage '| label_format __error__=b' : __error__ cannot be formatted");
  EXPECT_EQ(ParsedOf("| label_format a=\"{{\"", ""),
            "parse error : stage '| label_format a=\"{{\"' : invalid template for label 'a': "
            "template: label:1: unclosed action");
}

TEST(DropTest, RemovesLabelsOfEveryCategory) {
  const TestRow row{"x=1 m=2", {{"m", "M"}}};
  EXPECT_EQ(TextOf("| logfmt | drop app,m,x,nope", row), "x=1 m=2 |  |  | m_extracted=2");
  EXPECT_EQ(TextOf("| drop m=\"M\"", row), "x=1 m=2 | app=web |  | ");
  EXPECT_EQ(TextOf("| drop m=\"Q\"", row), "x=1 m=2 | app=web | m=M | ");
  EXPECT_EQ(TextOf("| drop m!=\"Q\"", row), "x=1 m=2 | app=web |  | ");
  // Conditions are anchored here, unlike those of label filters.
  EXPECT_EQ(TextOf("| drop app=~\"eb.*\"", row), "x=1 m=2 | app=web | m=M | ");
  EXPECT_EQ(TextOf("| drop app=~\"w.*\"", row), "x=1 m=2 |  | m=M | ");
}

TEST(DropTest, ErrorsAreDroppedOneByOne) {
  const std::string details =
      "__error_details__=Value looks like object, but can't find closing '}' symbol";
  EXPECT_EQ(ParsedOf("| json | drop __error__", "x"), details);
  EXPECT_EQ(ParsedOf("| json | drop __error__, __error_details__", "x"), "");
  EXPECT_EQ(ParsedOf("| json | drop __error__=\"JSONParserErr\"", "x"), details);
  EXPECT_EQ(ParsedOf("| json | drop __error__=\"other\"", "x"),
            StrCat("__error__=JSONParserErr, ", details));
  EXPECT_EQ(ParsedOf("| json | drop __error_details__=~\".+\"", "x"), "__error__=JSONParserErr");
}

TEST(KeepTest, RemovesAllOtherLabels) {
  const TestRow row{"x=1 y=2", {{"m", "M"}}};
  EXPECT_EQ(TextOf("| logfmt | keep x,m", row), "x=1 y=2 |  | m=M | x=1");
  EXPECT_EQ(TextOf("| logfmt | keep app=\"web\",x=\"2\"", row), "x=1 y=2 | app=web |  | ");
  EXPECT_EQ(TextOf("| logfmt | keep x=\"2\",x=\"1\"", row), "x=1 y=2 |  |  | x=1");
  EXPECT_EQ(ParsedOf("| json | keep nope", "x").substr(0, 41),
            "__error__=JSONParserErr, __error_details_");
}

TEST(DecolorizeTest, EscapeSequences) {
  for (const auto& [line, expected] : std::vector<std::pair<std::string, std::string>>{
           {"\x1b[31mred\x1b[0m x", "red x"},
           {"\x1b]0;title\x07"
            "after",
            "after"},
           {"a\xC2\x9B"
            "1mb",
            "ab"},
           {"\x1b[38;5;196mhi", "hi"},
           {"x\x1b(By", "xy"},
           {"\x1b[?25l", ""},
           {"\x1b[12345m", "m"},
           {"\x1b[31;", ";"},
           {"\x1b[ax", "\x1b[ax"},
           {"\x1b", "\x1b"},
           {"plain", "plain"},
       }) {
    EXPECT_EQ(LinesOf("| decolorize", {line}), expected) << line;
  }
  // A later filter sees the clean line.
  EXPECT_EQ(LinesOf("| decolorize |= \"a b\"", {"a\x1b[1m b"}), "a b");
}

TEST(StageOrderTest, LineFiltersSeeTheLineAsItIsThere) {
  EXPECT_EQ(LinesOf("| json | a=\"1\" |= \"b\"", {R"({"a":1,"b":2})", R"({"a":1})"}),
            R"({"a":1,"b":2})");
  EXPECT_EQ(LinesOf("| unpack |= \"x\"", {R"({"_entry":"x"})", R"({"_entry":"y","k":"x"})"}), "x");
}

// ---- Hints (logql.md 5.10) ----

StatusOr<std::vector<ResultRow>> Grouped(std::string_view query, std::vector<std::string> labels,
                                         const std::vector<TestRow>& rows) {
  return RunMetric(query, std::move(labels), rows);
}

std::string GroupedText(std::string_view query, std::vector<std::string> labels,
                        const std::string& line) {
  const auto rows = Grouped(query, std::move(labels), {{line}});
  if (!rows.ok()) return std::string(Message(rows.status()));
  return rows->empty() ? "(dropped)" : rows->front().Parsed();
}

TEST(HintsTest, ParsersExtractOnlyWhatIsNeeded) {
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | json [1m])", {"x"}, R"({"y":1,"x":2,"z":3})"),
            "x=2");
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | logfmt | y>0 [1m])", {"x"}, "y=1 x=2 z=3"),
            "x=2, y=1");
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | logfmt | label_format q=z [1m])", {"x"},
                        "y=1 x=2 z=3"),
            "q=3, x=2");
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | logfmt | label_format q=\"{{.y}}\" [1m])",
                        {"x"}, "y=1 x=2 z=3"),
            "q=1, x=2, y=1");
  EXPECT_EQ(GroupedText("sum_over_time({a=\"b\"} | logfmt | unwrap z [1m])", {"x"}, "y=1 x=2 z=3"),
            "x=2, z=3");
  // A template that may read any label needs all.
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | logfmt | label_format q=\"{{.}}\" [1m])",
                        {"x"}, "y=1 x=2"),
            "q=map[app:web x:2 y:1], x=2, y=1");
}

TEST(HintsTest, TheRestOfALineIsNotParsedOnceAllIsFound) {
  const std::string line = R"({"st":"200", oops)";
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | json [1m])", {"st"}, line), "st=200");
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | json [1m])", {"app"}, line),
            "__error__=JSONParserErr, __error_details__=Value looks like object, but can't find "
            "closing '}' symbol");
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | json | logfmt --strict [1m])", {"st"},
                        R"({"st":"200", =")"),
            "st=200");
}

TEST(HintsTest, ConflictsAreFoundUnderTheirNewName) {
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | logfmt [1m])", {"app_extracted"}, "app=1 b=2"),
            "app_extracted=1");
}

TEST(HintsTest, WithoutNeededLabelsParsersAreSkipped) {
  for (const std::string parser :
       {"json", "logfmt --strict", "unpack", "pattern \"<x>\"", "json x=\"y\""}) {
    EXPECT_EQ(GroupedText(StrCat("count_over_time({a=\"b\"} | ", parser, " [1m])"), {}, "=x"), "")
        << parser;
  }
  EXPECT_NE(GroupedText("count_over_time({a=\"b\"} | json [1m])", {"q"}, "=x"), "");
}

TEST(HintsTest, ErrorsArePreservedWhenTheErrorLabelIsNeeded) {
  const std::string preserved =
      "__error__=JSONParserErr, __error_details__=Value looks like object, but can't find closing "
      "'}' symbol, __preserve_error__=true";
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | json [1m])", {"__error__"}, "x"), preserved);
  EXPECT_EQ(GroupedText("count_over_time({a=\"b\"} | json | __error__!=\"\" [1m])", {"app"}, "x"),
            preserved);
  EXPECT_EQ(ParsedOf("| json", "x").find("__preserve_error__"), std::string::npos);
}

TEST(HintsTest, AnEarlyConditionChangesNoAnswer) {
  const std::vector<std::string> lines = {"lvl=info n=5", "lvl=debug"};
  for (const std::string query : {
           "| logfmt | lvl=\"info\"",
           "| logfmt | label_format lvl=\"{{.lvl}}X\" | lvl=\"infoX\"",
           "| logfmt | logfmt lvl=\"n\" | lvl=\"info\"",
           "| logfmt | n>3 | lvl=\"info\"",
       }) {
    EXPECT_EQ(LinesOf(query, lines), "lvl=info n=5") << query;
  }
  for (const std::string query : {
           "| logfmt | label_format y=lvl | lvl=\"\"",
           "| logfmt | drop lvl | lvl=\"\"",
           "| logfmt | keep n | lvl=\"\"",
       }) {
    EXPECT_EQ(LinesOf(query, lines), "lvl=info n=5|lvl=debug") << query;
  }
}

TEST(HintsTest, AConditionBeforeAParserIsPutToItsLabelsToo) {
  const std::vector<std::string> lines = {"lvl=info n=5", "lvl=debug", "n=1"};
  EXPECT_EQ(LinesOf("| lvl=\"\" | logfmt", lines), "n=1");
  EXPECT_EQ(LinesOf("| lvl!=\"debug\" | logfmt", lines), "lvl=info n=5|n=1");
}

TEST(UnwrapTest, Values) {
  struct Case {
    std::string unwrap;
    std::string line;
    double value;
  };
  for (const Case& c : std::vector<Case>{{"v", "v=1.5", 1.5},
                                         {"v", "v=1_0", 10},
                                         {"v", "v=0x1p4", 16},
                                         {"duration(v)", "v=1m30s", 90},
                                         {"duration_seconds(v)", "v=250ms", 0.25},
                                         {"bytes(v)", "v=\"1.5 kB\"", 1500},
                                         {"bytes(v)", "v=1KiB", 1024}}) {
    ASSERT_OK_AND_ASSIGN(
        const auto rows,
        RunMetric(StrCat("sum_over_time({a=\"b\"} | logfmt | unwrap ", c.unwrap, " [1m])"),
                  std::nullopt, {{c.line}}));
    ASSERT_EQ(rows.size(), 1u) << c.line;
    EXPECT_DOUBLE_EQ(rows[0].value, c.value) << c.line;
    EXPECT_EQ(rows[0].Parsed().find("__error__"), std::string::npos);
  }
}

TEST(UnwrapTest, MissingValuesAndErrors) {
  const auto run = [](std::string_view unwrap, const std::string& line) -> std::string {
    const auto rows =
        RunMetric(StrCat("sum_over_time({a=\"b\"} | logfmt | unwrap ", unwrap, " [1m])"),
                  std::nullopt, {{line, {{"m", "7"}}}});
    if (!rows.ok()) return std::string(Message(rows.status()));
    return rows->empty() ? "(dropped)" : StrCat(rows->front().value, ": ", rows->front().Parsed());
  };
  EXPECT_EQ(run("v", "w=1"), "(dropped)");
  EXPECT_EQ(run("m", "w=1"), "7: w=1");
  EXPECT_EQ(run("v", "v=x"),
            "0: __error__=SampleExtractionErr, __error_details__=strconv.ParseFloat: parsing "
            "\"x\": invalid syntax, v=x");
  EXPECT_EQ(run("v | __error__=\"\"", "v=x"), "(dropped)");
  EXPECT_EQ(run("v | v>3", "v=2"), "(dropped)");
  EXPECT_EQ(run("v | v>3", "v=5"), "5: v=5");
}

// ---- What the compiler tells the engine ----

std::unique_ptr<Pipeline> Compiled(std::string_view stages, const PipelineOptions& options) {
  // The pipeline refers to its query.
  static std::vector<std::unique_ptr<Query>> queries;
  queries.push_back(std::make_unique<Query>(*ParseQuery(StrCat("{a=\"b\"} ", stages))));
  return *Pipeline::Compile(*queries.back()->log(), options);
}

TEST(CompilerTest, LeadingLineFiltersBecomeConditions) {
  const auto count = [](std::string_view stages) {
    return Compiled(stages, {})->line_conditions().size();
  };
  EXPECT_EQ(count("|= \"a\" != \"b\""), 2u);
  EXPECT_EQ(count("| json |= \"a\" | x=\"1\" |~ \"b\""), 2u);
  EXPECT_EQ(count("|= \"a\" | line_format \"x\" |= \"b\""), 1u);
  EXPECT_EQ(count("| unpack |= \"a\""), 0u);
  EXPECT_EQ(count("| decolorize |= \"a\""), 0u);
  EXPECT_EQ(count("|= \"\" |~ \".*\""), 0u);
  EXPECT_FALSE(Compiled("|= \"a\"", {})->has_operators());
}

TEST(CompilerTest, MetricQueriesReadLinesOnlyWhenSomethingDoes) {
  PipelineOptions metric;
  metric.metric = true;
  EXPECT_TRUE(Compiled("", {})->needs_lines());
  EXPECT_FALSE(Compiled("|= \"a\" | app=\"x\"", metric)->needs_lines());
  EXPECT_TRUE(Compiled("| json", metric)->needs_lines());
  EXPECT_TRUE(Compiled("| label_format x=\"{{__line__}}\"", metric)->needs_lines());
  // A line that nobody reads is not formatted, unless its bytes are counted.
  EXPECT_FALSE(Compiled("| line_format \"{{.a}}\"", metric)->has_operators());
  EXPECT_TRUE(Compiled("| line_format \"{{.a}}\" | logfmt", metric)->changes_lines());
  metric.counts_bytes = true;
  EXPECT_TRUE(Compiled("| line_format \"{{.a}}\"", metric)->changes_lines());
  EXPECT_FALSE(Compiled("| json", metric)->changes_lines());
}

TEST(CompilerTest, FiltersOnParsedLabelsAskForWordsOfTheirValues) {
  const auto asked = [](std::string_view stages) {
    std::string text;
    const std::unique_ptr<Pipeline> pipeline = Compiled(stages, {});
    for (const FieldCondition& condition : pipeline->field_conditions()) {
      for (const RequiredPair& pair : condition.labels[0]) StrAppend(&text, pair.name, " ");
      for (const RequiredLiteral& literal : condition.literals[0]) {
        StrAppend(&text, literal.text,
                  literal.place == LiteralPlace::kWholeField ? " whole; " : "; ");
      }
    }
    return text;
  };
  EXPECT_EQ(asked("| json | a=\"abcd1\""), "a abcd1 whole; ");
  EXPECT_EQ(asked("| logfmt | b > 5 | a=\"x-abcd\" | c=\"defg\""), "a abcd; c defg whole; ");
  EXPECT_EQ(asked("| pattern \"<a> <b>\" | a=\"abcd1\""), "a abcd1; ");
  EXPECT_EQ(asked("| json | a=~\"abcd|efgh\" and b=\"1234\""),
            "a a abcd whole; efgh whole; b 1234 whole; ");
  EXPECT_EQ(asked("| json | a=\"abcd\" or b=\"efgh\""), "a b abcd whole; efgh whole; ");
  EXPECT_EQ(asked("| unpack | a=\"abcd\""), "a abcd whole; ");
  EXPECT_EQ(asked("| json | line_format \"x\" | a=\"abcd\""), "a abcd whole; ");
  for (const std::string_view nothing :
       {"| a=\"abcd\"", "| json | a=\"abc\"", "| json | a!=\"abcd\"", "| json | a=~\"abcd.*\"",
        "| json | a=\"abcd\" or b > 5", "| json | a_extracted=\"abcd\"",
        "| json | __error__=\"JSONParserErr\"", "| json | __preserve_error__=\"true\"",
        "| json | label_format a=b | a=\"abcd\"", "| line_format \"x\" | json | a=\"abcd\"",
        "| unpack | json | b=\"abcd\"", "| decolorize | json | b=\"abcd\""}) {
    EXPECT_EQ(asked(nothing), "") << nothing;
  }
}

TEST(CompilerTest, AsksStorageForTheFieldsOfTheFirstParser) {
  PipelineOptions options;
  EXPECT_EQ(Compiled("| json | x=\"1\"", options)->fields(), nullptr);  // every label is shown
  options.metric = true;
  options.grouping_labels = {{"a"}};
  const auto asked = [&](std::string_view stages) -> std::string {
    const std::unique_ptr<Pipeline> pipeline = Compiled(stages, options);
    if (pipeline->fields() == nullptr) return "nothing";
    std::string text = pipeline->fields()->syntax == FieldSyntax::kJson ? "json" : "logfmt";
    for (const std::string& name : pipeline->fields()->names) StrAppend(&text, " ", name);
    if (!pipeline->needs_only_fields()) text += ", and lines";
    return text;
  };
  EXPECT_EQ(asked("| json"), "json a");
  EXPECT_EQ(asked("|= \"x\" | json | b > 1"), "json a b");
  EXPECT_EQ(asked("| logfmt | b > 1"), "logfmt a b");
  EXPECT_EQ(asked("| app=\"x\" | json |= \"x\""), "json a app");
  EXPECT_EQ(asked("| json | line_format \"{{.b}}\" |= \"x\""), "json a b, and lines");
  EXPECT_EQ(asked("| json | logfmt"), "json a, and lines");
  EXPECT_EQ(asked("| json | c=\"1\" | label_format b=\"{{__line__}}\" | b=\"1\""),
            "json a b c, and lines");
  EXPECT_EQ(asked("| line_format \"x\" | json"), "nothing");
  EXPECT_EQ(asked("| pattern \"<a> <b>\" | json"), "nothing");
  EXPECT_EQ(asked("| json x=\"y\" | x=\"1\""), "nothing");
  EXPECT_EQ(asked("| logfmt --strict"), "nothing");
  EXPECT_EQ(asked("| logfmt --keep-empty"), "nothing");
  EXPECT_EQ(asked("| json | __error__=\"\""), "nothing");
  EXPECT_EQ(asked("| json | b_extracted=\"1\""), "nothing");
}

TEST(CompilerTest, Metadata) {
  EXPECT_EQ(Compiled("", {})->metadata_needed(), std::nullopt);
  PipelineOptions grouped;
  grouped.metric = true;
  grouped.grouping_labels = std::vector<std::string>{"x_extracted"};
  const auto needed = Compiled("| y=\"1\"", grouped)->metadata_needed();
  ASSERT_TRUE(needed.has_value());
  EXPECT_EQ(*needed,
            (std::vector<std::string>{"__error__", "__error_details__", "x", "x_extracted", "y"}));
}

// ---- No input crashes a stage ----

TEST(MutationTest, RandomLinesThroughEveryStage) {
  const std::vector<std::string> seeds = {
      R"({"a":"x\n","b":{"c":[1,{"d":2}]},"lvl":"info","n":-1.5,"_entry":"p=1"})",
      R"(lvl=info n=5 msg="a \"b\" \u00e9" dur=1.5s ip=10.0.0.1 empty= "bad)",
      "\x1b[31m10.0.0.1 - bob [x] \"GET / HTTP\" 200\x1b[0m 2001:db8::1",
  };
  const std::string pipeline =
      "| json | logfmt | logfmt q=\"lvl\" | json x=\"b.c[1].d\",y=\"a\" | pattern \"<p1> <_> "
      "<p2>\" "
      "| regexp \"(?P<r>[a-z]+)=\" | decolorize | n>0 or dur>1s or ip=ip(\"10.0.0.0/8\") or "
      "app=\"web\" "
      "| label_format z=lvl,zz=\"{{.a}}\" | line_format \"{{.lvl}} {{__line__}}\" | drop a | "
      "unpack "
      "| keep lvl,n,q";
  Random random(3);
  std::vector<TestRow> rows;
  for (int i = 0; i < 3000; ++i) {
    std::string line = random.Pick(seeds);
    for (uint64_t n = random.Below(6); n > 0; --n) {
      const size_t at = random.Below(line.size() + 1);
      switch (random.Below(3)) {
        case 0:
          line.insert(at, random.Text(1, "{}[]\":,=\\ \t\xFF\xC3.0a"));
          break;
        case 1:
          line.erase(at, random.Below(3));
          break;
        default:
          line.resize(at);
      }
    }
    rows.push_back({std::move(line)});
  }
  for (size_t i = 0; i < rows.size(); i += 500) {
    const std::vector<TestRow> part(rows.begin() + static_cast<std::ptrdiff_t>(i),
                                    rows.begin() + static_cast<std::ptrdiff_t>(i + 500));
    const auto results = RunStages(pipeline, part);
    ASSERT_OK(results.status());
    EXPECT_EQ(results->size(), part.size());
  }
}

}  // namespace
}  // namespace skald::query
