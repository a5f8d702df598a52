// Texts that do not parse, and the messages that Go gives for them.
#include "gtest/gtest.h"
#include "query/template/template_parser.h"

namespace skald::query {
namespace {

std::string ErrorOf(const StatusOr<std::unique_ptr<const TemplateTrees>>& trees) {
  return std::string(Message(trees.status()));
}

struct ParseErrorCase {
  std::string_view text;
  std::string_view error;
};

constexpr ParseErrorCase kErrors[] = {
    {R"({{define "line"}}abc{{end}}def)",
     R"(template: line:1: template: multiple definition of template "line")"},
    {R"({{define "a"}}1{{end}}{{define "a"}}2{{end}})",
     R"(template: line:1: template: multiple definition of template "a")"},
    {R"({{define "a"}}{{if}}{{end}})", "template: line:1: missing value for if"},
    {"{{$y}}", R"(template: line:1: undefined variable "$y")"},
    {"{{$x}}", R"(template: line:1: undefined variable "$x")"},
    {"{{if}}x{{end}}", "template: line:1: missing value for if"},
    {"{{if .a}}x", "template: line:1: unexpected EOF"},
    {"{{end}}", "template: line:1: unexpected {{end}}"},
    {"{{else}}", "template: line:1: unexpected {{else}}"},
    {"{{if .a}}{{else}}{{else}}{{end}}", "template: line:1: expected end; found {{else}}"},
    {"{{range .}}{{end}}{{break}}", "template: line:1: {{break}} outside {{range}}"},
    {"{{break}}", "template: line:1: {{break}} outside {{range}}"},
    {"{{continue}}", "template: line:1: {{continue}} outside {{range}}"},
    {"{{range .}}{{continue x}}{{end}}", R"(template: line:1: unexpected "x" in {{continue}})"},
    {"{{ .status }", R"(template: line:1: unexpected "}" in operand)"},
    {"{{ .status", "template: line:1: unclosed action"},
    {R"({{ "abc)", "template: line:1: unterminated quoted string"},
    {"{{ `abc", "template: line:1: unterminated raw quoted string"},
    {"{{ 'a", "template: line:1: unterminated character constant"},
    {"{{/* x", "template: line:1: unclosed comment"},
    {"{{/* x */ }}", "template: line:1: comment ends before closing delimiter"},
    {"{{ foo }}", R"(template: line:1: function "foo" not defined)"},
    {"{{ .a | foo }}", R"(template: line:1: function "foo" not defined)"},
    {"{{ foo.bar }}", R"(template: line:1: function "foo" not defined)"},
    {"{{ ) }}", "template: line:1: unexpected right paren"},
    {"{{ (1 }}", "template: line:1: unclosed left paren"},
    {"{{ (1) ) }}", "template: line:1: unexpected right paren"},
    {"{{}}", "template: line:1: missing value for command"},
    {"{{ | }}", R"(template: line:1: unexpected "|" in command)"},
    {"{{ 1 | 2 }}", "template: line:1: non executable command in pipeline stage 2"},
    {R"({{ "x" | "y" }})", "template: line:1: non executable command in pipeline stage 2"},
    {"{{ 1e400 }}", R"(template: line:1: illegal number syntax: "1e400")"},
    {"{{ 08 }}", R"(template: line:1: integer overflow: "08")"},
    {"{{ 1x }}", R"(template: line:1: bad number syntax: "1x")"},
    {"{{ 1+2 }}", R"(template: line:1: bad number syntax: "1+2")"},
    {"{{ 'ab' }}", "template: line:1: malformed character constant: 'ab'"},
    {"{{ '' }}", "template: line:1: invalid syntax"},
    {R"({{ "a\q" }})", "template: line:1: invalid syntax"},
    {R"({{ "a\400" }})", "template: line:1: invalid syntax"},
    {"{{ # }}", R"(template: line:1: unexpected "#" in command)"},
    {"{{ é }}", R"(template: line:1: function "é" not defined)"},
    {"{{ ~ }}", R"(template: line:1: unexpected "~" in command)"},
    {"{{ .a~ }}", "template: line:1: bad character U+007E '~'"},
    {"{{ $x := }}", "template: line:1: missing value for command"},
    {"{{ $x, $y := 1 }}", "template: line:1: too many declarations in command"},
    {"{{range $x, $y, $z := .}}{{end}}", "template: line:1: too many declarations in range"},
    {"{{range $x, 1}}{{end}}", "template: line:1: range can only initialize variables"},
    {"{{ := }}", R"(template: line:1: unexpected ":=" in command)"},
    {"{{ a := 1 }}", R"(template: line:1: function "a" not defined)"},
    {"{{ nil.x }}", R"(template: line:1: unexpected . after term "nil")"},
    {"{{ 1.x }}", R"(template: line:1: bad number syntax: "1.x")"},
    {R"({{ "a".x }})", R"(template: line:1: unexpected . after term "\"a\"")"},
    {"{{ true.x }}", R"(template: line:1: unexpected . after term "true")"},
    {"{{ ..x }}", R"(template: line:1: unexpected . after term ".")"},
    {R"({{ quote "a" }})", R"(template: line:1: function "quote" not defined)"},
    {"{{range $i := fromJson .arr}}{{$i}}{{end}}{{$i}}",
     R"(template: line:1: undefined variable "$i")"},
    {"{{ template x }}", R"(template: line:1: unexpected "x" in template clause)"},
    {R"({{ template "x" })", R"(template: line:1: unexpected "}" in template clause)"},
    {"{{ define x }}{{ end }}", R"(template: line:1: unexpected "x" in define clause)"},
    {R"({{ define "x" y }}{{ end }})", R"(template: line:1: unexpected "y" in define clause)"},
    {R"({{ if true }}{{ define "x" }}{{ end }}{{ end }})",
     "template: line:1: unexpected <define> in command"},
    {R"({{ block "x" }}{{ end }})", "template: line:1: missing value for block clause"},
    {R"({{ block "x" . }}{{ else }}{{ end }})",
     "template: line:1: unexpected {{else}} in block clause"},
    {R"({{ define "x" }}{{ else }}{{ end }})",
     "template: line:1: unexpected {{else}} in define clause"},
    {R"({{range .}}{{block "b" .}}{{break}}{{end}}{{end}})",
     "template: line:1: {{break}} outside {{range}}"},
    {"{{ end }}", "template: line:1: unexpected {{end}}"},
    {"{{ with }}{{ end }}", "template: line:1: missing value for with"},
    {"{{ if .a }}{{ else if }}{{ end }}", "template: line:1: missing value for if"},
    {"{{ if .a }}{{ else x }}{{ end }}", R"(template: line:1: unexpected "x" in else)"},
    {"{{ end x }}", R"(template: line:1: unexpected "x" in end)"},
    {"{{ .a, .b }}", R"(template: line:1: unexpected "," in operand)"},
    {"{{ .a; }}", "template: line:1: bad character U+003B ';'"},
    {"{{ .a! }}", "template: line:1: bad character U+0021 '!'"},
    {"{{ $.}}", "template: line:1: unexpected <.> in operand"},
    {"{{-.level}}", R"(template: line:1: bad number syntax: "-.l")"},
    {"{{3-}}", R"(template: line:1: bad number syntax: "3-")"},
    {"{{{.level}}}", R"(template: line:1: unexpected "{" in command)"},
    {"x\n\n  {{ foo }}", R"(template: line:3: function "foo" not defined)"},
    {"{{ .level\n\n", "template: line:3: unclosed action started at line:1"},
    {"{{ if .a }}\n\n{{ end", "template: line:3: unclosed action"},
    {"a\n{{ /* \n */ }}", R"(template: line:2: unexpected "/" in command)"},
    {"{{ \"a\nb\" }}", "template: line:1: unterminated quoted string"},
    {"{{ (print\n", "template: line:2: unclosed action started at line:1"},
    {"{{\n\n)}}", "template: line:3: unexpected right paren in action started at line:1"},
};

TEST(TemplateParseTest, Errors) {
  for (const ParseErrorCase& c : kErrors) {
    EXPECT_EQ(ErrorOf(ParseTemplate("line", c.text)), c.error) << c.text;
  }
}

TEST(TemplateParseTest, NamesTheTemplateAsTheCallerDoes) {
  EXPECT_EQ(ErrorOf(ParseTemplate("label", "{{ .a")), "template: label:1: unclosed action");
}

// Nodes print as they stand in messages: spaces normalised, all else as written.
TEST(TemplateParseTest, PrintsNodes) {
  constexpr std::string_view kText =
      R"(a{{if and .x (eq $ 1.5)}}{{$y := "s\t" | print nil}}{{else}}{{range $i, $e := .l}})"
      R"({{break}}{{end}}{{with (.a).b.c}}{{.}}{{end}}{{end}}{{template "t" $.q}}{{'c'}})";
  const auto trees = ParseTemplate("line", std::string(kText) + R"({{define "t"}}{{end}})");
  ASSERT_TRUE(trees.ok()) << trees.status();
  EXPECT_EQ(NodeText(*(*trees)->Find("line")), kText);
}

TEST(TemplateParseTest, BoundsNesting) {
  std::string parentheses = "{{" + std::string(5000, '(') + "1" + std::string(5000, ')') + "}}";
  EXPECT_EQ(ErrorOf(ParseTemplate("line", parentheses)),
            "template: line:1: max expression depth exceeded");
  std::string branches;
  for (int i = 0; i < 5000; ++i) branches += "{{if 1}}";
  EXPECT_EQ(ErrorOf(ParseTemplate("line", branches)),
            "template: line:1: max nesting depth exceeded");
  std::string chain = "{{if 1}}";
  for (int i = 0; i < 5000; ++i) chain += "{{else if 1}}";
  EXPECT_EQ(ErrorOf(ParseTemplate("line", chain)), "template: line:1: max nesting depth exceeded");
}

}  // namespace
}  // namespace skald::query
