// Times and durations.
#include "query/template/template_functions.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"

namespace skald::query {
namespace {

Value LocalTime(const FunctionCall& call, absl::Time instant) {
  GoTime time;
  time.instant = instant;
  time.zone = call.Zone("Local");
  return call.TimeValue(time);
}

StatusOr<Value> Timestamp(const FunctionCall& call) {
  return LocalTime(call, absl::FromUnixNanos(call.context().timestamp_ns()));
}

StatusOr<Value> Now(const FunctionCall& call) {
  return LocalTime(call, absl::FromUnixNanos(call.context().now_ns()));
}

StatusOr<Value> UnixEpoch(const FunctionCall& call) {
  StrAppend(call.NewText(), absl::ToUnixSeconds(call.Time(0).instant));
  return call.TextValue();
}
StatusOr<Value> UnixEpochMillis(const FunctionCall& call) {
  StrAppend(call.NewText(), absl::ToUnixMillis(call.Time(0).instant));
  return call.TextValue();
}
StatusOr<Value> UnixEpochNanos(const FunctionCall& call) {
  StrAppend(call.NewText(), GoUnixNanos(call.Time(0)));
  return call.TextValue();
}

// The unit of a Unix time follows from its number of digits.
StatusOr<Value> UnixToTime(const FunctionCall& call) {
  const std::string_view text = call.String(0);
  const std::string failure = StrCat("unable to parse time '", text, "': ");
  const StatusOr<int64_t> number = ParseGoInt(text);
  if (!number.ok()) return InvalidArgument(StrCat(failure, Message(number.status())));
  switch (text.size()) {
    case 5:
      return LocalTime(call, absl::FromUnixSeconds(*number * 86400));
    case 10:
      return LocalTime(call, absl::FromUnixSeconds(*number));
    case 13:
      return LocalTime(call, absl::FromUnixMillis(*number));
    case 16:
      return LocalTime(call, absl::FromUnixMicros(*number));
    case 19:
      return LocalTime(call, absl::FromUnixNanos(*number));
    default:
      return InvalidArgument(failure + "%!w(<nil>)");
  }
}

StatusOr<Value> Date(const FunctionCall& call) {
  const Value& date = call.arg(1);
  GoTime time;
  if (date.kind() == ValueKind::kTime) {
    time.instant = date.as_time().instant;
  } else if (date.kind() == ValueKind::kInt || date.kind() == ValueKind::kInt64) {
    time.instant = absl::FromUnixSeconds(date.as_int());
  } else {
    time.instant = absl::FromUnixNanos(call.context().now_ns());
  }
  time.zone = call.Zone("Local");
  AppendGoTime(call.NewText(), time, call.String(0));
  return call.TextValue();
}

Value ParsedTime(const FunctionCall& call, absl::TimeZone zone, std::string_view text) {
  const StatusOr<GoTime> time = ParseGoTime(call.String(0), text, zone);
  return call.TimeValue(time.ok() ? *time : ZeroGoTime());
}

StatusOr<Value> ToDate(const FunctionCall& call) {
  return ParsedTime(call, call.Zone("Local"), call.String(1));
}
StatusOr<Value> ToDateInZone(const FunctionCall& call) {
  return ParsedTime(call, call.Zone(call.String(1)), call.String(2));
}

StatusOr<Value> DurationSeconds(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const std::chrono::nanoseconds duration, ParseGoDuration(call.String(0)));
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t ns = duration.count();
  const int64_t seconds = ns / kSecond;
  return Value::Float(static_cast<double>(seconds) + static_cast<double>(ns % kSecond) / 1e9);
}

constexpr FunctionSpec kFunctions[] = {
    {"__timestamp__", "", Timestamp},
    {"now", "", Now},
    {"unixEpoch", "t", UnixEpoch},
    {"unixEpochMillis", "t", UnixEpochMillis},
    {"unixEpochNanos", "t", UnixEpochNanos},
    {"unixToTime", "s", UnixToTime},
    {"date", "sa", Date},
    {"toDate", "ss", ToDate},
    {"toDateInZone", "sss", ToDateInZone},
    {"duration", "s", DurationSeconds},
    {"duration_seconds", "s", DurationSeconds},
};

}  // namespace

std::span<const FunctionSpec> TimeFunctions() { return kFunctions; }

}  // namespace skald::query
