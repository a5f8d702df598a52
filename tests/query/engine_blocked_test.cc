// Queries that an operator does not let run.
#include <gtest/gtest.h>

#include <vector>

#include "query/engine/blocked_queries.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

constexpr std::string_view kSelector = R"({stream="stdout",pod="loki-canary-9w49x"})";

bool IsBlocked(const BlockedQuery& blocked, std::string_view text = kSelector,
               std::string_view type = "limited") {
  const Status status = CheckNotBlocked(text, type, std::vector{blocked});
  if (!status.ok()) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "query blocked by policy"));
  }
  return !status.ok();
}

TEST(BlockedQueriesTest, GoByTheWholeText) {
  EXPECT_TRUE(IsBlocked({std::string(kSelector), false, {}, 0}));
  EXPECT_FALSE(IsBlocked({"stdout", false, {}, 0}));
  EXPECT_FALSE(IsBlocked({".*", false, {}, 0}));
}

TEST(BlockedQueriesTest, GoByARegexAnywhereInTheText) {
  EXPECT_TRUE(IsBlocked({"canary-\\w+", true, {}, 0}));
  EXPECT_FALSE(IsBlocked({"^canary", true, {}, 0}));
  EXPECT_FALSE(IsBlocked({"(", true, {}, 0}));
}

TEST(BlockedQueriesTest, GoByType) {
  EXPECT_TRUE(IsBlocked({"", false, {"metric", "limited"}, 0}));
  EXPECT_FALSE(IsBlocked({"", false, {"metric"}, 0}));
  EXPECT_FALSE(IsBlocked({".*", true, {"filter"}, 0}));
  EXPECT_TRUE(IsBlocked({".*", true, {"filter"}, 0}, "x", "filter"));
}

// The hash is the one that Loki's documentation gives for this query.
TEST(BlockedQueriesTest, GoByHash) {
  EXPECT_TRUE(IsBlocked({"", false, {}, 2943214005}));
  EXPECT_FALSE(IsBlocked({"", false, {}, 2943214005}, "{a=\"b\"}"));
  EXPECT_FALSE(IsBlocked({"", false, {"metric"}, 2943214005}));
}

TEST(BlockedQueriesTest, NoneByDefault) { EXPECT_OK(CheckNotBlocked(kSelector, "limited", {})); }

}  // namespace
}  // namespace skald::query
