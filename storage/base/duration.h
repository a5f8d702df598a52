// Durations in the two notations of Loki's world.
//
// Go's (`1h30m0s`, `1.5h`, `500us`; no unit above the hour) is what label values, templates and the
// canonical text of queries use. Prometheus' (`1d12h`, integers only, y w d h m s ms in that order)
// is what ranges, configuration and request parameters use.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace skald {

// time.ParseDuration. InvalidArgument with Go's text: `time: invalid duration "x"`,
// `time: missing unit in duration "5"`, `time: unknown unit "d" in duration "2d"`.
StatusOr<std::chrono::nanoseconds> ParseGoDuration(std::string_view text);

// model.ParseDuration. InvalidArgument with its text: `empty duration string`,
// `not a valid duration string: "-5m"`, `unknown unit "x" in duration "5x"`,
// `duration out of range`. A year has 365 days.
StatusOr<std::chrono::nanoseconds> ParsePrometheusDuration(std::string_view text);

// time.Duration.String: `1h30m0s`, `1.5ms`, `0s`.
std::string FormatGoDuration(std::chrono::nanoseconds duration);

// model.Duration.String: whole milliseconds, `1h30m`, `1w`, `90d`; `0s` below a millisecond.
std::string FormatPrometheusDuration(std::chrono::nanoseconds duration);

}  // namespace skald
