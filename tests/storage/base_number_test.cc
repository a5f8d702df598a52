// Numbers, durations and byte sizes in Go's and Prometheus' notations. The expected texts are what
// Go 1.24 and the libraries print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::string ErrorOf(const Status& status) { return std::string(Message(status)); }

// ---- Numbers -----------------------------------------------------------------------------

TEST(GoFloat, Parses) {
  const std::pair<const char*, double> cases[] = {
      {"0", 0},
      {"-1", -1},
      {"+5", 5},
      {"1e3", 1000},
      {"1_000", 1000},
      {".5", 0.5},
      {"5.", 5},
      {"0x1p4", 16},
      {"0x.8p0", 0.5},
      {"0x_1p4", 16},
      {"1e-400", 0},
      {"5e-324", 5e-324},
      {"1e5_0", 1e50},
      {"010", 10},
      {"0x1p-1074", 5e-324},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"inf", INFINITY},
      {"-Inf", -INFINITY},
      {"+infinity", INFINITY},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_THAT(ParseGoFloat(text), IsOkAndHolds(value)) << text;
  }
  EXPECT_TRUE(std::isnan(ParseGoFloat("nAn").value()));
  EXPECT_TRUE(std::signbit(ParseGoFloat("-0").value()));
}

TEST(GoFloat, RefusesWhatGoRefuses) {
  for (const char* text : {"", "+", "_1", "1_", "1__0", "1._5", "0x1", "0x1p", "1e", "1e+", "1.2.3",
                           "-nan", "infi", "1 ", " 1", "e1", ".", "0b1", "0x"}) {
    double value = 0;
    EXPECT_FALSE(TryParseGoFloat(text, &value)) << text;
    EXPECT_EQ(ErrorOf(ParseGoFloat(text).status()),
              StrCat("strconv.ParseFloat: parsing \"", text, "\": invalid syntax"));
  }
  EXPECT_EQ(ErrorOf(ParseGoFloat("-1e400").status()),
            "strconv.ParseFloat: parsing \"-1e400\": value out of range");
}

TEST(GoInt, Parses) {
  EXPECT_THAT(ParseGoInt("+9223372036854775807"), IsOkAndHolds(INT64_MAX));
  EXPECT_THAT(ParseGoInt("-9223372036854775808"), IsOkAndHolds(INT64_MIN));
  EXPECT_EQ(ErrorOf(ParseGoInt("9223372036854775808").status()),
            "strconv.ParseInt: parsing \"9223372036854775808\": value out of range");
  for (const char* text : {"", "+", "-", "+-1", "++1", "1.0", "0x1", "1_0", " 1"}) {
    EXPECT_EQ(ErrorOf(ParseGoInt(text, "Atoi").status()),
              StrCat("strconv.Atoi: parsing \"", text, "\": invalid syntax"));
  }
}

TEST(GoFloat, Formats) {
  struct Case {
    double value;
    const char* fixed;
    const char* general;
  };
  const Case cases[] = {
      {0, "0", "0"},
      {-0.0, "-0", "-0"},
      {1, "1", "1"},
      {-1.5, "-1.5", "-1.5"},
      {999999, "999999", "999999"},
      {1e6, "1000000", "1e+06"},
      {123456789.5, "123456789.5", "1.234567895e+08"},
      {0.0001, "0.0001", "0.0001"},
      {0.00012, "0.00012", "0.00012"},
      {-1e-5, "-0.00001", "-1e-05"},
      {9223372036854775807.0, "9223372036854776000", "9.223372036854776e+18"},
      {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
      {INFINITY, "+Inf", "+Inf"},
      {-INFINITY, "-Inf", "-Inf"},
      {NAN, "NaN", "NaN"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(FormatGoFloat(c.value, 'f'), c.fixed);
    EXPECT_EQ(FormatGoFloat(c.value, 'g'), c.general);
  }
  EXPECT_EQ(FormatGoFloat(1500, 'e'), "1.5e+03");
}

TEST(GoFloat, FormatsReadBack) {
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random.Next();
    double value;
    static_assert(sizeof(value) == sizeof(bits));
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    for (const char format : {'e', 'f', 'g'}) {
      EXPECT_THAT(ParseGoFloat(FormatGoFloat(value, format)), IsOkAndHolds(value));
    }
  }
}

// ---- Durations ---------------------------------------------------------------------------

TEST(GoDuration, Parses) {
  const std::pair<const char*, nanoseconds> cases[] = {
      {"0", nanoseconds(0)},
      {"-0", nanoseconds(0)},
      {"1h30m", minutes(90)},
      {"1.5h", minutes(90)},
      {"-1.5h", minutes(-90)},
      {"+5s", seconds(5)},
      {"1h1h", hours(2)},
      {".5s", milliseconds(500)},
      {"5.s", seconds(5)},
      {"500us", nanoseconds(500000)},
      {"1\u00B5s", nanoseconds(1000)},
      {"1\u03BCs", nanoseconds(1000)},
      {"1m0.000000001s", minutes(1) + nanoseconds(1)},
      {"9223372036854775807ns", nanoseconds::max()},
      {"-9223372036854775808ns", nanoseconds::min()},
      {"1.00000000000000000000001s", seconds(1)},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_THAT(ParseGoDuration(text), IsOkAndHolds(value)) << text;
  }
}

TEST(GoDuration, RefusesWithGosText) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "time: invalid duration \"\""},
      {"-", "time: invalid duration \"-\""},
      {"abc", "time: invalid duration \"abc\""},
      {"5", "time: missing unit in duration \"5\""},
      {"1h5", "time: missing unit in duration \"1h5\""},
      {"2d", "time: unknown unit \"d\" in duration \"2d\""},
      {".s", "time: invalid duration \".s\""},
      {"1 h", "time: unknown unit \" h\" in duration \"1 h\""},
      {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
      {"3000000h", "time: invalid duration \"3000000h\""},
      {"1\u00e9", "time: unknown unit \"\\xc3\\xa9\" in duration \"1\\xc3\\xa9\""},
      {"\"", "time: invalid duration \"\\\"\""},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(ErrorOf(ParseGoDuration(text).status()), error);
  }
}

TEST(GoDuration, Formats) {
  const std::pair<nanoseconds, const char*> cases[] = {
      {nanoseconds(0), "0s"},
      {nanoseconds(1), "1ns"},
      {nanoseconds(1100), "1.1\u00B5s"},
      {nanoseconds(2200000), "2.2ms"},
      {milliseconds(1500), "1.5s"},
      {minutes(1), "1m0s"},
      {hours(1) + milliseconds(1), "1h0m0.001s"},
      {hours(-26), "-26h0m0s"},
      {nanoseconds::max(), "2562047h47m16.854775807s"},
      {nanoseconds::min(), "-2562047h47m16.854775808s"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(FormatGoDuration(value), text);
}

TEST(GoDuration, FormatsReadBack) {
  Random random(11);
  for (int i = 0; i < 20000; ++i) {
    const auto value = nanoseconds(static_cast<int64_t>(random.Skewed()));
    EXPECT_THAT(ParseGoDuration(FormatGoDuration(value)), IsOkAndHolds(value));
  }
}

TEST(PrometheusDuration, Parses) {
  const std::pair<const char*, nanoseconds> cases[] = {
      {"0", nanoseconds(0)},  {"5m", minutes(5)},
      {"1d12h", hours(36)},   {"1y", hours(365 * 24)},
      {"2w", hours(14 * 24)}, {"1h30m5s7ms", minutes(90) + milliseconds(5007)},
      {"007s", seconds(7)},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_THAT(ParsePrometheusDuration(text), IsOkAndHolds(value)) << text;
  }
}

TEST(PrometheusDuration, RefusesWithItsText) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "empty duration string"},
      {"5", "not a valid duration string: \"5\""},
      {"-5m", "not a valid duration string: \"-5m\""},
      {" 5m", "not a valid duration string: \" 5m\""},
      {"1m1h", "not a valid duration string: \"1m1h\""},
      {"1m1m", "not a valid duration string: \"1m1m\""},
      {"5x", "unknown unit \"x\" in duration \"5x\""},
      {"1.5m", "unknown unit \".\" in duration \"1.5m\""},
      {"5m:1m", "unknown unit \"m:\" in duration \"5m:1m\""},
      {"1us", "unknown unit \"us\" in duration \"1us\""},
      {"300y", "duration out of range"},
      {"99999999999999999999s", "not a valid duration string: \"99999999999999999999s\""},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(ErrorOf(ParsePrometheusDuration(text).status()), error);
  }
}

TEST(PrometheusDuration, Formats) {
  const std::pair<nanoseconds, const char*> cases[] = {
      {nanoseconds(999999), "0s"},   {milliseconds(90), "90ms"}, {seconds(90), "1m30s"},
      {hours(7 * 24), "1w"},         {hours(90 * 24), "90d"},    {hours(365 * 24), "1y"},
      {hours(30 * 24 + 1), "30d1h"}, {minutes(-20), "-20m"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(FormatPrometheusDuration(value), text);
}

// ---- Byte sizes --------------------------------------------------------------------------

TEST(ByteSize, Parses) {
  const std::pair<const char*, uint64_t> cases[] = {
      {"0", 0},
      {"42", 42},
      {"42B", 42},
      {"1kb", 1000},
      {"1KiB", 1024},
      {"1 mb", 1000000},
      {"1.5KiB", 1536},
      {"1,000", 1000},
      {"2Gi", 2ull << 30},
      {"1e", 1000000000000000000ull},
      {"0.5 tib", 1ull << 39},
      {"1.9b", 1},
      {"3PB", 3000000000000000ull},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_THAT(ParseHumanizedBytes(text), IsOkAndHolds(value)) << text;
  }
}

TEST(ByteSize, RefusesWithItsText) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "strconv.ParseFloat: parsing \"\": invalid syntax"},
      {"-1KB", "strconv.ParseFloat: parsing \"\": invalid syntax"},
      {"1.2.3KB", "strconv.ParseFloat: parsing \"1.2.3\": invalid syntax"},
      {"12 Apples", "unhandled size name: apples"},
      {"1kbb", "unhandled size name: kbb"},
      {"99EB", "too large: 99EB"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(ErrorOf(ParseHumanizedBytes(text).status()), error);
  }
}

TEST(ByteSize, Formats) {
  const std::pair<uint64_t, const char*> cases[] = {
      {0, "0 B"},
      {9, "9 B"},
      {512, "512 B"},
      {999, "999 B"},
      {1000, "1.0 kB"},
      {1024, "1.0 kB"},
      {1536, "1.5 kB"},
      {12345, "12 kB"},
      {24000000, "24 MB"},
      {123456789, "124 MB"},
      {UINT64_MAX, "18 EB"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(FormatHumanizedBytes(value), text);
}

}  // namespace
}  // namespace skald
