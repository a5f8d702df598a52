// The parameters that queries share, with Loki's grammar and error texts.
//
// Every error is InvalidArgument with exactly the text that Loki answers.
#pragma once

#include <cstdint>
#include <string_view>

#include "query/engine/engine.h"
#include "server/http/target.h"
#include "storage/base/status.h"

namespace skald::api {

// Nanoseconds since the epoch. A number with a point is seconds, an integer of up to ten characters
// too, a longer one nanoseconds; all else is RFC 3339.
StatusOr<int64_t> ParseTimestamp(std::string_view text);

// Nanoseconds. A number is seconds, all else a Prometheus duration.
StatusOr<int64_t> ParseSecondsOrDuration(std::string_view text);

struct TimeBounds {
  int64_t start = 0;  // ns
  int64_t end = 0;    // ns
};
// `start`, `end` and `since`: the last hour if not told otherwise. `end` may precede `start`.
StatusOr<TimeBounds> ParseTimeBounds(const http::Form& form, int64_t now);
// The same; InvalidArgument when `end` precedes `start`.
StatusOr<TimeBounds> ParseTimeRange(const http::Form& form, int64_t now);

// `time`: now if absent.
StatusOr<int64_t> ParseTime(const http::Form& form, int64_t now);

// `limit`: positive, `absent` if not given.
StatusOr<uint32_t> ParseLimit(const http::Form& form, uint32_t absent = 100);

StatusOr<query::Direction> ParseDirection(const http::Form& form);

// `step`: positive, a 250th of the range (at least a second) if absent.
StatusOr<int64_t> ParseStep(const http::Form& form, TimeBounds bounds);

// `interval`: zero if absent, never negative.
StatusOr<int64_t> ParseInterval(const http::Form& form);

}  // namespace skald::api
