// GoogleTest matchers and macros for Status and StatusOr.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "storage/base/status.h"

namespace skald {
namespace matchers_internal {

inline Status StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const StatusOr<T>& result) {
  return result.status();
}

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}

  template <typename Result>
  operator testing::Matcher<Result>() const {
    return testing::Matcher<Result>(new Impl<Result>(inner_));
  }

 private:
  template <typename Result>
  class Impl : public testing::MatcherInterface<Result> {
   public:
    using Value = typename std::remove_cvref_t<Result>::value_type;

    explicit Impl(const Inner& inner) : inner_(testing::SafeMatcherCast<const Value&>(inner)) {}

    bool MatchAndExplain(Result result, testing::MatchResultListener* listener) const override {
      if (!result.ok()) {
        *listener << "which is " << result.status().ToString();
        return false;
      }
      return inner_.MatchAndExplain(*result, listener);
    }
    void DescribeTo(std::ostream* out) const override {
      *out << "is OK and holds a value that ";
      inner_.DescribeTo(out);
    }

   private:
    testing::Matcher<const Value&> inner_;
  };

  Inner inner_;
};

}  // namespace matchers_internal

// The Status or StatusOr is OK.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << "which is " << matchers_internal::StatusOf(arg).ToString();
  return matchers_internal::StatusOf(arg).ok();
}

// The Status or StatusOr has this code.
MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << "which is " << matchers_internal::StatusOf(arg).ToString();
  return matchers_internal::StatusOf(arg).code() == code;
}

// The Status or StatusOr has this code, and its message satisfies `message`.
MATCHER_P2(StatusIs, code, message, "has the code " + absl::StatusCodeToString(code)) {
  const Status status = matchers_internal::StatusOf(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code &&
         testing::ExplainMatchResult(message, std::string(Message(status)), result_listener);
}

// The StatusOr is OK and its value satisfies `inner`.
template <typename Inner>
matchers_internal::IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(Inner&& inner) {
  return matchers_internal::IsOkAndHoldsMatcher<std::decay_t<Inner>>(std::forward<Inner>(inner));
}

}  // namespace skald

#define EXPECT_OK(expr) EXPECT_THAT(expr, ::skald::IsOk())
#define ASSERT_OK(expr) ASSERT_THAT(expr, ::skald::IsOk())

// Ends the test when `expr`, a StatusOr, is an error, or assigns its value to `lhs`.
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  SKALD_ASSERT_OK_AND_ASSIGN_IMPL(SKALD_CONCAT(skald_statusor_, __LINE__), lhs, expr)
#define SKALD_ASSERT_OK_AND_ASSIGN_IMPL(statusor, lhs, expr) \
  auto statusor = (expr);                                    \
  ASSERT_TRUE(statusor.ok()) << statusor.status();           \
  lhs = std::move(statusor).value()
