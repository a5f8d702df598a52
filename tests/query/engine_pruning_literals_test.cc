// Which literals the filters of parts are asked about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/engine/pruning_literals.h"
#include "query/stage/line_matchers.h"
#include "query/syntax/parser.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

// The first alternative of every group.
StatusOr<std::vector<std::string>> AskedOf(std::string_view stages) {
  ASSIGN_OR_RETURN(const Query query, ParseQuery(StrCat("{a=\"b\"} ", stages)));
  ASSIGN_OR_RETURN(const std::unique_ptr<Pipeline> pipeline,
                   Pipeline::Compile(*query.log(), PipelineOptions()));
  std::vector<std::string> texts;
  for (const auto& group : AskedLiterals(pipeline->line_conditions())) {
    texts.push_back(group.front().text);
  }
  return texts;
}

TEST(PruningLiteralsTest, FewAreAllAskedInTheirOrder) {
  ASSERT_OK_AND_ASSIGN(const auto asked, AskedOf(R"(|= "one" != "two" |~ "three.*four")"));
  EXPECT_THAT(asked, testing::ElementsAre("one", "three", "four"));
}

TEST(PruningLiteralsTest, OfManyTheLongestAreAsked) {
  std::string stages;
  for (int i = 0; i < 1000; ++i) StrAppend(&stages, "|= \"0123\" ");
  for (size_t i = 0; i < kMaxAskedGroups; ++i) StrAppend(&stages, "|= \"longer", 10 + i, "\" ");
  ASSERT_OK_AND_ASSIGN(const auto asked, AskedOf(stages));
  EXPECT_EQ(asked.size(), kMaxAskedGroups);
  EXPECT_THAT(asked, testing::Each(testing::StartsWith("longer")));
}

TEST(PruningLiteralsTest, TooManyAlternativesAreNotAskedAbout) {
  std::vector<LineCondition> conditions(1);
  for (const size_t size : {kMaxAskedAlternatives, kMaxAskedAlternatives + 1}) {
    std::vector<RequiredLiteral> literals;
    for (size_t i = 0; i < size; ++i) literals.push_back({StrCat("literal", i)});
    conditions[0].matcher = std::make_unique<LiteralMatcher>(std::move(literals));
    EXPECT_EQ(AskedLiterals(conditions).size(), size == kMaxAskedAlternatives ? 1u : 0u);
  }
}

TEST(PruningLiteralsTest, OfManyConditionsOnFieldsTheLongestAreAsked) {
  std::vector<FieldCondition> conditions(100);
  for (size_t i = 0; i < conditions.size(); ++i) {
    conditions[i].literals = {{{std::string(i, 'x')}}};
  }
  KeepAskedFields(&conditions);
  ASSERT_EQ(conditions.size(), kMaxAskedGroups);
  EXPECT_EQ(conditions.front().literals[0][0].text.size(), 99u);
}

}  // namespace
}  // namespace skald::query
