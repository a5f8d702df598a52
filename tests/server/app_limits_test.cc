// Limits on pushes as a user configures them: off unless set, then exact, and changed while the
// server runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/strings.h"
#include "tests/server/app_harness.h"

namespace skald {
namespace {

using http::BodyOf;
using http::StatusOf;
using testing::HasSubstr;

constexpr int64_t kStart = 1'767'574'000'000'000'000;

class AppLimitsTest : public testing::Test {
 protected:
  void Start() { app_ = *App::Start(config_, &clock_); }

  // Pushes one line of so many bytes.
  std::string Push(std::string_view app, size_t bytes) {
    return PushJson(*app_, StrCat(R"({"streams":[{"stream":{"app":")", app, R"("},"values":[[")",
                                  kStart, R"(",")", std::string(bytes, 'x'), R"("]]}]})"));
  }

  const TemporaryDirectory directory_;
  config::Config config_ = TestConfig(directory_);
  ManualClock clock_{kStart};
  std::unique_ptr<App> app_;
};

TEST_F(AppLimitsTest, RatesAndNumberOfStreamsAreOffUnlessSet) {
  Start();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(StatusOf(Push(StrCat("a", i), 250'000)), 204);
}

TEST_F(AppLimitsTest, RateIsExactInStatusAndText) {
  config_.limits.ingest.ingestion_rate = 1000;
  config_.limits.ingest.ingestion_burst = 2000;
  Start();
  EXPECT_EQ(StatusOf(Push("a", 1500)), 204);
  const std::string refused = Push("a", 1500);
  EXPECT_EQ(StatusOf(refused), 429);
  EXPECT_EQ(BodyOf(refused),
            "ingestion rate limit exceeded for user fake (limit: 1000 bytes/sec) while attempting "
            "to ingest '1' lines totaling '1500' bytes, reduce log volume or contact your Loki "
            "administrator to see if the limit can be increased\n");
  clock_.Advance(1'000'000'000);
  EXPECT_EQ(StatusOf(Push("a", 1500)), 204) << "500 were left, 1000 came";
}

TEST_F(AppLimitsTest, NumberOfStreamsIsExactInStatusAndText) {
  config_.limits.ingest.max_global_streams_per_user = 2;
  Start();
  EXPECT_EQ(StatusOf(Push("a", 1)), 204);
  EXPECT_EQ(StatusOf(Push("b", 1)), 204);
  const std::string refused = Push("c", 1);
  EXPECT_EQ(StatusOf(refused), 429);
  EXPECT_THAT(BodyOf(refused),
              HasSubstr("maximum active stream limit exceeded when trying to create stream "
                        "{app=\"c\", service_name=\"c\"}"));
  EXPECT_EQ(StatusOf(Push("a", 2)), 204) << "streams that are there go on";
}

TEST_F(AppLimitsTest, ConfigurationReadAgainChangesThem) {
  config_.limits.ingest.max_line_size = 100;
  config_.limits.ingest.max_global_streams_per_user = 1;
  Start();
  EXPECT_EQ(StatusOf(Push("a", 101)), 400);
  EXPECT_EQ(StatusOf(Push("a", 100)), 204);
  EXPECT_EQ(StatusOf(Push("b", 1)), 429);
  config::Config fresh = config_;
  fresh.limits.ingest.max_line_size = 200;
  fresh.limits.ingest.max_global_streams_per_user = 0;
  ASSERT_TRUE(app_->Reload(fresh).ok());
  EXPECT_EQ(StatusOf(Push("a", 101)), 204);
  EXPECT_EQ(StatusOf(Push("a", 201)), 400);
  EXPECT_EQ(StatusOf(Push("b", 1)), 204);
}

}  // namespace
}  // namespace skald
