// Parameters of query endpoints: Loki's grammar and texts (times, durations, limits, directions).
//
// All errors are InvalidArgument with the text that a client of Loki sees.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/engine.h"
#include "server/http/target.h"
#include "storage/base/status.h"

namespace skald::api {

// Nanoseconds of a point in time: seconds with a fraction, seconds (up to 10 digits), nanoseconds
// (more digits), or RFC 3339.
StatusOr<int64_t> ParseTime(std::string_view text);

// Nanoseconds of a length of time: seconds with or without a fraction, or a Prometheus duration.
StatusOr<int64_t> ParseStep(std::string_view text);

struct TimeBounds {
  int64_t start = 0;  // ns
  int64_t end = 0;    // ns
};
// `start`, `end` and `since`; by default the hour before `now`.
StatusOr<TimeBounds> ParseTimeBounds(const http::Form& form, int64_t now);

// A positive `limit`, or `otherwise` when there is none.
StatusOr<uint32_t> ParseLimit(const http::Form& form, uint32_t otherwise);

// `limit` or another count that may be zero; `otherwise` when there is none.
StatusOr<uint32_t> ParseCount(const http::Form& form, std::string_view name, uint32_t otherwise);

// `step`, by default a 250th of the bounds and at least a second.
StatusOr<int64_t> ParseStepOr250th(const http::Form& form, TimeBounds bounds);

// Everything of query_range but the tenant, the limits and the query text, which is `query`.
StatusOr<query::QueryParams> ParseRangeParams(const http::Form& form, int64_t now);

// The same of an instant query: `time`, `limit`, `direction`.
StatusOr<query::QueryParams> ParseInstantParams(const http::Form& form, int64_t now);

}  // namespace skald::api
