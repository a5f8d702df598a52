// JSON text, targets, forms and response heads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "server/http/json_writer.h"
#include "server/http/response.h"
#include "server/http/target.h"

namespace skald::http {
namespace {

using testing::ElementsAre;

std::string Quoted(std::string_view value, JsonEscape escape = JsonEscape::kPlain) {
  std::string out;
  AppendJsonString(&out, value, escape);
  return out;
}

std::string SecondsText(int64_t nanos) {
  std::string out;
  AppendJsonSeconds(&out, nanos);
  return out;
}

TEST(JsonStringTest, EscapesWhatGoEscapes) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("plain text, no escapes /"), R"("plain text, no escapes /")");
  EXPECT_EQ(Quoted("a\"b\\c\nd\re\tf"), R"("a\"b\\c\nd\re\tf")");
  EXPECT_EQ(Quoted(std::string_view("\0\x01\x1f\b\f\x7f", 6)),
            "\"\\u0000\\u0001\\u001f\\u0008\\u000c\x7f\"");
}

TEST(JsonStringTest, EscapesMarkupOnlyWhenAsked) {
  EXPECT_EQ(Quoted("<a&b>"), R"("<a&b>")");
  EXPECT_EQ(Quoted("<a&b>", JsonEscape::kHtml), R"("\u003ca\u0026b\u003e")");
  EXPECT_EQ(Quoted("x\u2028y\u2029z"), "\"x\u2028y\u2029z\"");
  EXPECT_EQ(Quoted("x\u2028y\u2029z", JsonEscape::kHtml), R"("x\u2028y\u2029z")");
}

TEST(JsonStringTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(Quoted("é€😀"), "\"é€😀\"");
  EXPECT_EQ(Quoted("a\xff"
                   "b"),
            R"("a\ufffdb")");
  EXPECT_EQ(Quoted("\xe2\x82"), R"("\ufffd\ufffd")");
  EXPECT_EQ(Quoted("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
}

TEST(JsonSecondsTest, HasAtMostThreeDecimals) {
  EXPECT_EQ(SecondsText(1795224000'000000000), "1795224000");
  EXPECT_EQ(SecondsText(1795223840'924000000), "1795223840.924");
  EXPECT_EQ(SecondsText(1795223840'900999999), "1795223840.9");
  EXPECT_EQ(SecondsText(1795223840'050000000), "1795223840.05");
  EXPECT_EQ(SecondsText(0), "0");
  EXPECT_EQ(SecondsText(-1'500000000), "-1.5");
  EXPECT_EQ(SecondsText(std::numeric_limits<int64_t>::min()), "-9223372036.854");
}

TEST(JsonWriterTest, PutsCommas) {
  Text text;
  JsonWriter json(&text);
  json.BeginObject();
  json.Key("a");
  json.BeginArray();
  json.Integer(-1);
  json.Unsigned(18446744073709551615U);
  json.BeginObject();
  json.EndObject();
  json.BeginArray();
  json.EndArray();
  json.Null();
  json.EndArray();
  json.Key("b");
  json.Bool(true);
  json.Key("c");
  json.String("x");
  json.EndObject();
  EXPECT_EQ(text.ToString(), R"({"a":[-1,18446744073709551615,{},[],null],"b":true,"c":"x"})");
}

TEST(JsonWriterTest, WritesNumbersWithoutExponents) {
  Text text;
  JsonWriter json(&text);
  json.BeginArray();
  for (const double value : {2.0, 0.1, 21e21, 7e-9, -0.0}) json.DoubleString(value);
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    json.DoubleString(value);
  }
  json.Double(1.5);
  json.IntegerString(-42);
  json.EndArray();
  EXPECT_EQ(
      text.ToString(),
      R"(["2","0.1","21000000000000000000000","0.000000007","-0","NaN","+Inf","-Inf",1.5,"-42"])");
}

TEST(TextTest, GrowsByPieces) {
  Text text;
  const std::string part(1000, 'x');
  for (int i = 0; i < 200; ++i) text.Append(part);
  EXPECT_EQ(text.size(), 200'000U);
  EXPECT_EQ(text.pieces().size(), 4U);
  EXPECT_EQ(text.ToString(), std::string(200'000, 'x'));
}

TEST(TextTest, IsEmptyOnceTheBudgetRefuses) {
  MemoryBudget budget("answers", 200'000);
  {
    Text text(&budget);
    const std::string part(1000, 'x');
    for (int i = 0; i < 100; ++i) text.Append(part);
    EXPECT_TRUE(text.status().ok());
    EXPECT_GT(budget.used(), 0U);
    for (int i = 0; i < 400; ++i) text.Append(part);
    EXPECT_EQ(text.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_LT(text.size(), 70'000U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(TargetTest, SplitsAndDecodes) {
  const auto target = ParseTarget("/a%2Fb/c+d?q=%7B%7D&x");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->path, "/a/b/c+d");
  EXPECT_EQ(target->query, "q=%7B%7D&x");
}

TEST(TargetTest, TakesAbsoluteForms) {
  EXPECT_EQ(ParseTarget("http://host:1/p?q")->path, "/p");
  EXPECT_EQ(ParseTarget("http://host")->path, "/");
  EXPECT_EQ(ParseTarget("https://host?q")->query, "q");
}

TEST(TargetTest, RefusesOthers) {
  for (const std::string_view bad : {"", "ready", "/%zz", "/%4", "/%", "ftp://x/y"}) {
    EXPECT_FALSE(ParseTarget(bad).ok()) << bad;
  }
}

TEST(CleanPathTest, IsGosCleanPath) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/", "/"},          {"", "/"},         {"/a/b", "/a/b"},   {"//a//b", "/a/b"},
      {"/a/./b", "/a/b"},  {"/a/../b", "/b"}, {"/../../a", "/a"}, {"/a/b/", "/a/b/"},
      {"/a/b/..", "/a"},   {"/..", "/"},      {"/a//", "/a/"},    {"*", "/*"},
      {"/a/...", "/a/..."}};
  for (const auto& [path, clean] : cases) EXPECT_EQ(CleanPath(path), clean) << path;
}

TEST(CleanPathTest, EncodesForLocations) {
  EXPECT_EQ(EncodePath("/a b/%\n*é"), "/a%20b/%25%0A*%C3%A9");
}

TEST(FormTest, DecodesPairs) {
  Form form;
  ASSERT_TRUE(form.Add("a=1&b=x+y%26z&a=2&empty=&flag&&%61%62=c").ok());
  EXPECT_EQ(form.Get("a"), "1");
  EXPECT_THAT(form.GetAll("a"), ElementsAre("1", "2"));
  EXPECT_EQ(form.Get("b"), "x y&z");
  EXPECT_EQ(form.Get("ab"), "c");
  EXPECT_TRUE(form.Has("empty"));
  EXPECT_TRUE(form.Has("flag"));
  EXPECT_FALSE(form.Has("nothing"));
  EXPECT_EQ(form.Get("nothing"), "");
}

TEST(FormTest, TakesNoMoreThanItsBound) {
  std::string pairs;
  for (size_t i = 0; i < Form::kMaxParameters; ++i) pairs += "a=b&&";
  Form form;
  EXPECT_EQ(form.memory(), 0u);
  EXPECT_TRUE(form.Add(pairs).ok());
  const uint64_t full = form.memory();
  EXPECT_GE(full, Form::kMaxParameters * 2 * sizeof(std::string));
  EXPECT_FALSE(form.Add("c=d").ok());
  EXPECT_FALSE(form.Has("c"));
  EXPECT_EQ(form.memory(), full);
}

TEST(FormTest, SaysWhatIsMalformedAndTakesTheRest) {
  Form form;
  EXPECT_EQ(form.Add("x=1&query=%zz&y=2").message(), "invalid URL escape \"%zz\"");
  EXPECT_EQ(form.Get("x"), "1");
  EXPECT_EQ(form.Get("y"), "2");
  EXPECT_EQ(form.Add("query=%4").message(), "invalid URL escape \"%4\"");
  EXPECT_EQ(form.Add("a;b").message(), "invalid semicolon separator in query");
}

TEST(ResponseHeadTest, HasWhatTheClientNeeds) {
  Response response;
  response.status = 404;
  response.content_type = "text/plain";
  response.headers.emplace_back("X-A", "b\r\nInjected: yes");
  response.body.Append("gone\n");
  EXPECT_EQ(SerializeHead(response, 1, true, HttpDate(1795234890)),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-A: b  Injected: yes\r\n"
            "Date: Sat, 21 Nov 2026 04:21:30 GMT\r\nContent-Length: 5\r\n\r\n");
}

TEST(ResponseHeadTest, SaysHowTheConnectionGoesOn) {
  Response response;
  response.status = 204;
  EXPECT_EQ(SerializeHead(response, 1, true, "d"), "HTTP/1.1 204 No Content\r\nDate: d\r\n\r\n");
  EXPECT_EQ(SerializeHead(response, 1, false, "d"),
            "HTTP/1.1 204 No Content\r\nDate: d\r\nConnection: close\r\n\r\n");
  response.status = 260;
  EXPECT_EQ(SerializeHead(response, 0, true, "d"),
            "HTTP/1.0 260 status code 260\r\nDate: d\r\nContent-Length: 0\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(TextTest, GivesBackWhatItsPiecesHeld) {
  MemoryBudget budget("answers", 1 << 20);
  Text text(&budget);
  for (int i = 0; i < 300; ++i) text.Append(std::string(1000, 'x'));
  const size_t pieces = text.pieces().size();
  ASSERT_GT(pieces, 3u);
  uint64_t held = budget.used();
  EXPECT_GT(held, 200'000u);
  std::string all;
  for (size_t i = 0; i < pieces; ++i) {
    all += text.TakePiece(i);
    EXPECT_TRUE(budget.used() < held || held == 0) << i;
    held = budget.used();
  }
  EXPECT_EQ(all, std::string(300'000, 'x'));
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace skald::http
