// A row for template tests, and tables of templates with what they print or fail with.
#pragma once

#include <cstdlib>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "query/template/template.h"

namespace skald::query {

// A row made of a map.
class MapContext : public TemplateContext {
 public:
  explicit MapContext(std::map<std::string, std::string, std::less<>> labels, std::string line = "",
                      int64_t timestamp_ns = 0)
      : labels_(std::move(labels)), line_(std::move(line)), timestamp_ns_(timestamp_ns) {}

  std::string_view Label(std::string_view name) const override {
    const auto found = labels_.find(name);
    return found == labels_.end() ? std::string_view() : found->second;
  }
  std::span<const LabelView> AllLabels(Arena* arena) const override {
    const auto views = arena->NewArray<LabelView>(labels_.size());
    size_t i = 0;
    for (const auto& [name, value] : labels_) views[i++] = {name, value};
    return views;
  }
  std::string_view line() const override { return line_; }
  int64_t timestamp_ns() const override { return timestamp_ns_; }
  int64_t now_ns() const override { return 1700000000000000000; }

 private:
  const std::map<std::string, std::string, std::less<>> labels_;
  const std::string line_;
  const int64_t timestamp_ns_;
};

// The row that the tables are about. Local time is UTC from here on.
inline MapContext ExampleRow() {
  setenv("TZ", "UTC", 1);
  return MapContext(
      {
          {"arr", "[3,1,2]"},
          {"big", "12345678901234567890"},
          {"dur", "1m30s"},
          {"empty", ""},
          {"f", "1.5"},
          {"html", R"(<a href="x">it's & b</a>)"},
          {"json",
           R"({"a":1,"b":[1,"x",null,true,2.5],"c":{"d":"e"},"n":null,"s":"q\"r\u00e9\ud83d\ude00"})"},
          {"level", "info"},
          {"msg", "hello world"},
          {"nan", "NaN"},
          {"neg", "-7"},
          {"nl", "a\nb\nc"},
          {"num", "12"},
          {"path", "/api/v1/items"},
          {"size", "2KB"},
          {"spaces", "  pad  "},
          {"status", "404"},
          {"ts", "1679577215"},
          {"utf", "héllo wörld ßÄ日本"},
      },
      R"({"x":1} some line é)", 1679577215123456789);
}

struct ResultCase {
  std::string_view text;
  std::string_view result;
};
struct ErrorCase {
  std::string_view text;
  std::string_view error;
};

inline void ExpectResults(std::span<const ResultCase> cases) {
  const MapContext row = ExampleRow();
  TemplateScratch scratch;
  for (const ResultCase& c : cases) {
    const StatusOr<Template> parsed = Template::Parse("line", c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.status();
    std::string out;
    const Status status = parsed->Execute(row, &scratch, &out);
    EXPECT_TRUE(status.ok()) << c.text << ": " << status;
    EXPECT_EQ(out, c.result) << c.text;
  }
}

inline void ExpectErrors(std::span<const ErrorCase> cases) {
  const MapContext row = ExampleRow();
  TemplateScratch scratch;
  for (const ErrorCase& c : cases) {
    const StatusOr<Template> parsed = Template::Parse("line", c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.status();
    std::string out = "before";
    const Status status = parsed->Execute(row, &scratch, &out);
    EXPECT_EQ(Message(status), c.error) << c.text;
    EXPECT_EQ(out, "before") << c.text;
  }
}

}  // namespace skald::query
