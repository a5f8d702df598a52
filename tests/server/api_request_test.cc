// What becomes of a request before its handler runs: routes, tenants, parameters, turns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "server/api/errors.h"
#include "server/api/params.h"
#include "server/api/router.h"
#include "server/api/tenant.h"
#include "storage/base/public_text.h"
#include "tests/support/status_matchers.h"

namespace skald::api {
namespace {

using testing::ElementsAre;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNow = 1795234890 * kSecond;

http::Form FormOf(std::string_view text) {
  http::Form form;
  EXPECT_TRUE(form.Add(text).ok());
  return form;
}

template <typename T>
std::string ErrorOf(const StatusOr<T>& result) {
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.status();
  return std::string(Message(result.status()));
}

TEST(TimestampTest, ReadsLokisForms) {
  const std::pair<std::string_view, int64_t> cases[] = {
      {"0", 0},
      {"1795223840", 1795223840 * kSecond},
      {"-5", -5 * kSecond},
      {"1795223840924", 1795223840924},  // eleven digits and more are nanoseconds
      {"1795223840924000001", 1795223840924000001},
      {"1795223840.924", 1795223840 * kSecond + 924'000'000},
      {"1795223840.9246", 1795223840 * kSecond + 925'000'000},
      {"1.5", 1'500'000'000},
      {"2026-11-21T01:17:20Z", 1795223840 * kSecond},
      {"2026-11-21T01:17:20.924000001Z", 1795223840 * kSecond + 924'000'001},
      {"2026-11-21T02:17:20+01:00", 1795223840 * kSecond}};
  for (const auto& [text, nanos] : cases) {
    EXPECT_THAT(ParseTimestamp(text), IsOkAndHolds(nanos)) << text;
  }
}

TEST(TimestampTest, RefusesOthers) {
  EXPECT_EQ(ErrorOf(ParseTimestamp("zz")), "strconv.ParseInt: parsing \"zz\": invalid syntax");
  EXPECT_EQ(ErrorOf(ParseTimestamp("1.x")), "strconv.ParseInt: parsing \"1.x\": invalid syntax");
  EXPECT_EQ(ErrorOf(ParseTimestamp("99999999999999999999")),
            "strconv.ParseInt: parsing \"99999999999999999999\": value out of range");
  EXPECT_FALSE(ParseTimestamp("2026-11-21").ok());
}

TEST(TimeBoundsTest, DefaultToTheLastHour) {
  const auto bounds = ParseTimeBounds(FormOf(""), kNow);
  ASSERT_OK(bounds);
  EXPECT_EQ(bounds->start, kNow - 3600 * kSecond);
  EXPECT_EQ(bounds->end, kNow);
}

TEST(TimeBoundsTest, CountSinceFromTheEarlierOfEndAndNow) {
  const auto past = ParseTimeBounds(FormOf("end=1000000&since=1m"), kNow);
  ASSERT_OK(past);
  EXPECT_EQ(past->start, (1000000 - 60) * kSecond);
  const auto future = ParseTimeBounds(FormOf("end=1895234890&since=2d"), kNow);
  ASSERT_OK(future);
  EXPECT_EQ(future->start, kNow - 2 * 86400 * kSecond);
  const auto given = ParseTimeBounds(FormOf("start=5&since=2d"), kNow);
  ASSERT_OK(given);
  EXPECT_EQ(given->start, 5 * kSecond);
}

TEST(TimeBoundsTest, NameTheParameterInErrors) {
  EXPECT_EQ(ErrorOf(ParseTimeBounds(FormOf("start=zz&end=zz&since=zz"), kNow)),
            "could not parse 'since' parameter: not a valid duration string: \"zz\"");
  EXPECT_EQ(ErrorOf(ParseTimeBounds(FormOf("start=zz&end=zz"), kNow)),
            "could not parse 'end' parameter: strconv.ParseInt: parsing \"zz\": invalid syntax");
  EXPECT_EQ(ErrorOf(ParseTimeBounds(FormOf("start=zz"), kNow)),
            "could not parse 'start' parameter: strconv.ParseInt: parsing \"zz\": invalid syntax");
  EXPECT_EQ(ErrorOf(ParseTimeRange(FormOf("start=2&end=1"), kNow)),
            "end timestamp must not be before or equal to start time");
  EXPECT_OK(ParseTimeRange(FormOf("start=2&end=2"), kNow));
}

TEST(LimitTest, IsPositive) {
  EXPECT_THAT(ParseLimit(FormOf("")), IsOkAndHolds(100U));
  EXPECT_THAT(ParseLimit(FormOf("limit=7")), IsOkAndHolds(7U));
  EXPECT_THAT(ParseLimit(FormOf("limit=5000000000")), IsOkAndHolds(4294967295U));
  EXPECT_EQ(ErrorOf(ParseLimit(FormOf("limit=0"))), "limit must be a positive value");
  EXPECT_EQ(ErrorOf(ParseLimit(FormOf("limit=-1"))), "limit must be a positive value");
  EXPECT_EQ(ErrorOf(ParseLimit(FormOf("limit=abc"))),
            "strconv.Atoi: parsing \"abc\": invalid syntax");
}

TEST(DirectionTest, IgnoresCase) {
  EXPECT_THAT(ParseDirection(FormOf("")), IsOkAndHolds(query::Direction::kBackward));
  EXPECT_THAT(ParseDirection(FormOf("direction=FORWARD")),
              IsOkAndHolds(query::Direction::kForward));
  EXPECT_EQ(ErrorOf(ParseDirection(FormOf("direction=up"))), "invalid direction 'up'");
}

TEST(StepTest, IsSecondsOrADuration) {
  const TimeBounds day = {0, 86400 * kSecond};
  EXPECT_THAT(ParseStep(FormOf(""), day), IsOkAndHolds(345 * kSecond));
  EXPECT_THAT(ParseStep(FormOf(""), {0, 100 * kSecond}), IsOkAndHolds(kSecond));
  EXPECT_THAT(ParseStep(FormOf("step=60000ms"), day), IsOkAndHolds(60 * kSecond));
  EXPECT_THAT(ParseStep(FormOf("step=0.5"), day), IsOkAndHolds(kSecond / 2));
  EXPECT_THAT(ParseStep(FormOf("step=1h30m"), day), IsOkAndHolds(5400 * kSecond));
  const std::string_view kNotPositive =
      "zero or negative query resolution step widths are not accepted. Try a positive integer";
  EXPECT_EQ(ErrorOf(ParseStep(FormOf("step=0"), day)), kNotPositive);
  EXPECT_EQ(ErrorOf(ParseStep(FormOf("step=-5"), day)), kNotPositive);
  EXPECT_EQ(ErrorOf(ParseStep(FormOf("step=0.5m"), day)),
            "cannot parse \"0.5m\" to a valid duration");
  EXPECT_EQ(ErrorOf(ParseStep(FormOf("step=1e30"), day)),
            "cannot parse \"1e30\" to a valid duration. It overflows int64");
  EXPECT_FALSE(ParseStep(FormOf("step=NaN"), day).ok());
}

TEST(IntervalTest, IsNotNegative) {
  EXPECT_THAT(ParseInterval(FormOf("")), IsOkAndHolds(0));
  EXPECT_THAT(ParseInterval(FormOf("interval=5s")), IsOkAndHolds(5 * kSecond));
  EXPECT_EQ(ErrorOf(ParseInterval(FormOf("interval=-1"))), "interval must be >= 0");
}

http::Request WithTenant(std::string_view tenant) {
  http::Request request;
  request.headers.emplace_back("x-scope-orgid", tenant);
  return request;
}

TEST(TenantTest, IsFakeWithoutAuthentication) {
  EXPECT_THAT(TenantOf(WithTenant("a/b"), false), IsOkAndHolds("fake"));
}

TEST(TenantTest, ComesFromTheHeader) {
  EXPECT_THAT(TenantOf(WithTenant("team-1_a.b*('x')!"), true), IsOkAndHolds("team-1_a.b*('x')!"));
  EXPECT_THAT(TenantOf(WithTenant("a:sub"), true), IsOkAndHolds("a"));
  EXPECT_THAT(TenantOf(WithTenant("a|a"), true), IsOkAndHolds("a"));
}

TEST(TenantTest, IsRequired) {
  for (const auto& request : {http::Request(), WithTenant("")}) {
    const auto tenant = TenantOf(request, true);
    EXPECT_EQ(tenant.status().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(Message(tenant.status()), "no org id");
  }
}

TEST(TenantTest, IsChecked) {
  EXPECT_EQ(ErrorOf(TenantOf(WithTenant("a/b"), true)),
            "tenant ID 'a/b' contains unsupported character '/'");
  EXPECT_EQ(ErrorOf(TenantOf(WithTenant("aé"), true)),
            "tenant ID 'aé' contains unsupported character 'é'");
  EXPECT_EQ(ErrorOf(TenantOf(WithTenant(std::string(151, 'a')), true)),
            "tenant ID is too long: max 150 characters");
  EXPECT_EQ(ErrorOf(TenantOf(WithTenant(".."), true)), "tenant ID is '.' or '..'");
  EXPECT_EQ(ErrorOf(TenantOf(WithTenant("a|b"), true)), "multiple org IDs present");
}

TEST(RouterTest, FindsRoutes) {
  const Router router(AllRoutes());
  const auto push = router.Find("POST", "/loki/api/v1/push");
  ASSERT_NE(push.route, nullptr);
  EXPECT_TRUE(push.method_allowed);
  EXPECT_EQ(RouteLabel(*push.route), "loki_api_v1_push");
  EXPECT_FALSE(router.Find("GET", "/loki/api/v1/push").method_allowed);
  EXPECT_FALSE(router.Find("OST", "/loki/api/v1/push").method_allowed);
  EXPECT_FALSE(router.Find("", "/loki/api/v1/push").method_allowed);
  EXPECT_TRUE(router.Find("GET", "/loki/api/v1/query").method_allowed);
  EXPECT_TRUE(router.Find("POST", "/loki/api/v1/query").method_allowed);
}

TEST(RouterTest, TakesOneSegmentForAName) {
  const Router router(AllRoutes());
  const auto values = router.Find("GET", "/loki/api/v1/label/app/values");
  ASSERT_NE(values.route, nullptr);
  EXPECT_EQ(values.path_value, "app");
  EXPECT_EQ(RouteLabel(*values.route), "loki_api_v1_label_name_values");
  for (const std::string_view path :
       {"/loki/api/v1/label/a/b/values", "/loki/api/v1/label//values", "/loki/api/v1/label/values",
        "/loki/api/v1/labels/", "/", "", "/loki"}) {
    EXPECT_EQ(router.Find("GET", path).route, nullptr) << path;
  }
}

TEST(RouterTest, HasOneRouteForAMethodOfAPath) {
  const Router router(AllRoutes());
  for (const Route& route : AllRoutes()) {
    std::string path(route.path);
    if (const size_t name = path.find("{name}"); name != std::string::npos) {
      path.replace(name, 6, "x");
    }
    std::stringstream methods{std::string(route.methods)};
    for (std::string method; methods >> method;) {
      EXPECT_EQ(router.Find(method, path).route, &route) << method << " " << path;
    }
  }
}

// A disk that is slow to take deletes must not hold threads that answer queries.
TEST(RouterTest, DeletesWaitForTheDiskOnAPoolOfTheirOwn) {
  const Router router(AllRoutes());
  const auto pool_of = [&](std::string_view method) {
    return router.Find(method, "/loki/api/v1/delete").route->pool;
  };
  EXPECT_EQ(pool_of("GET"), Pool::kQuery);
  for (const std::string_view method : {"PUT", "POST", "DELETE"}) {
    EXPECT_EQ(pool_of(method), Pool::kDelete) << method;
  }
  EXPECT_FALSE(router.Find("PATCH", "/loki/api/v1/delete").method_allowed);
}

TEST(ErrorsTest, MapCodesToStatuses) {
  const std::pair<Status, int> cases[] = {
      {InvalidArgument("x"), 400},
      {absl::UnauthenticatedError("x"), 401},
      {NotFound("x"), 404},
      {Exhausted("x"), 429},
      {Cancelled("x"), 499},
      {Internal("x"), 500},
      {DataLoss("x"), 500},
      {Unavailable("x"), 503},
      {DeadlineExceeded("x"), 504},
      {WithHttpStatus(InvalidArgument("x"), 422), 422},
      {WithHttpStatus(Exhausted("x"), 260), 260},
  };
  for (const auto& [error, status] : cases) {
    EXPECT_EQ(HttpStatusFor(error), status) << error;
    EXPECT_EQ(ErrorResponse(error, ErrorStyle::kQuery).status, status) << error;
  }
}

TEST(ErrorsTest, HaveTheStyleOfTheRoute) {
  const Status error = InvalidArgument("bad");
  EXPECT_EQ(ErrorResponse(error, ErrorStyle::kQuery).body.ToString(), "bad");
  const http::Response plain = ErrorResponse(error, ErrorStyle::kPlain);
  EXPECT_EQ(plain.body.ToString(), "bad\n");
  EXPECT_EQ(plain.content_type, "text/plain; charset=utf-8");
  EXPECT_THAT(plain.headers, ElementsAre(testing::Pair("X-Content-Type-Options", "nosniff")));
  const http::Response otlp = ErrorResponse(error, ErrorStyle::kOtlp);
  EXPECT_EQ(otlp.body.ToString(),
            "\x12\x03"
            "bad");
  EXPECT_EQ(otlp.content_type, "application/octet-stream");
  const std::string long_message(300, 'm');
  EXPECT_EQ(ErrorResponse(InvalidArgument(long_message), ErrorStyle::kOtlp).body.ToString(),
            "\x12\xac\x02" + long_message);
  EXPECT_EQ(ErrorResponse(Internal("x"), ErrorStyle::kOtlp).status, 503);
}

TEST(ErrorsTest, SayWhenToComeAgain) {
  EXPECT_THAT(ErrorResponse(Exhausted("x"), ErrorStyle::kPlain).headers,
              testing::Contains(testing::Pair("Retry-After", "1")));
}

TEST(ErrorsTest, KeepPathsToTheLog) {
  const Status error = AnnotateForLog(DataLoss("checksum mismatch"), "/data/tenants/1/part");
  EXPECT_EQ(Message(error), "/data/tenants/1/part: checksum mismatch");
  const Status annotated = Annotate(error, "reading a part");
  EXPECT_EQ(ErrorResponse(annotated, ErrorStyle::kQuery).body.ToString(), "checksum mismatch");
  EXPECT_EQ(HttpStatusFor(annotated), 500);
}

TEST(ErrorsTest, HaveLokisWordsForStopsAndTimeouts) {
  EXPECT_EQ(ErrorResponse(Cancelled("stopped"), ErrorStyle::kQuery).body.ToString(),
            "the request was cancelled by the client");
  EXPECT_EQ(ErrorResponse(DeadlineExceeded("late"), ErrorStyle::kQuery).body.ToString(),
            "request timed out, decrease the duration of the request or add more label matchers "
            "(prefer exact match over regex match) to reduce the amount of data processed");
}

}  // namespace
}  // namespace skald::api
