// Field types and the fields of lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "query/engine/field_type.h"
#include "query/engine/line_fields.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FieldTypeTest, TheFirstTypeThatFits) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1", "int"},
      {"0", "int"},
      {"-5", "int"},
      {"+3", "int"},
      {"1.5", "float"},
      {"1e5", "float"},
      {"inf", "float"},
      {"NaN", "float"},
      {"t", "boolean"},
      {"True", "boolean"},
      {"tRUE", "string"},
      {"yes", "string"},
      {"1h", "duration"},
      {"357µs", "duration"},
      {"1d", "string"},
      {"1kb", "bytes"},
      {"12 apples", "string"},
      {"1.5GB", "bytes"},
      {"", "string"},
      {"2006-01-02T15:04:05Z", "string"},
      {"99999999999999999999", "float"}};
  for (const auto& [value, type] : cases) {
    EXPECT_EQ(FieldTypeName(InferFieldType(value)), type) << value;
  }
}

TEST(FieldTypeTest, NumbersAndUuidsIdentify) {
  EXPECT_TRUE(IsIdentifierLike("42"));
  EXPECT_TRUE(IsIdentifierLike("123e4567-e89b-12d3-a456-426614174000"));
  EXPECT_TRUE(IsIdentifierLike("urn:uuid:123e4567-e89b-12d3-a456-426614174000"));
  EXPECT_TRUE(IsIdentifierLike("{123e4567-e89b-12d3-a456-426614174000}"));
  EXPECT_TRUE(IsIdentifierLike("123e4567e89b12d3a456426614174000"));
  EXPECT_FALSE(IsIdentifierLike("123e4567-e89b-12d3-a456-42661417400g"));
  EXPECT_FALSE(IsIdentifierLike("prod"));
  EXPECT_FALSE(IsIdentifierLike(""));
}

// `label=value path.to.it` for each field.
std::vector<std::string> Fields(std::string_view line, bool json) {
  const std::vector<LabelView> stream = {{"x", "1"}};
  Arena arena;
  const LineFields found = FindLineFields(line, stream, &arena);
  EXPECT_EQ(found.is_json, json) << line;
  std::vector<std::string> texts;
  for (const LineField& field : found.fields) {
    std::string text = StrCat(field.label, "=", field.value);
    for (const std::string& part : field.json_path) StrAppend(&text, " ", part);
    texts.push_back(text);
  }
  return texts;
}

TEST(LineFieldsTest, JsonFieldsHavePaths) {
  EXPECT_THAT(
      Fields(R"({"a":{"b":"x","c":[1],"n":null,"e":""},"t":true,"x":"c","9k":1e3,"t":2} tail)",
             true),
      ElementsAre("a_b=x a b", "a_e= a e", "t=true t", "x_extracted=c x", "_9k=1e3 9k"));
  EXPECT_THAT(Fields("{}", true), IsEmpty());
}

TEST(LineFieldsTest, EverythingElseIsLogfmt) {
  EXPECT_THAT(Fields(R"(a=1 b="q r" c= x=2 a=3 9z=4)", false),
              ElementsAre("a=1", "b=q r", "x_extracted=2", "_9z=4"));
  EXPECT_THAT(Fields(R"({"a":1,)", false), IsEmpty());
  EXPECT_THAT(Fields(R"(a=1 {"z":1})", false), ElementsAre("a=1"));
  EXPECT_THAT(Fields("", false), IsEmpty());
}

TEST(LineFieldsTest, DeepJsonIsNoJson) {
  std::string line;
  for (int i = 0; i < 5000; ++i) line += R"({"a":)";
  EXPECT_THAT(Fields(line, false), IsEmpty());
}

}  // namespace
}  // namespace skald::query
