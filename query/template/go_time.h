// Instants with a location, formatted and parsed by the layouts of Go's time package.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "storage/base/status.h"

namespace skald {

// An instant and where its clock hangs: a time zone, or a bare offset that a parse found.
struct GoTime {
  absl::Time instant = absl::UnixEpoch();
  absl::TimeZone zone = absl::UTCTimeZone();
  // With a fixed offset `zone` is unused and `abbreviation` (which may be empty) names it.
  bool fixed = false;
  int fixed_offset = 0;
  std::string_view abbreviation;
};

// The instant on the wall clock of its location.
struct GoCivil {
  absl::CivilSecond second;
  int nanosecond = 0;
  int offset = 0;
  // Empty for an offset without a name.
  std::string_view abbreviation;
};
GoCivil CivilOf(const GoTime& time);

// Go's zero time: the first second of the year 1, UTC.
GoTime ZeroGoTime();

// time.Date: the instant of a wall clock; for times that a zone skips or repeats, Go's choice.
absl::Time FromGoCivil(absl::CivilSecond second, absl::TimeZone zone);

// Time.UnixNano: wraps around outside the years 1678 to 2262.
int64_t GoUnixNanos(const GoTime& time);

// Time.AppendFormat.
void AppendGoTime(std::string* out, const GoTime& time, std::string_view layout);

// Time.String: `2023-03-23 13:13:35.5 +0000 UTC`.
void AppendGoTimeString(std::string* out, const GoTime& time);

// time.ParseInLocation. The result's abbreviation may point into `value`. InvalidArgument with
// Go's text: `parsing time "x" as "2006": cannot parse "x" as "2006"`.
StatusOr<GoTime> ParseGoTime(std::string_view layout, std::string_view value, absl::TimeZone zone);

// time.LoadLocation: "" and "UTC", "Local", or a name of the zone database. NotFound otherwise.
StatusOr<absl::TimeZone> LoadGoLocation(std::string_view name);

// English names, as Go prints them; `month` from 1, `weekday` from 0 (Sunday).
std::string_view GoMonthName(int month);
std::string_view GoWeekdayName(int weekday);

}  // namespace skald
