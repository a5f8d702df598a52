#include "server/api/params.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/time/time.h"
#include "storage/base/ascii.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"
#include "storage/base/saturating.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr size_t kMaxSecondsDigits = 10;
constexpr int64_t kHour = 3600 * kNanosPerSecond;

int64_t SaturatingNanos(int64_t seconds) {
  int64_t nanos;
  if (!__builtin_mul_overflow(seconds, kNanosPerSecond, &nanos)) return nanos;
  return seconds < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

// Go rounds the fraction to milliseconds.
int64_t NanosOfSeconds(double seconds) {
  constexpr double kMost = 9.2e9;  // seconds that nanoseconds can hold
  double whole;
  const double fraction = std::modf(std::clamp(seconds, -kMost, kMost), &whole);
  return static_cast<int64_t>(whole) * kNanosPerSecond +
         std::llround(std::round(fraction * 1000) / 1000 * 1e9);
}

// A time parameter, or `absent` without it.
StatusOr<int64_t> TimeParameter(const http::Form& form, std::string_view name, int64_t absent) {
  const std::string_view text = form.Get(name);
  if (text.empty()) return absent;
  StatusOr<int64_t> time = ParseTimestamp(text);
  if (time.ok()) return time;
  return Annotate(time.status(), StrCat("could not parse '", name, "' parameter"));
}

Status EndBeforeStart() {
  return InvalidArgument("end timestamp must not be before or equal to start time");
}

}  // namespace

StatusOr<int64_t> ParseTimestamp(std::string_view text) {
  double seconds;
  if (text.find('.') != std::string_view::npos && TryParseGoFloat(text, &seconds) &&
      std::isfinite(seconds)) {
    return NanosOfSeconds(seconds);
  }
  StatusOr<int64_t> integer = ParseGoInt(text);
  if (integer.ok()) return text.size() <= kMaxSecondsDigits ? SaturatingNanos(*integer) : *integer;
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, nullptr)) {
    return absl::ToUnixNanos(time);
  }
  return integer.status();
}

StatusOr<int64_t> ParseSecondsOrDuration(std::string_view text) {
  double seconds;
  if (TryParseGoFloat(text, &seconds)) {
    constexpr double kMost = 9.223372036854775e9;
    if (!(seconds >= -kMost && seconds <= kMost)) {
      return InvalidArgument(
          StrCat("cannot parse ", GoQuote(text), " to a valid duration. It overflows int64"));
    }
    return static_cast<int64_t>(seconds * 1e9);
  }
  const auto duration = ParsePrometheusDuration(text);
  if (duration.ok()) return duration->count();
  return InvalidArgument(StrCat("cannot parse ", GoQuote(text), " to a valid duration"));
}

StatusOr<TimeBounds> ParseTimeBounds(const http::Form& form, int64_t now) {
  int64_t since = kHour;
  if (const std::string_view text = form.Get("since"); !text.empty()) {
    const auto duration = ParsePrometheusDuration(text);
    if (!duration.ok()) {
      return Annotate(duration.status(), "could not parse 'since' parameter");
    }
    since = duration->count();
  }
  TimeBounds bounds;
  ASSIGN_OR_RETURN(bounds.end, TimeParameter(form, "end", now));
  const int64_t begin = SaturatingSubtract(std::min(bounds.end, now), since);
  ASSIGN_OR_RETURN(bounds.start, TimeParameter(form, "start", begin));
  return bounds;
}

StatusOr<TimeBounds> ParseTimeRange(const http::Form& form, int64_t now) {
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseTimeBounds(form, now));
  if (bounds.end < bounds.start) return EndBeforeStart();
  return bounds;
}

StatusOr<int64_t> ParseTime(const http::Form& form, int64_t now) {
  const std::string_view text = form.Get("time");
  return text.empty() ? now : ParseTimestamp(text);
}

StatusOr<uint32_t> ParseLimit(const http::Form& form, uint32_t absent) {
  const std::string_view text = form.Get("limit");
  if (text.empty()) return absent;
  ASSIGN_OR_RETURN(const int64_t limit, ParseGoInt(text, "Atoi"));
  if (limit <= 0) return InvalidArgument("limit must be a positive value");
  return static_cast<uint32_t>(std::min<int64_t>(limit, std::numeric_limits<uint32_t>::max()));
}

StatusOr<query::Direction> ParseDirection(const http::Form& form) {
  const std::string_view text = form.Get("direction");
  if (text.empty() || EqualsIgnoreCase(text, "backward")) return query::Direction::kBackward;
  if (EqualsIgnoreCase(text, "forward")) return query::Direction::kForward;
  return InvalidArgument(StrCat("invalid direction '", text, "'"));
}

StatusOr<int64_t> ParseStep(const http::Form& form, TimeBounds bounds) {
  const std::string_view text = form.Get("step");
  if (text.empty()) {
    const int64_t range = SaturatingSubtract(bounds.end, bounds.start);
    return std::max<int64_t>(range / (250 * kNanosPerSecond), 1) * kNanosPerSecond;
  }
  ASSIGN_OR_RETURN(const int64_t step, ParseSecondsOrDuration(text));
  if (step <= 0) {
    return InvalidArgument(
        "zero or negative query resolution step widths are not accepted. Try a positive integer");
  }
  return step;
}

StatusOr<int64_t> ParseInterval(const http::Form& form) {
  const std::string_view text = form.Get("interval");
  if (text.empty()) return 0;
  ASSIGN_OR_RETURN(const int64_t interval, ParseSecondsOrDuration(text));
  if (interval < 0) return InvalidArgument("interval must be >= 0");
  return interval;
}

}  // namespace skald::api
