// Times as the command line takes and shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "storage/base/status.h"
#include "tools/cli/options.h"

namespace skald::cli {

// RFC 3339 with up to nanoseconds, to nanoseconds since the epoch. Errors carry Go's text:
// `parsing time "x" as "2006-…": cannot parse "x" as "2006"`.
StatusOr<int64_t> ParseRfc3339(std::string_view text);

// Shows nanoseconds since the epoch in one of the formats of --output-timestamp-format.
std::string FormatTimestamp(int64_t ns, std::string_view format, absl::TimeZone zone);

// The zone that --timezone names: `UTC`, else the machine's.
absl::TimeZone ZoneNamed(std::string_view name);

struct TimeSpan {
  int64_t start = 0;  // ns
  int64_t end = 0;    // ns
};
// What --from, --to and --since mean at the time `now`.
StatusOr<TimeSpan> SpanOf(const RangeOptions& range, int64_t now);

// Nanoseconds since the epoch by the wall clock.
int64_t WallClock();

}  // namespace skald::cli
