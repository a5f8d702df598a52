// Label sets and the label text that agents push.
#include "storage/model/label_parser.h"
#include "storage/model/labels.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using std::string_literals::operator""s;

TEST(LabelSetTest, IsCanonical) {
  const LabelSet labels =
      LabelSet::FromPairs({{"b", "2"}, {"a", "1"}, {"c", ""}, {"a", "3"}, {"d", "4"}, {"d", ""}});
  EXPECT_EQ(labels.ToString(), R"({a="3", b="2"})");
  EXPECT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[1], (LabelView{"b", "2"}));
  EXPECT_EQ(labels, LabelSet::FromPairs({{"a", "3"}, {"b", "2"}}));
  EXPECT_EQ(LabelSet().ToString(), "{}");
  EXPECT_TRUE(LabelSet::FromPairs({{"a", ""}}).empty());
}

TEST(LabelSetTest, NamesThatAreNoIdentifiersAreQuoted) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"_A9", R"({_A9="v"})"},
      {"on", R"({on="v"})"},
      {"k8s.pod", R"({"k8s.pod"="v"})"},
      {"9", R"({"9"="v"})"},
      {"a:b", R"({"a:b"="v"})"},
      {"a\tb", R"({"a\tb"="v"})"},
      {R"(a="b", c)", R"({"a=\"b\", c"="v"})"},
      {"\xFF", R"({"\xff"="v"})"},
      {"\xC3\xA9", "{\"\xC3\xA9\"=\"v\"}"},
  };
  for (const auto& [name, text] : cases) {
    const LabelSet labels = LabelSet::FromPairs({{name, "v"}});
    EXPECT_EQ(labels.text(), text);
    EXPECT_EQ(labels[0], (LabelView{name, "v"}));
    EXPECT_EQ(labels.Get(name), "v");
  }
}

// Two labels, and one whose name looks like them when it is not quoted.
TEST(LabelSetTest, NoTwoSetsHaveOneText) {
  const LabelSet two = LabelSet::FromPairs({{"a", "1"}, {"b", "2"}});
  const LabelSet one = LabelSet::FromPairs({{"a=\"1\", b", "2"}});
  EXPECT_NE(two.text(), one.text());
}

TEST(LabelSetTest, FindsSetsAndRemoves) {
  const LabelSet labels = LabelSet::FromPairs({{"app", "web"}, {"env", "prod"}});
  EXPECT_EQ(labels.Get("env"), "prod");
  EXPECT_EQ(labels.Get("en"), "");
  EXPECT_TRUE(labels.Has("app"));
  EXPECT_FALSE(labels.Has("zone"));
  EXPECT_EQ(labels.With("b", "x").ToString(), R"({app="web", b="x", env="prod"})");
  EXPECT_EQ(labels.With("app", "db").ToString(), R"({app="db", env="prod"})");
  EXPECT_EQ(labels.With("app", "").ToString(), R"({env="prod"})");
}

TEST(LabelSetTest, QuotesAsGo) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"plain", R"("plain")"},
      {"\a\b\f\n\r\t\v", R"("\a\b\f\n\r\t\v")"},
      {"q\"b\\", R"("q\"b\\")"},
      {"\0\x01\x1F\x7F"s, R"("\x00\x01\x1f\x7f")"},
      {"\xC3\xA9 \xE4\xB8\x96 \xF0\x9F\x98\x80", "\"\xC3\xA9 \xE4\xB8\x96 \xF0\x9F\x98\x80\""},
      {"\xFF\xC3", R"("\xff\xc3")"},
      {"\xED\xA0\x80", R"("\xed\xa0\x80")"},
      {"\xEF\xBF\xBD", "\"\xEF\xBF\xBD\""},
      {"\xC2\xA0\xC2\xAD", R"("\u00a0\u00ad")"},
      {"\xE2\x80\x8B\xEF\xBB\xBF", R"("\u200b\ufeff")"},
      {"\xF4\x8F\xBF\xBF", R"("\U0010ffff")"},
  };
  for (const auto& [text, quoted] : cases) {
    std::string out = "=";
    AppendQuoted(&out, text);
    EXPECT_EQ(out, StrCat("=", quoted));
  }
}

TEST(LabelSetTest, TheStreamIdIsTheHashOfTheText) {
  const LabelView labels[] = {{"app", "web"}, {"env", "prod"}};
  const std::string text = LabelsToString(labels);
  EXPECT_EQ(text, LabelSet::FromPairs({{"env", "prod"}, {"app", "web"}}).ToString());
  // Ids are stored: these never change.
  EXPECT_EQ(StreamIdOf(text), (StreamId{0xC995CFE37F6E6222u, 0x660F0CCC0FC33F76u}));
  EXPECT_EQ(StreamIdOf(""), (StreamId{0x99AA06D3014798D8u, 0x6001C324468D497Fu}));
}

TEST(LabelParserTest, TakesWhatPrometheusTakes) {
  const std::pair<std::string, Pairs> cases[] = {
      {"", {}},
      {"{}", {}},
      {" { } # comment", {}},
      {R"({a="b"})", {{"a", "b"}}},
      {R"({b="2",a="1", b="" ,})", {{"b", "2"}, {"a", "1"}, {"b", ""}}},
      {"{\n a = 'x\\'y' ,\tb=`raw\\n\n` #c}\n}", {{"a", "x'y"}, {"b", "raw\\n\n"}}},
      {R"({"a.b"="c", 'd'="e"})", {{"a.b", "c"}, {"d", "e"}}},
      {R"({"up"})", {{"__name__", "up"}}},
      {R"(foo{a="b"})", {{"__name__", "foo"}, {"a", "b"}}},
      {R"(foo:bar {__name__="x"})", {{"__name__", "foo:bar"}}},
      {"foo", {{"__name__", "foo"}}},
      {R"({a="\a\b\f\n\r\t\v\\\"\101\x41\u00e9\U0001F600\xff"})",
       {{"a", "\a\b\f\n\r\t\v\\\"AA\xC3\xA9\xF0\x9F\x98\x80\xFF"}}},
      {"{on=\"1\",by='\xC3\xA9'}", {{"on", "1"}, {"by", "\xC3\xA9"}}},
  };
  for (const auto& [text, pairs] : cases) {
    EXPECT_THAT(ParseLabelText(text), IsOkAndHolds(pairs)) << text;
  }
}

// Every message is what Prometheus' own parser says.
TEST(LabelParserTest, FailsWithPrometheusTexts) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({a.b="c"})", R"(1:3: parse error: unexpected character inside braces: '.')"},
      {"{\n  a=\"1\", b-c=\"2\"}", R"(2:11: parse error: unexpected character inside braces: '-')"},
      {"{a=\"b\"", "1:7: parse error: unexpected end of input inside braces"},
      {"{", "1:2: parse error: unexpected end of input inside braces"},
      {R"({a="b)", "1:4: parse error: unterminated quoted string"},
      {"{a=\"b\n\"}", "1:4: parse error: unterminated quoted string"},
      {"{a=`b", "1:4: parse error: unterminated raw string"},
      {R"({a="\q"})", R"(1:4: parse error: unknown escape sequence U+0071 'q')"},
      {R"({a="\')", R"(1:4: parse error: unknown escape sequence U+0027 ''')"},
      {R"({a="\xg"})", R"(1:4: parse error: illegal character U+0067 'g' in escape sequence)"},
      {R"({a="\u12"})", R"(1:4: parse error: illegal character U+0022 '"' in escape sequence)"},
      {R"({a="\)", "1:4: parse error: escape sequence not terminated"},
      {R"({a="\ud800"})", "1:4: parse error: escape sequence is an invalid Unicode code point"},
      {R"({a="\777"})", "1:4: parse error: escape sequence is an invalid Unicode code point"},
      {R"({a="\U00110000"})", "1:4: parse error: escape sequence is an invalid Unicode code point"},
      {"{a=\"\xFF\"}", "1:4: parse error: invalid UTF-8 rune"},
      {"{a=\"\xEF\xBF\xBD\"}", "1:4: parse error: invalid UTF-8 rune"},
      {"{a=`\xFF`}", "1:4: parse error: invalid UTF-8 rune"},
      {"{a=b}", R"(1:4: parse error: unexpected identifier "b" in label set, expected string)"},
      {"{a=}", R"(1:4: parse error: unexpected "}" in label set, expected string)"},
      {R"({a "b"})", R"(1:4: parse error: unexpected string "\"b\"" in label set, expected "=")"},
      {R"({a=~"b"})", R"(1:3: parse error: unexpected <op:=~> in label set, expected "=")"},
      {R"({a!="b"})", R"(1:3: parse error: unexpected <op:!=> in label set, expected "=")"},
      {R"({a!b})", R"(1:3: parse error: unexpected character after '!' inside braces: 'b')"},
      {"{,}", R"(1:2: parse error: unexpected "," in label set, expected identifier or "}")"},
      {R"({a="1",,})",
       R"(1:8: parse error: unexpected "," in label set, expected identifier or "}")"},
      {R"({a="1" b="2"})",
       R"(1:8: parse error: unexpected identifier "b" in label set, expected "," or "}")"},
      {R"({a="1" "a long string"})",
       R"(1:8: parse error: unexpected string "\"a long st"... in label set, expected "," or "}")"},
      {"{{", "1:2: parse error: unexpected left brace '{'"},
      {R"({a="b"}})", "1:8: parse error: unexpected character: '}'"},
      {R"({a="b"} x)", R"(1:9: parse error: unexpected identifier "x")"},
      {R"(app="web")", R"(1:4: parse error: unexpected "=")"},
      {R"({"a":"b"})", R"(1:5: parse error: unexpected character inside braces: ':')"},
      {"5", R"(1:1: parse error: unexpected number "5")"},
      {"5b{}", R"(1:1: parse error: bad number or duration syntax: "5")"},
      {"{a\xE2\x80\x8B=\"b\"}",
       R"(1:3: parse error: unexpected character inside braces: '\u200b')"},
      {"{\xFF}", "1:2: parse error: unexpected character inside braces: '\xEF\xBF\xBD'"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ParseLabelText(text), StatusIs(absl::StatusCode::kInvalidArgument, message))
        << text;
  }
}

TEST(LabelParserTest, ReadsBackEveryLabelSet) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    Pairs pairs;
    for (uint64_t i = random.Below(5); i > 0; --i) {
      const std::string_view odd = "ab\"\\\n`'{}, =\xC3\xA9";
      const std::string_view name_alphabet = random.OneIn(2) ? "abc_" : odd;
      const std::string_view alphabet = random.OneIn(2) ? "" : odd;
      pairs.emplace_back(random.Text(1 + random.Below(3), name_alphabet),
                         random.Text(random.Below(10), alphabet));
    }
    const LabelSet labels = LabelSet::FromPairs(pairs);
    ASSERT_OK_AND_ASSIGN(Pairs read, ParseLabelText(labels.ToString()));
    EXPECT_EQ(LabelSet::FromPairs(read), labels);
  }
}

TEST(LabelParserTest, SurvivesRubbish) {
  Random random(2);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = random.OneIn(2)
                                 ? random.Text(random.Below(12), "{}a=\"'`,!~\\xu0#\n .\xC3\xA9")
                                 : StrCat("{", random.Text(random.Below(12)));
    ParseLabelText(text).IgnoreError();
  }
}

}  // namespace
}  // namespace skald
