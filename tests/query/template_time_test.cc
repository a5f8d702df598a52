// Go's time layouts, formatted and parsed.
#include "gtest/gtest.h"
#include "query/template/go_time.h"

namespace skald {
namespace {

struct ParseCase {
  std::string_view layout;
  std::string_view zone;
  std::string_view value;
  std::string_view result;  // as Time.String prints it, or the error
};
struct FormatCase {
  int64_t unix_ns;
  std::string_view zone;
  std::string_view layout;
  std::string_view result;
};

constexpr ParseCase kParses[] = {
    {"2006-01-02", "UTC", "2021-11-02", "2021-11-02 00:00:00 +0000 UTC"},
    {"2006-01-02", "UTC", "2020-02-29", "2020-02-29 00:00:00 +0000 UTC"},
    {"2006-1-2", "UTC", "2021-1-2", "2021-01-02 00:00:00 +0000 UTC"},
    {"2006-1-2", "UTC", "2021-01-02", "2021-01-02 00:00:00 +0000 UTC"},
    {"", "UTC", "", "0000-01-01 00:00:00 +0000 UTC"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30Z", "2021-11-02 22:01:30 +0000 UTC"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30.123456789123Z",
     "2021-11-02 22:01:30.123456789 +0000 UTC"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30,5Z",
     "2021-11-02 22:01:30.5 +0000 UTC"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30+05:30",
     "2021-11-02 22:01:30 +0530 +0530"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30-00:00",
     "2021-11-02 22:01:30 +0000 UTC"},
    {"2006-01-02T15:04:05Z07:00", "Europe/Berlin", "2021-07-02T22:01:30+02:00",
     "2021-07-02 22:01:30 +0200 CEST"},
    {"2006-01-02T15:04:05Z07:00", "Europe/Berlin", "2021-07-02T22:01:30+01:00",
     "2021-07-02 22:01:30 +0100 +0100"},
    {"2006-01-02 15:04:05.000", "UTC", "2021-11-02 22:01:30.123",
     "2021-11-02 22:01:30.123 +0000 UTC"},
    {"2006-01-02 15:04:05.999", "UTC", "2021-11-02 22:01:30", "2021-11-02 22:01:30 +0000 UTC"},
    {"2006-01-02 15:04:05.999", "UTC", "2021-11-02 22:01:30.123456",
     "2021-11-02 22:01:30.123456 +0000 UTC"},
    {"15:04:05,000", "UTC", "22:01:30,123", "0000-01-01 22:01:30.123 +0000 UTC"},
    {"Jan 2 2006", "UTC", "nov 2 2021", "2021-11-02 00:00:00 +0000 UTC"},
    {"January 2 2006", "UTC", "November 2 2021", "2021-11-02 00:00:00 +0000 UTC"},
    {"Jan _2 2006", "UTC", "Nov  2 2021", "2021-11-02 00:00:00 +0000 UTC"},
    {"Mon Jan 2 2006", "UTC", "Tue Nov 2 2021", "2021-11-02 00:00:00 +0000 UTC"},
    {"Monday, 02-Jan-06", "UTC", "Tuesday, 02-Nov-21", "2021-11-02 00:00:00 +0000 UTC"},
    {"06", "UTC", "68", "2068-01-01 00:00:00 +0000 UTC"},
    {"06", "UTC", "69", "1969-01-01 00:00:00 +0000 UTC"},
    {"3:04PM", "UTC", "12:30AM", "0000-01-01 00:30:00 +0000 UTC"},
    {"3:04PM", "UTC", "12:30PM", "0000-01-01 12:30:00 +0000 UTC"},
    {"3:04pm", "UTC", "1:30pm", "0000-01-01 13:30:00 +0000 UTC"},
    {"03:04:05 PM", "UTC", "01:30:05 PM", "0000-01-01 13:30:05 +0000 UTC"},
    {"2006 002", "UTC", "2021 365", "2021-12-31 00:00:00 +0000 UTC"},
    {"2006 002", "UTC", "2020 366", "2020-12-31 00:00:00 +0000 UTC"},
    {"2006 __2", "UTC", "2021   9", "2021-01-09 00:00:00 +0000 UTC"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 UTC", "2021-11-02 22:01:00 +0000 UTC"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 CET", "2021-11-02 22:01:00 +0000 CET"},
    {"2006-01-02 15:04 MST", "Europe/Berlin", "2021-11-02 22:01 CET",
     "2021-11-02 22:01:00 +0100 CET"},
    {"2006-01-02 15:04 MST", "Europe/Berlin", "2021-11-02 22:01 CEST",
     "2021-11-02 21:01:00 +0100 CET"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 GMT+3", "2021-11-03 01:01:00 +0300 GMT+3"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 GMT", "2021-11-02 22:01:00 +0000 GMT"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 GMT-11", "2021-11-02 11:01:00 -1100 GMT-11"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 ABCDT", "2021-11-02 22:01:00 +0000 ABCDT"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 WITA", "2021-11-02 22:01:00 +0000 WITA"},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 ChST", "2021-11-02 22:01:00 +0000 ChST"},
    {"2006-01-02 15:04 MST", "America/Sao_Paulo", "2021-11-02 22:01 -03",
     "2021-11-02 22:01:00 -0300 -03"},
    {"2006-01-02 -0700 MST", "UTC", "2021-11-02 +0100 CET", "2021-11-02 00:00:00 +0100 CET"},
    {"2006 -07", "UTC", "2021 +03", "2021-01-01 00:00:00 +0300 +0300"},
    {"2006 -07:00:00", "UTC", "2021 +03:04:05", "2021-01-01 00:00:00 +0304 +0304"},
    {"2006 -070000", "UTC", "2021 -030405", "2021-01-01 00:00:00 -0304 -0304"},
    {"2006 Z0700", "UTC", "2021 Z", "2021-01-01 00:00:00 +0000 UTC"},
    {"2006 Z0700", "UTC", "2021 +0300", "2021-01-01 00:00:00 +0300 +0300"},
    {"2006-01-02 15:04", "America/New_York", "2021-03-14 02:30", "2021-03-14 01:30:00 -0500 EST"},
    {"2006-01-02 15:04", "America/New_York", "2021-11-07 01:30", "2021-11-07 01:30:00 -0400 EDT"},
    {"02/Jan/2006:15:04:05 -0700", "UTC", "05/Jan/2026:00:00:03 +0000",
     "2026-01-05 00:00:03 +0000 UTC"},
    {"2006  01", "UTC", "2021 02", "2021-02-01 00:00:00 +0000 UTC"},
    {"2006 01", "UTC", "2021    02", "2021-02-01 00:00:00 +0000 UTC"},
    {"20060102150405", "UTC", "20211102220130", "2021-11-02 22:01:30 +0000 UTC"},
};

constexpr ParseCase kParseErrors[] = {
    {"2006-01-02", "UTC", "2021-13-02", "parsing time \"2021-13-02\": month out of range"},
    {"2006-01-02", "UTC", "2021-02-29", "parsing time \"2021-02-29\": day out of range"},
    {"2006-01-02", "UTC", "2021-00-10", "parsing time \"2021-00-10\": month out of range"},
    {"2006-01-02", "UTC", "2021-01-00", "parsing time \"2021-01-00\": day out of range"},
    {"2006-01-02", "UTC", "2021-1-2",
     "parsing time \"2021-1-2\" as \"2006-01-02\": cannot parse \"1-2\" as \"01\""},
    {"2006-01-02", "UTC", "2021-11-02x", "parsing time \"2021-11-02x\": extra text: \"x\""},
    {"2006-01-02", "UTC", "", "parsing time \"\" as \"2006-01-02\": cannot parse \"\" as \"2006\""},
    {"2006-01-02", "UTC", "junk",
     "parsing time \"junk\" as \"2006-01-02\": cannot parse \"junk\" as \"2006\""},
    {"", "UTC", "x", "parsing time \"x\": extra text: \"x\""},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T24:01:30Z",
     "parsing time \"2021-11-02T24:01:30Z\": hour out of range"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:60:30Z",
     "parsing time \"2021-11-02T22:60:30Z\": minute out of range"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:60Z",
     "parsing time \"2021-11-02T22:01:60Z\": second out of range"},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30",
     "parsing time \"2021-11-02T22:01:30\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as "
     "\"Z07:00\""},
    {"2006-01-02T15:04:05Z07:00", "UTC", "2021-11-02T22:01:30+25:00",
     "parsing time \"2021-11-02T22:01:30+25:00\": time zone offset hour out of range"},
    {"2006-01-02 15:04:05.000", "UTC", "2021-11-02 22:01:30.12",
     "parsing time \"2021-11-02 22:01:30.12\" as \"2006-01-02 15:04:05.000\": cannot parse \".12\" "
     "as \".000\""},
    {"2006-01-02 15:04:05.000", "UTC", "2021-11-02 22:01:30",
     "parsing time \"2021-11-02 22:01:30\" as \"2006-01-02 15:04:05.000\": cannot parse \"\" as "
     "\".000\""},
    {"Jan 2 2006", "UTC", "Foo 2 2021",
     "parsing time \"Foo 2 2021\" as \"Jan 2 2006\": cannot parse \"Foo 2 2021\" as \"Jan\""},
    {"Mon 2006", "UTC", "Xyz 2021",
     "parsing time \"Xyz 2021\" as \"Mon 2006\": cannot parse \"Xyz 2021\" as \"Mon\""},
    {"3:04PM", "UTC", "13:30PM", "parsing time \"13:30PM\": hour out of range"},
    {"3:04PM", "UTC", "1:30XM",
     "parsing time \"1:30XM\" as \"3:04PM\": cannot parse \"XM\" as \"PM\""},
    {"2006 002", "UTC", "2021 366", "parsing time \"2021 366\": day-of-year out of range"},
    {"2006 002", "UTC", "2021 000", "parsing time \"2021 000\": day-of-year out of range"},
    {"2006-01 002", "UTC", "2021-01 032",
     "parsing time \"2021-01 032\": day-of-year does not match month"},
    {"2006-02 002", "UTC", "2021-02 001",
     "parsing time \"2021-02 001\": day-of-year does not match day"},
    {"2006 002", "UTC", "2021 5",
     "parsing time \"2021 5\" as \"2006 002\": cannot parse \"5\" as \"002\""},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 AB",
     "parsing time \"2021-11-02 22:01 AB\" as \"2006-01-02 15:04 MST\": cannot parse \"AB\" as "
     "\"MST\""},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 ABCD",
     "parsing time \"2021-11-02 22:01 ABCD\" as \"2006-01-02 15:04 MST\": cannot parse \"ABCD\" as "
     "\"MST\""},
    {"2006-01-02 15:04 MST", "UTC", "2021-11-02 22:01 +99",
     "parsing time \"2021-11-02 22:01 +99\" as \"2006-01-02 15:04 MST\": cannot parse \"+99\" as "
     "\"MST\""},
    {"2006 -0700", "UTC", "2021 Z",
     "parsing time \"2021 Z\" as \"2006 -0700\": cannot parse \"Z\" as \"-0700\""},
    {"2006 -0700", "UTC", "2021 *0300",
     "parsing time \"2021 *0300\" as \"2006 -0700\": cannot parse \"*0300\" as \"-0700\""},
    {"2006 -0700", "UTC", "2021 +03",
     "parsing time \"2021 +03\" as \"2006 -0700\": cannot parse \"+03\" as \"-0700\""},
    {"2006 -07:00", "UTC", "2021 +0300",
     "parsing time \"2021 +0300\" as \"2006 -07:00\": cannot parse \"+0300\" as \"-07:00\""},
    {"2006x", "UTC", "2021y", "parsing time \"2021y\" as \"2006x\": cannot parse \"y\" as \"x\""},
};

constexpr FormatCase kFormats[] = {
    {1679577215123456789, "UTC", "2006-01-02T15:04:05.999999999Z07:00",
     "2023-03-23T13:13:35.123456789Z"},
    {1679577215123456789, "UTC", "2006-01-02 15:04:05.999999999 -0700 MST",
     "2023-03-23 13:13:35.123456789 +0000 UTC"},
    {1679577215120000000, "UTC", ".000 .999 ,000000 .0 .9", ".120 .12 ,120000 .1 .1"},
    {1679577215000000000, "UTC", ".000 .999|", ".000 |"},
    {1679577215123456789, "UTC", ".000x .0001 .00000000000000", ".123x .0003 .123456789"},
    {1679577215123456789, "Europe/Berlin", "Mon Monday Jan January 1 01 2 02 _2 002 __2 06 2006",
     "Thu Thursday Mar March 3 03 23 23 23 082  82 23 2023"},
    {1679577215123456789, "Europe/Berlin", "15 3 03 4 04 5 05 PM pm", "14 2 02 13 13 35 35 PM pm"},
    {1679577215123456789, "Europe/Berlin",
     "Z0700 Z07:00 Z07 Z070000 Z07:00:00 -0700 -07:00 -07 -070000 -07:00:00 MST",
     "+0100 +01:00 +01 +010000 +01:00:00 +0100 +01:00 +01 +010000 +01:00:00 CET"},
    {1679577215123456789, "UTC",
     "Z0700 Z07:00 Z07 Z070000 Z07:00:00 -0700 -07:00 -07 -070000 -07:00:00 MST",
     "Z Z Z Z Z +0000 +00:00 +00 +000000 +00:00:00 UTC"},
    {1679577215123456789, "America/St_Johns", "-0700 -07:00 -07 MST", "-0230 -02:30 -02 NDT"},
    {1679577215123456789, "America/Sao_Paulo", "-07 MST", "-03 -03"},
    {1679577215123456789, "Asia/Kolkata", "15:04 Z07:00", "18:43 +05:30"},
    {0, "UTC", "3:04PM 03:04pm 15:04", "12:00AM 12:00am 00:00"},
    {43200000000000, "UTC", "3:04PM", "12:00PM"},
    {46800000000000, "UTC", "3PM", "1PM"},
    {0, "America/New_York", "2006-01-02 15:04 MST", "1969-12-31 19:00 EST"},
    {1704067200000000000, "UTC", "002 __2 _2", "001   1  1"},
    {1735603200000000000, "UTC", "002 __2 _2", "366 366 31"},
    {0, "UTC", "Month Marc Jany Jan1 Monkey _2006 2006_ 20060102 0102030405 a1b2",
     "Month Marc Jany Jan1 Monkey _1970 1970_ 19700101 0101120000 a1b1"},
    {-1000000000, "UTC", "2006-01-02 15:04:05", "1969-12-31 23:59:59"},
    {-5000000000000000000, "UTC", "2006 06", "1811 11"},
    {0, "UTC", "", ""},
    {0, "UTC", "日本 2006", "日本 1970"},
};

TEST(GoTimeTest, Parses) {
  for (const ParseCase& c : kParses) {
    const auto time = ParseGoTime(c.layout, c.value, *LoadGoLocation(c.zone));
    ASSERT_TRUE(time.ok()) << c.layout << " " << c.value << ": " << time.status();
    std::string text;
    AppendGoTimeString(&text, *time);
    EXPECT_EQ(text, c.result) << c.layout << " " << c.value;
  }
}

TEST(GoTimeTest, RefusesWhatDoesNotMatch) {
  for (const ParseCase& c : kParseErrors) {
    const auto time = ParseGoTime(c.layout, c.value, *LoadGoLocation(c.zone));
    EXPECT_EQ(Message(time.status()), c.result) << c.layout << " " << c.value;
  }
}

TEST(GoTimeTest, Formats) {
  for (const FormatCase& c : kFormats) {
    GoTime time;
    time.instant = absl::FromUnixNanos(c.unix_ns);
    time.zone = *LoadGoLocation(c.zone);
    std::string text;
    AppendGoTime(&text, time, c.layout);
    EXPECT_EQ(text, c.result) << c.layout;
  }
}

TEST(GoTimeTest, KnowsTheZoneDatabaseAndNothingOutsideIt) {
  for (const std::string_view name : {"", "UTC", "Local", "Europe/Berlin", "Etc/GMT+5"}) {
    EXPECT_TRUE(LoadGoLocation(name).ok()) << name;
  }
  for (const std::string_view name : {"Nope", "Europe", "../zoneinfo/UTC", "/etc/localtime",
                                      "Europe/Berlin\n", "A:B", "Fixed/UTC+01:00:00"}) {
    EXPECT_FALSE(LoadGoLocation(name).ok()) << name;
  }
  EXPECT_FALSE(LoadGoLocation(std::string(1000, 'a')).ok());
}

TEST(GoTimeTest, UnixNanosWrapAround) {
  EXPECT_EQ(GoUnixNanos(ZeroGoTime()), -6795364578871345152);
}

}  // namespace
}  // namespace skald
