#include "query/template/value_methods.h"

#include <cstdlib>

#include "query/template/go_format.h"

namespace skald::query {
namespace {

absl::Duration DurationOf(const FunctionCall& call, size_t i) {
  return absl::Nanoseconds(call.Int(i));
}

StatusOr<Value> ValueText(const FunctionCall& call) {
  AppendValue(call.NewText(), call.arg(0));
  return call.TextValue();
}

// --- time.Time ---

StatusOr<Value> Moved(const FunctionCall& call, absl::Time instant) {
  GoTime time = call.Time(0);
  time.instant = instant;
  return call.TimeValue(time);
}

StatusOr<Value> TimeAdd(const FunctionCall& call) {
  return Moved(call, call.Time(0).instant + DurationOf(call, 1));
}

StatusOr<Value> TimeAddDate(const FunctionCall& call) {
  constexpr int64_t kLimit = 1'000'000;
  for (size_t i = 1; i <= 3; ++i) {
    if (std::llabs(call.Int(i)) > kLimit) return InvalidArgument("date out of range");
  }
  const GoCivil civil = CivilOf(call.Time(0));
  const absl::CivilSecond& at = civil.second;
  if (std::llabs(at.year()) > kLimit) return InvalidArgument("date out of range");
  const absl::CivilSecond moved(at.year() + call.Int(1), at.month() + call.Int(2),
                                at.day() + call.Int(3), at.hour(), at.minute(), at.second());
  const GoTime& time = call.Time(0);
  const absl::Time instant =
      time.fixed ? absl::FromCivil(moved, absl::UTCTimeZone()) - absl::Seconds(time.fixed_offset)
                 : FromGoCivil(moved, time.zone);
  return Moved(call, instant + absl::Nanoseconds(civil.nanosecond));
}

// What is left of a time beyond a multiple of a positive duration since the year 1.
absl::Duration Beyond(absl::Time instant, absl::Duration unit) {
  const absl::Duration rest = (instant - ZeroGoTime().instant) % unit;
  return rest < absl::ZeroDuration() ? rest + unit : rest;
}

StatusOr<Value> TimeTruncate(const FunctionCall& call) {
  const absl::Time instant = call.Time(0).instant;
  if (call.Int(1) <= 0) return call.arg(0);
  return Moved(call, instant - Beyond(instant, DurationOf(call, 1)));
}

StatusOr<Value> TimeRound(const FunctionCall& call) {
  const absl::Time instant = call.Time(0).instant;
  if (call.Int(1) <= 0) return call.arg(0);
  const absl::Duration unit = DurationOf(call, 1);
  const absl::Duration rest = Beyond(instant, unit);
  return Moved(call, rest + rest < unit ? instant - rest : instant + (unit - rest));
}

StatusOr<Value> TimeSub(const FunctionCall& call) {
  const absl::Duration difference = call.Time(0).instant - call.Time(1).instant;
  return Value::Duration(absl::ToInt64Nanoseconds(difference));
}

StatusOr<Value> TimeAfter(const FunctionCall& call) {
  return Value::Bool(call.Time(0).instant > call.Time(1).instant);
}
StatusOr<Value> TimeBefore(const FunctionCall& call) {
  return Value::Bool(call.Time(0).instant < call.Time(1).instant);
}
StatusOr<Value> TimeEqual(const FunctionCall& call) {
  return Value::Bool(call.Time(0).instant == call.Time(1).instant);
}
StatusOr<Value> TimeCompare(const FunctionCall& call) {
  const absl::Time a = call.Time(0).instant;
  const absl::Time b = call.Time(1).instant;
  return Value::Int(a < b ? -1 : a > b ? 1 : 0);
}
StatusOr<Value> TimeIsZero(const FunctionCall& call) {
  return Value::Bool(call.Time(0).instant == ZeroGoTime().instant);
}

StatusOr<Value> TimeFormat(const FunctionCall& call) {
  AppendGoTime(call.NewText(), call.Time(0), call.String(1));
  return call.TextValue();
}

StatusOr<Value> InZone(const FunctionCall& call, absl::TimeZone zone) {
  GoTime time;
  time.instant = call.Time(0).instant;
  time.zone = zone;
  return call.TimeValue(time);
}
StatusOr<Value> TimeUtc(const FunctionCall& call) { return InZone(call, absl::UTCTimeZone()); }
StatusOr<Value> TimeLocal(const FunctionCall& call) { return InZone(call, call.Zone("Local")); }

StatusOr<Value> TimeUnix(const FunctionCall& call) {
  return Value::Int64(absl::ToUnixSeconds(call.Time(0).instant));
}
StatusOr<Value> TimeUnixMilli(const FunctionCall& call) {
  return Value::Int64(absl::ToUnixMillis(call.Time(0).instant));
}
StatusOr<Value> TimeUnixMicro(const FunctionCall& call) {
  return Value::Int64(absl::ToUnixMicros(call.Time(0).instant));
}
StatusOr<Value> TimeUnixNano(const FunctionCall& call) {
  return Value::Int64(GoUnixNanos(call.Time(0)));
}

absl::CivilSecond Civil(const FunctionCall& call) { return CivilOf(call.Time(0)).second; }

StatusOr<Value> TimeYear(const FunctionCall& call) { return Value::Int(Civil(call).year()); }
StatusOr<Value> TimeMonth(const FunctionCall& call) { return Value::Month(Civil(call).month()); }
StatusOr<Value> TimeDay(const FunctionCall& call) { return Value::Int(Civil(call).day()); }
StatusOr<Value> TimeHour(const FunctionCall& call) { return Value::Int(Civil(call).hour()); }
StatusOr<Value> TimeMinute(const FunctionCall& call) { return Value::Int(Civil(call).minute()); }
StatusOr<Value> TimeSecond(const FunctionCall& call) { return Value::Int(Civil(call).second()); }
StatusOr<Value> TimeNanosecond(const FunctionCall& call) {
  return Value::Int(CivilOf(call.Time(0)).nanosecond);
}
StatusOr<Value> TimeYearDay(const FunctionCall& call) {
  return Value::Int(absl::GetYearDay(absl::CivilDay(Civil(call))));
}
StatusOr<Value> TimeWeekday(const FunctionCall& call) {
  // Abseil's week starts on Monday.
  return Value::Weekday((static_cast<int>(absl::GetWeekday(Civil(call))) + 1) % 7);
}

constexpr FunctionSpec kTimeMethods[] = {
    {"Add", "d", TimeAdd},
    {"AddDate", "iii", TimeAddDate},
    {"After", "t", TimeAfter},
    {"Before", "t", TimeBefore},
    {"Compare", "t", TimeCompare},
    {"Day", "", TimeDay},
    {"Equal", "t", TimeEqual},
    {"Format", "s", TimeFormat},
    {"Hour", "", TimeHour},
    {"IsZero", "", TimeIsZero},
    {"Local", "", TimeLocal},
    {"Minute", "", TimeMinute},
    {"Month", "", TimeMonth},
    {"Nanosecond", "", TimeNanosecond},
    {"Round", "d", TimeRound},
    {"Second", "", TimeSecond},
    {"String", "", ValueText},
    {"Sub", "t", TimeSub},
    {"Truncate", "d", TimeTruncate},
    {"UTC", "", TimeUtc},
    {"Unix", "", TimeUnix},
    {"UnixMicro", "", TimeUnixMicro},
    {"UnixMilli", "", TimeUnixMilli},
    {"UnixNano", "", TimeUnixNano},
    {"Weekday", "", TimeWeekday},
    {"Year", "", TimeYear},
    {"YearDay", "", TimeYearDay},
};

// --- time.Duration ---

// Whole units and the fraction are converted apart, which keeps more digits.
StatusOr<Value> InUnits(const FunctionCall& call, int64_t unit) {
  const int64_t ns = call.Int(0);
  const int64_t whole = ns / unit;
  return Value::Float(static_cast<double>(whole) +
                      static_cast<double>(ns % unit) / static_cast<double>(unit));
}

StatusOr<Value> DurationHours(const FunctionCall& call) {
  return InUnits(call, int64_t{3600} * 1'000'000'000);
}
StatusOr<Value> DurationMinutes(const FunctionCall& call) {
  return InUnits(call, int64_t{60} * 1'000'000'000);
}
StatusOr<Value> DurationSeconds(const FunctionCall& call) { return InUnits(call, 1'000'000'000); }
StatusOr<Value> DurationMilliseconds(const FunctionCall& call) {
  return Value::Int64(call.Int(0) / 1'000'000);
}
StatusOr<Value> DurationMicroseconds(const FunctionCall& call) {
  return Value::Int64(call.Int(0) / 1000);
}
StatusOr<Value> DurationNanoseconds(const FunctionCall& call) { return Value::Int64(call.Int(0)); }

constexpr FunctionSpec kDurationMethods[] = {
    {"Hours", "", DurationHours},
    {"Microseconds", "", DurationMicroseconds},
    {"Milliseconds", "", DurationMilliseconds},
    {"Minutes", "", DurationMinutes},
    {"Nanoseconds", "", DurationNanoseconds},
    {"Seconds", "", DurationSeconds},
    {"String", "", ValueText},
};

constexpr FunctionSpec kNameMethods[] = {{"String", "", ValueText}};

std::span<const FunctionSpec> MethodsOf(ValueKind receiver) {
  switch (receiver) {
    case ValueKind::kTime:
      return kTimeMethods;
    case ValueKind::kDuration:
      return kDurationMethods;
    case ValueKind::kMonth:
    case ValueKind::kWeekday:
      return kNameMethods;
    default:
      return {};
  }
}

}  // namespace

const FunctionSpec* FindMethod(ValueKind receiver, std::string_view name) {
  for (const FunctionSpec& method : MethodsOf(receiver)) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

}  // namespace skald::query
