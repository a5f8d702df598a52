// The delete API over HTTP: what it takes and answers, and that hidden rows are gone whatever is
// asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/strings.h"
#include "tests/server/app_harness.h"

namespace skald {
namespace {

using http::BodyOf;
using http::Get;
using http::HeadOf;
using http::StatusOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr std::string_view kDelete = "/loki/api/v1/delete";
constexpr std::string_view kRange = "&start=1767573000&end=1767575000";

// {app="a"}: "x 1" and "y 2", both JSON too; {app="b"}: "x 3". A second apart.
constexpr std::string_view kRows = R"({"streams":[
  {"stream":{"app":"a","pod":"p"},"values":[["1767574000000000000","{\"k\":\"x\",\"n\":1}"],
                                            ["1767574001000000000","{\"k\":\"y\",\"n\":2}"]]},
  {"stream":{"app":"b"},"values":[["1767574002000000000","{\"k\":\"x\",\"n\":3}"]]}]})";

std::string Request(std::string_view method, std::string_view target) {
  return StrCat(method, " ", target, " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
}

// The query of a URL: only what stands in these tests is escaped.
std::string Escape(std::string_view query) {
  std::string out;
  for (const char c : query) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    StrAppend(&out, plain ? std::string(1, c) : StrCat("%", absl::Hex(c, absl::kZeroPad2)));
  }
  return out;
}

class AppDeleteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    app_ = StartApp(config_);
    ASSERT_EQ(StatusOf(PushJson(*app_, kRows)), 204);
  }

  std::string Create(std::string_view query) {
    return Ask(*app_, Request("POST", StrCat(kDelete, "?query=", Escape(query), kRange)));
  }
  std::string List() { return BodyOf(Ask(*app_, Get(kDelete))); }
  std::string IdOf(const std::string& response) {
    constexpr std::string_view kName = "X-Delete-Request-Id: ";
    const size_t at = response.find(kName);
    return at == response.npos ? "" : response.substr(at + kName.size(), 8);
  }
  // The error of a POST with these parameters: status and text.
  std::string ErrorOf(std::string_view parameters) {
    const std::string response = Ask(*app_, Request("POST", StrCat(kDelete, "?", parameters)));
    return StrCat(StatusOf(response), " ", BodyOf(response));
  }
  std::string Asked(std::string_view path, std::string_view query) {
    return BodyOf(Ask(*app_, Get(StrCat("/loki/api/v1/", path, "?query=", Escape(query), kRange))));
  }
  // Rows of a selector, counted from ranks.
  std::string Count(std::string_view selector) {
    const std::string query = StrCat("sum(count_over_time(", selector, "[1h]))");
    return BodyOf(
        Ask(*app_, Get(StrCat("/loki/api/v1/query?time=1767575000&query=", Escape(query)))));
  }

  TemporaryDirectory directory_;
  config::Config config_ = TestConfig(directory_);
  std::unique_ptr<App> app_;
};

TEST_F(AppDeleteTest, CreatesListsAndCancels) {
  EXPECT_EQ(List(), "[]\n");
  const std::string created = Create(R"({app="a"} |= "\"x\"")");
  EXPECT_EQ(StatusOf(created), 204);
  const std::string id = IdOf(created);
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{8}"));
  const std::string listed = Ask(*app_, Get(kDelete));
  EXPECT_THAT(HeadOf(listed), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(
      BodyOf(listed),
      testing::StartsWith(StrCat(
          R"([{"request_id":")", id, R"(","start_time":1767573000,"end_time":1767575000,)",
          R"("query":"{app=\"a\"} |= \"\\\"x\\\"\"",)", R"("status":"received","created_at":)")));
  EXPECT_THAT(BodyOf(listed), testing::EndsWith(",\"user_id\":\"\"}]\n"));
  EXPECT_THAT(Count(R"({app="a"})"), HasSubstr("\"1\""));
  const std::string cancel = StrCat(kDelete, "?request_id=", id);
  EXPECT_EQ(StatusOf(Ask(*app_, Request("DELETE", cancel))), 204);
  EXPECT_EQ(List(), "[]\n");
  EXPECT_THAT(Count(R"({app="a"})"), HasSubstr("\"2\""));
  const std::string gone = Ask(*app_, Request("DELETE", cancel));
  EXPECT_EQ(StatusOf(gone), 404);
  EXPECT_EQ(BodyOf(gone), "could not find delete request with given id\n");
  EXPECT_EQ(StatusOf(Ask(*app_, Request("DELETE", kDelete))), 404);
}

TEST_F(AppDeleteTest, HiddenRowsAreGoneWhateverIsAsked) {
  EXPECT_EQ(StatusOf(Create(R"({app="a"})")), 204);
  const std::string all = R"({app=~".+"})";
  EXPECT_THAT(Asked("query_range", all), Not(HasSubstr("\"pod\":\"p\"")));
  EXPECT_THAT(Count(all), HasSubstr("\"1\""));
  EXPECT_THAT(Asked("labels", ""), HasSubstr(R"("data":["app","service_name"])"));
  EXPECT_THAT(Asked("label/app/values", ""), HasSubstr(R"("data":["b"])"));
  EXPECT_THAT(Asked("series", ""), Not(HasSubstr("\"a\"")));
  EXPECT_THAT(Asked("index/stats", all), HasSubstr(R"("streams":1,)"));
  EXPECT_THAT(Asked("index/stats", all), HasSubstr(R"("entries":1})"));
  EXPECT_THAT(Asked("index/volume", all), Not(HasSubstr("\"app\":\"a\"")));
  EXPECT_EQ(StatusOf(PushJson(*app_, kRows)), 204);
  EXPECT_THAT(Count(all), HasSubstr("\"3\"")) << "what is pushed again is shown";
  app_.reset();
  app_ = StartApp(config_);
  EXPECT_THAT(Count(all), HasSubstr("\"3\""));
}

TEST_F(AppDeleteTest, ARequestMeansTheRowsThatItsQueryShows) {
  EXPECT_EQ(StatusOf(Create(R"({app=~"a|b"} | json | n >= 2 | k = "x")")), 204);
  EXPECT_THAT(Count(R"({app="a"})"), HasSubstr("\"2\""));
  EXPECT_THAT(Count(R"({app="b"})"), HasSubstr(R"("result":[])"));
  EXPECT_EQ(StatusOf(Create(R"({app="a"} != "y" |~ "k.*x")")), 204);
  EXPECT_THAT(Asked("query_range", R"({app="a"})"), Not(HasSubstr(R"(\"n\":1)")));
  EXPECT_THAT(Asked("query_range", R"({app="a"})"), HasSubstr(R"(\"n\":2)"));
}

TEST_F(AppDeleteTest, RefusesInLokisWords) {
  constexpr std::string_view kQuery = "query=%7Ba%3D%22b%22%7D";
  EXPECT_EQ(ErrorOf("start=1"), "400 query not set\n");
  EXPECT_EQ(ErrorOf("query=%7B&start=1767573000"), "400 invalid query expression\n");
  EXPECT_EQ(ErrorOf("query=rate(%7Ba%3D%22b%22%7D%5B1m%5D)&start=1767573000"),
            "400 invalid query expression\n");
  EXPECT_EQ(ErrorOf(kQuery), "400 start time not set\n");
  for (const char* start : {"x", "100", "1767574000000000000", "1767574000.5"}) {
    EXPECT_EQ(ErrorOf(StrCat(kQuery, "&start=", start)),
              "400 invalid start time: require unix seconds or RFC3339 format\n");
  }
  EXPECT_EQ(ErrorOf(StrCat(kQuery, "&start=1767573000&end=x")),
            "400 invalid end time: require unix seconds or RFC3339 format\n");
  EXPECT_EQ(ErrorOf(StrCat(kQuery, "&start=1767573000&end=9999999999")),
            "400 deletes in the future are not allowed\n");
  EXPECT_EQ(ErrorOf(StrCat(kQuery, "&start=2026-01-05T00:00:00Z&end=2026-01-05T00:00:00Z")),
            "400 start time can't be greater than or equal to end time\n");
  EXPECT_EQ(List(), "[]\n");
}

TEST_F(AppDeleteTest, IsForbiddenWhereDeletionIsDisabled) {
  app_.reset();
  config_.limits.deletion_mode = "disabled";
  app_ = StartApp(config_);
  EXPECT_EQ(StatusOf(Create(R"({app="a"})")), 403);
  EXPECT_EQ(StatusOf(Ask(*app_, Get(kDelete))), 403);
}

}  // namespace
}  // namespace skald
