// Vector aggregation, ranking, matching and label_replace on hand-made series.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "query/engine/binary_operation.h"
#include "query/engine/label_replace.h"
#include "query/engine/ranking.h"
#include "query/engine/series_table.h"
#include "query/engine/vector_aggregation.h"
#include "query/syntax/operators.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class VectorTest : public testing::Test {
 protected:
  using Steps = std::vector<std::optional<double>>;

  Series Make(std::vector<LabelView> labels, const Steps& steps) {
    Series series{CopyLabels(labels, &arena_), StepValues(steps.size())};
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].has_value()) series.values.Set(i, *steps[i]);
    }
    return series;
  }

  // `{a="x"} 1 _ 2` for each series.
  static std::vector<std::string> Text(const std::vector<Series>& all) {
    std::vector<std::string> lines;
    for (const Series& series : all) {
      std::string line = LabelsToString(series.labels);
      for (size_t i = 0; i < series.values.steps(); ++i) {
        StrAppend(&line, " ", series.values.Has(i) ? StrCat(series.values[i]) : "_");
      }
      lines.push_back(line);
    }
    return lines;
  }

  std::vector<std::string> Aggregate(VectorOp op, std::optional<Grouping> grouping,
                                     const std::vector<Series>& input) {
    VectorAggregation aggregation;
    aggregation.op = op;
    aggregation.grouping = std::move(grouping);
    VectorAggregator aggregator(aggregation, input[0].values.steps(), &charge_);
    for (const Series& series : input) EXPECT_OK(aggregator.Add(series.labels, series.values));
    return Text(aggregator.Finish(&arena_));
  }

  StatusOr<std::vector<Series>> Combine(BinaryOp op, std::optional<VectorMatching> matching,
                                        std::vector<Series> left, std::vector<Series> right,
                                        bool return_bool = false) {
    BinaryExpr expr;
    expr.op = op;
    expr.matching = std::move(matching);
    expr.return_bool = return_bool;
    const size_t steps = (left.empty() ? right : left)[0].values.steps();
    return CombineVectors(expr, std::move(left), std::move(right), steps, &arena_, &charge_,
                          nullptr);
  }

  template <typename... Args>
  static std::vector<Series> List(Args... args) {
    std::vector<Series> list;
    (list.push_back(std::move(args)), ...);
    return list;
  }

  Arena arena_;
  MemoryBudget budget_{"test", 1 << 20};
  MemoryCharge charge_{&budget_};
};

TEST_F(VectorTest, AggregatesStepByStep) {
  const std::vector<Series> input =
      List(Make({{"a", "x"}, {"b", "1"}}, {1, std::nullopt, 4}),
           Make({{"a", "x"}, {"b", "2"}}, {3, std::nullopt, 8}), Make({{"a", "y"}}, {5, 6, 7}));
  const Grouping by_a{false, {"a"}};
  EXPECT_THAT(Aggregate(VectorOp::kSum, by_a, input),
              ElementsAre(R"({a="x"} 4 _ 12)", R"({a="y"} 5 6 7)"));
  EXPECT_THAT(Aggregate(VectorOp::kAvg, by_a, input),
              ElementsAre(R"({a="x"} 2 _ 6)", R"({a="y"} 5 6 7)"));
  EXPECT_THAT(Aggregate(VectorOp::kStddev, by_a, input),
              ElementsAre(R"({a="x"} 1 _ 2)", R"({a="y"} 0 0 0)"));
  EXPECT_THAT(Aggregate(VectorOp::kCount, std::nullopt, input), ElementsAre("{} 3 1 3"));
  EXPECT_THAT(Aggregate(VectorOp::kMin, std::nullopt, input), ElementsAre("{} 1 6 4"));
  EXPECT_THAT(Aggregate(VectorOp::kMax, Grouping{true, {"b", "a"}}, input),
              ElementsAre("{} 5 6 8"));
  EXPECT_THAT(Aggregate(VectorOp::kSum, Grouping{false, {"b", "nosuch"}}, input),
              ElementsAre("{} 5 6 7", R"({b="1"} 1 _ 4)", R"({b="2"} 3 _ 8)"));
}

TEST_F(VectorTest, NaNLosesAgainstNumbers) {
  const std::vector<Series> input = List(Make({{"a", "x"}}, {kNaN}), Make({{"a", "y"}}, {2}));
  EXPECT_THAT(Aggregate(VectorOp::kMax, std::nullopt, input), ElementsAre("{} 2"));
  EXPECT_THAT(Aggregate(VectorOp::kMin, std::nullopt, input), ElementsAre("{} 2"));
}

TEST_F(VectorTest, RanksWithinGroups) {
  VectorAggregation top;
  top.op = VectorOp::kTopk;
  top.parameter = 1;
  top.grouping = Grouping{false, {"g"}};
  EXPECT_THAT(
      Text(KeepRanked(top, List(Make({{"a", "1"}, {"g", "x"}}, {1, 9}),
                                Make({{"a", "2"}, {"g", "x"}}, {2, kNaN}),
                                Make({{"a", "3"}, {"g", "y"}}, {0, std::nullopt}),
                                Make({{"a", "4"}, {"g", "x"}}, {1, 1})))),
      ElementsAre(R"({a="1", g="x"} _ 9)", R"({a="2", g="x"} 2 _)", R"({a="3", g="y"} 0 _)"));
  top.op = VectorOp::kBottomk;
  top.grouping.reset();
  EXPECT_THAT(Text(KeepRanked(top, List(Make({{"a", "1"}}, {5}), Make({{"a", "2"}}, {kNaN}),
                                        Make({{"a", "3"}}, {4}), Make({{"a", "4"}}, {4})))),
              ElementsAre(R"({a="3"} 4)"));
}

TEST_F(VectorTest, SortsNaNLast) {
  std::vector<Series> series = List(Make({{"a", "1"}}, {kNaN}), Make({{"a", "2"}}, {5}),
                                    Make({{"a", "3"}}, {7}), Make({{"a", "4"}}, {5}));
  SortByValue(true, &series);
  EXPECT_THAT(Text(series),
              ElementsAre(R"({a="3"} 7)", R"({a="2"} 5)", R"({a="4"} 5)", HasSubstr(R"({a="1"})")));
}

TEST_F(VectorTest, DivisionByZeroIsNotANumber) {
  EXPECT_TRUE(std::isnan(EvaluateScalars(BinaryOp::kDiv, 5, 0)));
  EXPECT_TRUE(std::isnan(EvaluateScalars(BinaryOp::kMod, 5, 0)));
  EXPECT_EQ(EvaluateScalars(BinaryOp::kMod, -7, 3), -1);
  EXPECT_EQ(EvaluateScalars(BinaryOp::kPow, 2, 10), 1024);
}

TEST_F(VectorTest, ComparisonWithANumberKeepsTheVectorsValue) {
  BinaryExpr expr;
  expr.op = BinaryOp::kGreater;
  std::vector<Series> vector = List(Make({{"a", "1"}}, {1, 6, 3}));
  ApplyScalar(expr, 2, /*scalar_left=*/false, &vector);
  EXPECT_THAT(Text(vector), ElementsAre(R"({a="1"} _ 6 3)"));
  ApplyScalar(expr, 5, /*scalar_left=*/true, &vector);
  EXPECT_THAT(Text(vector), ElementsAre(R"({a="1"} _ _ 3)"));
  expr.return_bool = true;
  ApplyScalar(expr, 9, /*scalar_left=*/true, &vector);
  EXPECT_THAT(Text(vector), ElementsAre(R"({a="1"} _ _ 1)"));
}

TEST_F(VectorTest, MatchesOnAllLabelsByDefault) {
  const auto left = [&] { return List(Make({{"a", "1"}}, {6, 8}), Make({{"a", "2"}}, {1, 1})); };
  const auto right = [&] { return List(Make({{"a", "1"}}, {2, std::nullopt})); };
  ASSERT_OK_AND_ASSIGN(auto quotient, Combine(BinaryOp::kDiv, std::nullopt, left(), right()));
  EXPECT_THAT(Text(quotient), ElementsAre(R"({a="1"} 3 _)"));
}

TEST_F(VectorTest, OneToOneReducesLabels) {
  VectorMatching on{MatchCardinality::kOneToOne, true, {"a"}, {}};
  const auto side = [&](double value) {
    return List(Make({{"a", "1"}, {"b", value < 5 ? "l" : "r"}}, {value}));
  };
  ASSERT_OK_AND_ASSIGN(auto sum, Combine(BinaryOp::kAdd, on, side(1), side(10)));
  EXPECT_THAT(Text(sum), ElementsAre(R"({a="1"} 11)"));
  VectorMatching ignoring{MatchCardinality::kOneToOne, false, {"b"}, {}};
  ASSERT_OK_AND_ASSIGN(auto less, Combine(BinaryOp::kLess, ignoring, side(1), side(10)));
  EXPECT_THAT(Text(less), ElementsAre(R"({a="1"} 1)"));
}

TEST_F(VectorTest, GroupLeftCopiesLabelsFromTheOneSide) {
  VectorMatching group{MatchCardinality::kManyToOne, true, {"a"}, {"c", "d"}};
  auto many =
      List(Make({{"a", "1"}, {"b", "x"}, {"d", "old"}}, {1}), Make({{"a", "1"}, {"b", "y"}}, {2}));
  auto one = List(Make({{"a", "1"}, {"c", "new"}}, {10}));
  ASSERT_OK_AND_ASSIGN(auto product,
                       Combine(BinaryOp::kMul, group, std::move(many), std::move(one)));
  EXPECT_THAT(Text(product),
              ElementsAre(R"({a="1", b="x", c="new"} 10)", R"({a="1", b="y", c="new"} 20)"));
}

TEST_F(VectorTest, GroupRightKeepsTheOperandOrder) {
  VectorMatching group{MatchCardinality::kOneToMany, true, {"a"}, {}};
  auto one = List(Make({{"a", "1"}}, {10}));
  auto many = List(Make({{"a", "1"}, {"b", "x"}}, {4}));
  ASSERT_OK_AND_ASSIGN(auto rest, Combine(BinaryOp::kSub, group, std::move(one), std::move(many)));
  EXPECT_THAT(Text(rest), ElementsAre(R"({a="1", b="x"} 6)"));
}

TEST_F(VectorTest, AmbiguousMatchesFail) {
  VectorMatching on{MatchCardinality::kOneToOne, true, {}, {}};
  const auto two = [&] { return List(Make({{"a", "1"}}, {1}), Make({{"a", "2"}}, {1})); };
  const auto one = [&] { return List(Make({{"a", "1"}}, {1})); };
  EXPECT_THAT(Combine(BinaryOp::kAdd, on, one(), two()).status(),
              StatusIs(absl::StatusCode::kInternal,
                       "found duplicate series on the right hand-side;many-to-many matching not "
                       "allowed: matching labels must be unique on one side"));
  EXPECT_THAT(Combine(BinaryOp::kAdd, on, two(), one()).status(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("many-to-one matching must be")));
  on.cardinality = MatchCardinality::kOneToMany;
  EXPECT_THAT(Combine(BinaryOp::kAdd, on, two(), one()).status(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("on the left hand-side")));
  VectorMatching merging{MatchCardinality::kManyToOne, true, {}, {"a"}};
  auto bare = List(Make({{"b", "1"}}, {1}));
  EXPECT_THAT(Combine(BinaryOp::kAdd, merging, two(), std::move(bare)).status(),
              StatusIs(absl::StatusCode::kInternal,
                       "multiple matches for labels: grouping labels must ensure unique matches"));
}

TEST_F(VectorTest, SetOperationsWorkStepByStep) {
  const auto left = [&] {
    return List(Make({{"a", "1"}}, {1, std::nullopt}), Make({{"a", "2"}}, {2, 2}));
  };
  const auto right = [&] { return List(Make({{"a", "1"}}, {7, 7}), Make({{"a", "3"}}, {9, 9})); };
  ASSERT_OK_AND_ASSIGN(auto both, Combine(BinaryOp::kAnd, std::nullopt, left(), right()));
  EXPECT_THAT(Text(both), ElementsAre(R"({a="1"} 1 _)"));
  ASSERT_OK_AND_ASSIGN(auto rest, Combine(BinaryOp::kUnless, std::nullopt, left(), right()));
  EXPECT_THAT(Text(rest), ElementsAre(R"({a="2"} 2 2)"));
  ASSERT_OK_AND_ASSIGN(auto either, Combine(BinaryOp::kOr, std::nullopt, left(), right()));
  EXPECT_THAT(Text(either),
              ElementsAre(R"({a="1"} 1 _)", R"({a="2"} 2 2)", R"({a="1"} _ 7)", R"({a="3"} 9 9)"));
}

TEST_F(VectorTest, LabelReplaceExpandsGroups) {
  const auto replace = [&](const std::string& regex, const std::string& replacement) {
    LabelReplaceExpr expr;
    expr.target = "t";
    expr.source = "s";
    expr.regex = regex;
    expr.replacement = replacement;
    std::vector<Series> series = List(Make({{"s", "ab-12"}, {"t", "old"}}, {1}));
    EXPECT_OK(ReplaceLabels(expr, nullptr, &arena_, &charge_, &series));
    return Text(series)[0];
  };
  EXPECT_EQ(replace("(.*)-(.*)", "$2/${1}"), R"({s="ab-12", t="12/ab"} 1)");
  EXPECT_EQ(replace("(?P<w>[a-z]+)-.*", "${w}$w!"), R"({s="ab-12", t="abab!"} 1)");
  EXPECT_EQ(replace("(.*)", "$$1 $ ${1"), R"({s="ab-12", t="$1 $ ${1"} 1)");
  EXPECT_EQ(replace("(.*)", "$9${nosuch}"), R"({s="ab-12"} 1)");
  EXPECT_EQ(replace("ab", "x"), R"({s="ab-12", t="old"} 1)") << "the whole value must match";
}

TEST_F(VectorTest, LabelReplaceIsChargedForWhatItMakes) {
  LabelReplaceExpr expr;
  expr.target = expr.source = "s";
  expr.regex = "(.*)";
  for (int i = 0; i < 1000; ++i) expr.replacement += "$1";
  std::vector<Series> series = List(Make({{"s", "x"}}, {1}));
  EXPECT_OK(ReplaceLabels(expr, nullptr, &arena_, &charge_, &series));
  EXPECT_EQ(series[0].labels[0].value, std::string(1000, 'x'));
  const size_t held = arena_.capacity();
  EXPECT_THAT(ReplaceLabels(expr, nullptr, &arena_, &charge_, &series),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(arena_.capacity(), held) << "a value of 1 MB was made before it was refused";
}

}  // namespace
}  // namespace skald::query
