#include "server/api/params.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "query/engine/limits.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"

namespace skald::api {
namespace {

constexpr int64_t kSecondNanos = 1'000'000'000;
constexpr int64_t kMillisecondNanos = 1'000'000;
constexpr uint32_t kDefaultLimit = 100;
constexpr int64_t kDefaultSince = 3600 * kSecondNanos;
// Integers of at most this many characters are seconds, longer ones nanoseconds.
constexpr size_t kMaxSecondsDigits = 10;

// Seconds as nanoseconds, or the nearest time that there is.
int64_t SecondsToNanos(double seconds) {
  constexpr double kMost = static_cast<double>(std::numeric_limits<int64_t>::max() / 2);
  return static_cast<int64_t>(std::clamp(seconds * 1e9, -kMost, kMost));
}

StatusOr<int64_t> ParseNamedTime(const http::Form& form, std::string_view name, int64_t otherwise) {
  const std::string_view text = form.Get(name);
  if (text.empty()) return otherwise;
  StatusOr<int64_t> time = ParseTime(text);
  if (time.ok()) return time;
  return InvalidArgument(
      StrCat("could not parse '", name, "' parameter: ", Message(time.status())));
}

StatusOr<query::Direction> ParseDirection(const http::Form& form) {
  const std::string_view text = form.Get("direction");
  const std::string lower = absl::AsciiStrToLower(ToAbsl(text));
  if (text.empty() || lower == "backward") return query::Direction::kBackward;
  if (lower == "forward") return query::Direction::kForward;
  return InvalidArgument(StrCat("invalid direction '", text, "'"));
}

}  // namespace

StatusOr<int64_t> ParseTime(std::string_view text) {
  double seconds = 0;
  if (text.find('.') != std::string_view::npos && TryParseGoFloat(text, &seconds)) {
    const double whole = std::floor(seconds);
    const double millis = std::round((seconds - whole) * 1000);
    return SecondsToNanos(whole) + static_cast<int64_t>(millis) * kMillisecondNanos;
  }
  const StatusOr<int64_t> number = ParseGoInt(text);
  if (!number.ok()) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error)) {
      return absl::ToUnixNanos(time);
    }
    return number.status();
  }
  if (text.size() > kMaxSecondsDigits) return *number;
  return *number * kSecondNanos;
}

StatusOr<int64_t> ParseStep(std::string_view text) {
  double seconds = 0;
  if (TryParseGoFloat(text, &seconds)) {
    if (std::isfinite(seconds) && std::abs(seconds) < 9e9) return SecondsToNanos(seconds);
  } else if (const auto duration = ParsePrometheusDuration(text); duration.ok()) {
    return duration->count();
  }
  return InvalidArgument(StrCat("cannot parse \"", text, "\" to a valid duration"));
}

StatusOr<TimeBounds> ParseTimeBounds(const http::Form& form, int64_t now) {
  TimeBounds bounds;
  int64_t since = kDefaultSince;
  if (const std::string_view text = form.Get("since"); !text.empty()) {
    const auto duration = ParsePrometheusDuration(text);
    if (!duration.ok()) {
      return InvalidArgument(
          StrCat("could not parse 'since' parameter: ", Message(duration.status())));
    }
    since = duration->count();
  }
  ASSIGN_OR_RETURN(bounds.end, ParseNamedTime(form, "end", now));
  ASSIGN_OR_RETURN(bounds.start, ParseNamedTime(form, "start", std::min(bounds.end, now) - since));
  return bounds;
}

StatusOr<uint32_t> ParseCount(const http::Form& form, std::string_view name, uint32_t otherwise) {
  const std::string_view text = form.Get(name);
  if (text.empty()) return otherwise;
  ASSIGN_OR_RETURN(const int64_t count, ParseGoInt(text, "Atoi"));
  if (count < 0) return InvalidArgument(StrCat(name, " must be a positive value"));
  return static_cast<uint32_t>(std::min<int64_t>(count, std::numeric_limits<int32_t>::max()));
}

StatusOr<uint32_t> ParseLimit(const http::Form& form, uint32_t otherwise) {
  ASSIGN_OR_RETURN(const uint32_t limit, ParseCount(form, "limit", otherwise));
  if (limit == 0) return InvalidArgument("limit must be a positive value");
  return limit;
}

StatusOr<int64_t> ParseStepOr250th(const http::Form& form, TimeBounds bounds) {
  const std::string_view text = form.Get("step");
  if (text.empty()) {
    const int64_t seconds = (bounds.end - bounds.start) / kSecondNanos / 250;
    return std::max<int64_t>(seconds, 1) * kSecondNanos;
  }
  ASSIGN_OR_RETURN(const int64_t step, ParseStep(text));
  if (step <= 0) {
    return InvalidArgument(
        "zero or negative query resolution step widths are not accepted. Try a positive integer");
  }
  return step;
}

StatusOr<query::QueryParams> ParseRangeParams(const http::Form& form, int64_t now) {
  query::QueryParams params;
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseTimeBounds(form, now));
  params.start = bounds.start;
  params.end = bounds.end;
  RETURN_IF_ERROR(query::CheckTimeRange(params.start, params.end, 0));
  ASSIGN_OR_RETURN(params.limit, ParseLimit(form, kDefaultLimit));
  ASSIGN_OR_RETURN(params.direction, ParseDirection(form));
  ASSIGN_OR_RETURN(params.step, ParseStepOr250th(form, bounds));
  RETURN_IF_ERROR(query::CheckTimeRange(params.start, params.end, params.step));
  if (const std::string_view text = form.Get("interval"); !text.empty()) {
    ASSIGN_OR_RETURN(params.interval, ParseStep(text));
    if (params.interval < 0) return InvalidArgument("interval must be >= 0");
  }
  return params;
}

StatusOr<query::QueryParams> ParseInstantParams(const http::Form& form, int64_t now) {
  query::QueryParams params;
  params.instant = true;
  params.start = now;
  if (const std::string_view text = form.Get("time"); !text.empty()) {
    ASSIGN_OR_RETURN(params.start, ParseTime(text));
  }
  params.end = params.start;
  ASSIGN_OR_RETURN(params.limit, ParseLimit(form, kDefaultLimit));
  ASSIGN_OR_RETURN(params.direction, ParseDirection(form));
  return params;
}

}  // namespace skald::api
