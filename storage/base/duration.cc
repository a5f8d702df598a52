#include "storage/base/duration.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>

#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"

namespace skald {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;
constexpr uint64_t kLimit = uint64_t{1} << 63;  // the magnitude of the smallest duration

struct Unit {
  std::string_view name;
  uint64_t nanos;
};
constexpr Unit kGoUnits[] = {{"ns", 1},         {"us", 1000},   {"\u00B5s", 1000},  // micro sign
                             {"\u03BCs", 1000},                                     // Greek mu
                             {"ms", 1'000'000}, {"s", kSecond}, {"m", kMinute},    {"h", kHour}};
// Largest first: the order in which a text must have them.
constexpr Unit kPrometheusUnits[] = {{"y", 365 * kDay}, {"w", 7 * kDay}, {"d", kDay},
                                     {"h", kHour},      {"m", kMinute},  {"s", kSecond},
                                     {"ms", 1'000'000}};

size_t DigitCount(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

std::string_view TakePrefix(std::string_view* text, size_t size) {
  const std::string_view prefix = text->substr(0, size);
  text->remove_prefix(size);
  return prefix;
}

// The quoting of Go's time package, cruder than strconv's: every byte that is not printable ASCII
// is \xHH.
std::string TimeQuote(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < ' ') {
      out.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 0xF]});
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

// ---- Go ----------------------------------------------------------------------------------------

Status GoError(std::string_view problem, std::string_view text) {
  return InvalidArgument(StrCat("time: ", problem, " ", TimeQuote(text)));
}

// A number with a unit, as it is read from the front of a Go duration.
struct GoComponent {
  uint64_t whole = 0;
  uint64_t fraction = 0;
  double scale = 1;  // of the fraction: 0.25 has fraction 25 and scale 100
};

// Reads the digits before the point. False if they exceed the limit.
bool ReadWhole(std::string_view digits, uint64_t* whole) {
  if (digits.empty()) return true;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), *whole);
  return result.ec == std::errc() && *whole <= kLimit;
}

// Reads the digits after the point, ignoring those past what 63 bits hold.
void ReadFraction(std::string_view digits, GoComponent* component) {
  for (const char digit : digits) {
    if (component->fraction > (kLimit - 1) / 10) return;
    const uint64_t next = component->fraction * 10 + static_cast<uint64_t>(digit - '0');
    if (next > kLimit) return;
    component->fraction = next;
    component->scale *= 10;
  }
}

std::optional<uint64_t> GoUnit(std::string_view name) {
  for (const Unit& unit : kGoUnits) {
    if (unit.name == name) return unit.nanos;
  }
  return std::nullopt;
}

// Nanoseconds of `component` in `unit`; nullopt past the limit.
std::optional<uint64_t> Scale(const GoComponent& component, uint64_t unit) {
  if (component.whole > kLimit / unit) return std::nullopt;
  uint64_t nanos = component.whole * unit;
  if (component.fraction > 0) {
    nanos += static_cast<uint64_t>(static_cast<double>(component.fraction) *
                                   (static_cast<double>(unit) / component.scale));
  }
  if (nanos > kLimit) return std::nullopt;
  return nanos;
}

// Reads one number and its unit from the front of `rest`; `text` is the whole, for messages.
StatusOr<uint64_t> ReadGoComponent(std::string_view* rest, std::string_view text) {
  const std::string_view whole = TakePrefix(rest, DigitCount(*rest));
  std::string_view fraction;
  if (rest->starts_with('.')) {
    rest->remove_prefix(1);
    fraction = TakePrefix(rest, DigitCount(*rest));
  }
  GoComponent component;
  if ((whole.empty() && fraction.empty()) || !ReadWhole(whole, &component.whole)) {
    return GoError("invalid duration", text);
  }
  ReadFraction(fraction, &component);
  const std::string_view name =
      TakePrefix(rest, std::min(rest->find_first_of(".0123456789"), rest->size()));
  if (name.empty()) return GoError("missing unit in duration", text);
  const std::optional<uint64_t> unit = GoUnit(name);
  if (!unit.has_value()) {
    return GoError(StrCat("unknown unit ", TimeQuote(name), " in duration"), text);
  }
  const std::optional<uint64_t> nanos = Scale(component, *unit);
  if (!nanos.has_value()) return GoError("invalid duration", text);
  return *nanos;
}

// Appends `value`/10^`digits` without trailing zeros.
void AppendDecimal(std::string* out, uint64_t value, int digits) {
  uint64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  StrAppend(out, value / scale);
  uint64_t fraction = value % scale;
  if (fraction == 0) return;
  std::string text = std::to_string(scale + fraction).substr(1);
  text.erase(text.find_last_not_of('0') + 1);
  StrAppend(out, ".", text);
}

uint64_t Magnitude(std::chrono::nanoseconds duration) {
  const auto count = static_cast<uint64_t>(duration.count());
  return duration.count() < 0 ? 0 - count : count;
}

// ---- Prometheus --------------------------------------------------------------------------------

Status NotADuration(std::string_view text) {
  return InvalidArgument(StrCat("not a valid duration string: ", GoQuote(text)));
}

}  // namespace

StatusOr<std::chrono::nanoseconds> ParseGoDuration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return std::chrono::nanoseconds(0);
  if (rest.empty()) return GoError("invalid duration", text);
  uint64_t total = 0;
  while (!rest.empty()) {
    ASSIGN_OR_RETURN(const uint64_t nanos, ReadGoComponent(&rest, text));
    total += nanos;
    if (total > kLimit) return GoError("invalid duration", text);
  }
  if (negative) return std::chrono::nanoseconds(static_cast<int64_t>(0 - total));
  if (total == kLimit) return GoError("invalid duration", text);
  return std::chrono::nanoseconds(static_cast<int64_t>(total));
}

StatusOr<std::chrono::nanoseconds> ParsePrometheusDuration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return InvalidArgument("empty duration string");
  std::string_view rest = text;
  const Unit* next_unit = std::begin(kPrometheusUnits);
  uint64_t total = 0;
  while (!rest.empty()) {
    const std::string_view digits = TakePrefix(&rest, DigitCount(rest));
    uint64_t value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec != std::errc()) return NotADuration(text);
    const std::string_view name =
        TakePrefix(&rest, std::min(rest.find_first_of("0123456789"), rest.size()));
    if (name.empty()) return NotADuration(text);
    const Unit* unit = std::begin(kPrometheusUnits);
    while (unit != std::end(kPrometheusUnits) && unit->name != name) ++unit;
    if (unit == std::end(kPrometheusUnits)) {
      return InvalidArgument(
          StrCat("unknown unit ", GoQuote(name), " in duration ", GoQuote(text)));
    }
    if (unit < next_unit) return NotADuration(text);
    next_unit = unit + 1;
    if (value > kLimit / unit->nanos) return InvalidArgument("duration out of range");
    total += value * unit->nanos;
    if (total >= kLimit) return InvalidArgument("duration out of range");
  }
  return std::chrono::nanoseconds(static_cast<int64_t>(total));
}

std::string FormatGoDuration(std::chrono::nanoseconds duration) {
  const uint64_t nanos = Magnitude(duration);
  std::string out = duration.count() < 0 ? "-" : "";
  if (nanos == 0) return "0s";
  if (nanos < 1000) {
    StrAppend(&out, nanos, "ns");
  } else if (nanos < 1'000'000) {
    AppendDecimal(&out, nanos, 3);
    out.append("\u00B5s");
  } else if (nanos < kSecond) {
    AppendDecimal(&out, nanos, 6);
    out.append("ms");
  } else {
    if (nanos >= kHour) StrAppend(&out, nanos / kHour, "h");
    if (nanos >= kMinute) StrAppend(&out, nanos % kHour / kMinute, "m");
    AppendDecimal(&out, nanos % kMinute, 9);
    out.append("s");
  }
  return out;
}

std::string FormatPrometheusDuration(std::chrono::nanoseconds duration) {
  constexpr uint64_t kMillisecond = 1'000'000;
  uint64_t rest = Magnitude(duration) / kMillisecond * kMillisecond;
  if (rest == 0) return "0s";
  std::string out = duration.count() < 0 ? "-" : "";
  for (const Unit& unit : kPrometheusUnits) {
    // Years and weeks only if they come out even: 90d reads better than 12w6d.
    const bool even_only = unit.nanos > kDay;
    if (rest < unit.nanos || (even_only && rest % unit.nanos != 0)) continue;
    StrAppend(&out, rest / unit.nanos, unit.name);
    rest %= unit.nanos;
  }
  return out;
}

}  // namespace skald
