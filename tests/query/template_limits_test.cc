// What bounds a template, what it reads of a row, and how its memory is reused.
#include "gmock/gmock.h"
#include "tests/query/template_test_context.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

Template Parsed(std::string_view text) {
  auto parsed = Template::Parse("line", text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status();
  return *std::move(parsed);
}

std::string ErrorOf(std::string_view text, const TemplateContext& row) {
  TemplateScratch scratch;
  std::string out;
  return std::string(Message(Parsed(text).Execute(row, &scratch, &out)));
}

TEST(TemplateLimitsTest, EndlessWorkEnds) {
  const MapContext row({});
  constexpr std::string_view kWork = "exceeded the limit on work for one line";
  EXPECT_THAT(ErrorOf("{{range 1000000000000}}{{end}}", row), HasSubstr(kWork));
  EXPECT_THAT(ErrorOf("{{range 100000}}{{range 100000}}{{end}}{{end}}", row), HasSubstr(kWork));
  EXPECT_THAT(
      ErrorOf(R"({{$s := repeat 1000000 "x"}}{{range 1000000}}{{$t := upper $s}}{{end}})", row),
      HasSubstr(kWork));
  EXPECT_THAT(
      ErrorOf(R"({{$s := repeat 1000000 "x"}}{{range 1000000}}{{$t := contains "y" $s}}{{end}})",
              row),
      HasSubstr(kWork));
}

TEST(TemplateLimitsTest, RecursionEnds) {
  const MapContext row({});
  EXPECT_THAT(ErrorOf(R"({{define "r"}}{{template "r"}}{{end}}{{template "r"}})", row),
              HasSubstr("exceeded maximum template depth"));
  EXPECT_THAT(ErrorOf(R"({{define "a"}}{{with 1}}{{template "b"}}{{end}}{{end}})"
                      R"({{define "b"}}{{range 1}}{{template "a"}}{{end}}{{end}}{{template "a"}})",
                      row),
              HasSubstr("exceeded maximum template depth"));
}

TEST(TemplateLimitsTest, OutputEnds) {
  const MapContext row({{"a", std::string(600000, 'x')}});
  constexpr std::string_view kOutput = "exceeded the limit on output for one line";
  EXPECT_THAT(ErrorOf("{{.a}}{{.a}}", row), HasSubstr(kOutput));
  EXPECT_THAT(ErrorOf("{{print .a .a}}", row), HasSubstr(kOutput));
  EXPECT_THAT(ErrorOf("{{range 1000}}0123456789{{$.a}}{{end}}", row), HasSubstr(kOutput));
}

TEST(TemplateLimitsTest, OutputGrowsWithTheLine) {
  const MapContext row({}, std::string(2000000, 'x'));
  TemplateScratch scratch;
  std::string out;
  EXPECT_TRUE(Parsed("{{__line__}}{{__line__}}").Execute(row, &scratch, &out).ok());
  EXPECT_EQ(out.size(), 4000000u);
}

TEST(TemplateLimitsTest, LongResultsAreRefused) {
  const MapContext row({{"x", std::string(100000, 'x')}});
  for (const std::string_view text :
       {R"({{repeat 9000000000000000000 "ab"}})", R"({{indent 1000000000 "a"}})",
        R"({{alignRight 1000000000 "a"}})", R"({{replace "" .x .x}})",
        R"({{regexReplaceAll "" .x .x}})", R"x({{regexReplaceAll "(x+)" .x (repeat 99 "$1")}})x",
        R"({{printf "%1000000d%1000000d%1000000d%1000000d%1000000d" 1 2 3 4 5}})",
        R"({{printf "%999999v" (fromJson "[1,2,3,4,5,6,7,8]")}})"}) {
    EXPECT_THAT(ErrorOf(text, row), HasSubstr("the result is too long")) << text;
  }
}

TEST(TemplateLimitsTest, DecimalsAreBounded) {
  const MapContext row({});
  std::string text = "{{mulf 1e300";
  for (int i = 0; i < 1000; ++i) text += " 1e300";
  EXPECT_THAT(ErrorOf(text + "}}", row), HasSubstr("decimal out of range"));
}

TEST(TemplateLimitsTest, DeepJsonIsNoValue) {
  const MapContext row({}, std::string(100000, '[') + std::string(100000, ']'));
  TemplateScratch scratch;
  std::string out;
  EXPECT_TRUE(Parsed("{{fromJson __line__}}").Execute(row, &scratch, &out).ok());
  EXPECT_EQ(out, "<no value>");
}

TEST(TemplateFieldsTest, NamesTheLabelsThatMayBeRead) {
  EXPECT_THAT(Parsed("plain").fields(), Optional(IsEmpty()));
  EXPECT_THAT(Parsed("{{.b}} {{.a}} {{.b}}").fields(), Optional(ElementsAre("a", "b")));
  EXPECT_THAT(Parsed("{{if .a}}{{else if eq .b (print .c)}}{{$.d.x}}{{end}}").fields(),
              Optional(ElementsAre("a", "b", "c", "d")));
  EXPECT_THAT(Parsed("{{with .a}}{{.}}{{.inner}}{{$.b}}{{end}}").fields(),
              Optional(ElementsAre("a", "b")));
  EXPECT_THAT(Parsed("{{range fromJson .a}}{{.}}{{else}}{{.b}}{{end}}").fields(),
              Optional(ElementsAre("a", "b")));
  EXPECT_THAT(Parsed(R"({{define "t"}}{{.a}}{{end}}{{template "t" .}})").fields(),
              Optional(ElementsAre("a")));
  EXPECT_THAT(Parsed(R"({{define "t"}}{{.a}}{{$.b}}{{end}}{{template "t" .c}})").fields(),
              Optional(ElementsAre("c")));
  EXPECT_THAT(Parsed(R"({{define "t"}}{{template "t" .}}{{.a}}{{end}}{{template "t" $}})").fields(),
              Optional(ElementsAre("a")));
}

TEST(TemplateFieldsTest, MayReadAll) {
  for (const std::string_view text :
       {"{{.}}", "{{$}}", "{{range .}}{{end}}", "{{with $x := .}}{{$x.a}}{{end}}", "{{len .}}",
        R"({{index . "a"}})", R"({{define "t"}}{{.}}{{end}}{{template "t" .}})",
        "{{range fromJson .a}}{{$}}{{end}}", "{{(.).a}}"}) {
    EXPECT_EQ(Parsed(text).fields(), std::nullopt) << text;
  }
}

TEST(TemplateFieldsTest, KnowsAboutTheLine) {
  EXPECT_FALSE(Parsed("{{.a}}").uses_line());
  EXPECT_TRUE(Parsed("{{if .a}}{{lower __line__}}{{end}}").uses_line());
}

TEST(TemplateExecuteTest, AppendsAndReusesItsScratch) {
  const Template plain = Parsed("a{{.x}}b");
  const Template computed = Parsed(R"({{$v := upper .x}}{{$v}}{{regexReplaceAll .x "a b" "c"}})");
  TemplateScratch scratch;
  std::string out = "<";
  for (const std::string& value : std::vector<std::string>{"a", "", "b", "("}) {
    const MapContext row({{"x", value}});
    EXPECT_TRUE(plain.Execute(row, &scratch, &out).ok());
    EXPECT_EQ(computed.Execute(row, &scratch, &out).ok(), value != "(");
  }
  EXPECT_EQ(out, "<aabAc babcac cbcabbBa ca(b");
}

TEST(TemplateExecuteTest, ForgetsNothingOfManyRegexes) {
  const Template counting = Parsed("{{count .re __line__}}");
  TemplateScratch scratch;
  for (int i = 0; i < 200; ++i) {
    const MapContext row({{"re", "a{" + std::to_string(i % 40 + 1) + "}"}}, std::string(40, 'a'));
    std::string out;
    ASSERT_TRUE(counting.Execute(row, &scratch, &out).ok());
    EXPECT_EQ(out, std::to_string(40 / (i % 40 + 1)));
  }
  EXPECT_LE(scratch.regexes.size(), 16u);
}

TEST(TemplateExecuteTest, TakesBytesThatAreNotUtf8) {
  const std::string text =
      "a\xff"
      "b";
  const MapContext row({{"x", text}});
  TemplateScratch scratch;
  std::string out;
  EXPECT_TRUE(Parsed(R"({{.x}}|{{upper .x}}|{{printf "%q" .x}}|{{trunc 2 .x}}|{{title .x}})")
                  .Execute(row, &scratch, &out)
                  .ok());
  EXPECT_EQ(out,
            "a\xff"
            "b|A\uFFFDB|\"a\\xffb\"|a\xff|A\uFFFDb");
}

TEST(TemplateExecuteTest, NowIsTheContextsTime) {
  const MapContext row = ExampleRow();
  TemplateScratch scratch;
  std::string out;
  EXPECT_TRUE(
      Parsed(R"({{now.Unix}} {{date "2006" "no time"}})").Execute(row, &scratch, &out).ok());
  EXPECT_EQ(out, "1700000000 2023");
}

}  // namespace
}  // namespace skald::query
