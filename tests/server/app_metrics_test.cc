// The metrics that the server exposes, held against docs/operations.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "storage/base/strings.h"
#include "tests/server/app_harness.h"

namespace skald {
namespace {

using Names = std::set<std::string>;

Names Matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  Names names;
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) {
    names.insert((*i)[1]);
  }
  return names;
}

Names Without(const Names& all, const Names& known) {
  Names rest;
  std::set_difference(all.begin(), all.end(), known.begin(), known.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

std::string ReadText(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// What a server exposes that was used.
std::string Metrics() {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  // A push of two entries, one of them refused, and queries bring out what appears with use.
  PushJson(*app, R"({"streams":[{"stream":{"app":"a"},"values":[["1767574000000000000","x"],)" +
                     StrCat(R"(["1767574000000000001",")", std::string(300'000, 'x'), R"("]]}]})"));
  Ask(*app, http::Get("/loki/api/v1/query?query=%7Bapp%3D%22a%22%7D"));
  Ask(*app, http::Get("/loki/api/v1/labels"));
  return http::BodyOf(Ask(*app, http::Get("/metrics")));
}

TEST(AppMetricsTest, AreAllDocumented) {
  const std::string metrics = Metrics();
  const Names exposed = Matches(metrics, "# TYPE ([a-z_]+) ");
  const Names ours = Matches(metrics, "# TYPE ((?:skald|process)_[a-z_]+) ");
  const Names documented =
      Matches(ReadText(SKALD_DOCS "/operations.md"), "`((?:skald|loki|process)_[a-z_]+)`");
  EXPECT_GE(ours.size(), 40u);
  EXPECT_THAT(Without(ours, documented), testing::IsEmpty()) << "not in docs/operations.md";
  EXPECT_THAT(Without(documented, exposed), testing::IsEmpty()) << "not exposed";
}

TEST(AppMetricsTest, AlertsUseWhatIsExposed) {
  const std::string alerts = ReadText(SKALD_DOCS "/../configs/prometheus/alerts.yaml");
  const Names used =
      Matches(alerts, "((?:skald|loki|process)_[a-z_]+?)(?:_count|_bucket|_sum)?[^a-z_]");
  EXPECT_GT(used.size(), 10u);
  EXPECT_THAT(Without(used, Matches(Metrics(), "# TYPE ([a-z_]+) ")), testing::IsEmpty());
  const Names named = Matches(alerts, "alert: ([A-Za-z]+)");
  const Names explained = Matches(ReadText(SKALD_DOCS "/operations.md"), "`(Skald[A-Za-z]+)`");
  EXPECT_THAT(Without(named, explained), testing::IsEmpty()) << "not in docs/operations.md";
}

}  // namespace
}  // namespace skald
