#include "query/template/go_time.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "query/template/go_layout.h"

namespace skald {
namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kWeekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};

void AppendPadded(std::string* out, int64_t value, int width) {
  if (value < 0) out->push_back('-');
  const std::string digits = absl::StrCat(value < 0 ? -value : value);
  for (int i = static_cast<int>(digits.size()); i < width; ++i) out->push_back('0');
  out->append(digits);
}

void AppendFraction(std::string* out, int nanosecond, const LayoutElement& element) {
  const bool trim = element.field == LayoutField::kFractionNines;
  if (trim && nanosecond == 0) return;
  out->push_back(element.text[0]);
  const size_t begin = out->size();
  AppendPadded(out, nanosecond, 9);
  if (element.fraction_digits() < 9) {
    out->resize(begin + static_cast<size_t>(element.fraction_digits()));
  }
  if (!trim) return;
  while (out->back() == '0') out->pop_back();
  if (out->back() == element.text[0]) out->pop_back();
}

// Appends the offset in the shape of its layout text: `-0700`, `Z07:00:00` and so on.
void AppendOffset(std::string* out, int offset, std::string_view shape) {
  if (shape[0] == 'Z' && offset == 0) {
    out->push_back('Z');
    return;
  }
  out->push_back(offset < 0 ? '-' : '+');
  const int seconds = std::abs(offset);
  const bool colon = shape.size() > 3 && shape[3] == ':';
  AppendPadded(out, seconds / 3600, 2);
  if (shape.size() == 3) return;
  if (colon) out->push_back(':');
  AppendPadded(out, seconds / 60 % 60, 2);
  if (shape.size() <= 6) return;
  if (colon) out->push_back(':');
  AppendPadded(out, seconds % 60, 2);
}

void AppendZoneName(std::string* out, const GoCivil& civil) {
  if (civil.abbreviation.empty()) {
    AppendOffset(out, civil.offset, "-0700");
  } else {
    out->append(civil.abbreviation);
  }
}

int Hour12(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

void AppendDateElement(std::string* out, const GoCivil& civil, LayoutField field) {
  const absl::CivilSecond& at = civil.second;
  const int weekday = (static_cast<int>(absl::GetWeekday(at)) + 1) % 7;
  switch (field) {
    case LayoutField::kLongYear:
      return AppendPadded(out, at.year(), 4);
    case LayoutField::kYear:
      return AppendPadded(out, std::abs(at.year()) % 100, 2);
    case LayoutField::kLongMonth:
      out->append(GoMonthName(at.month()));
      return;
    case LayoutField::kMonth:
      out->append(GoMonthName(at.month()).substr(0, 3));
      return;
    case LayoutField::kNumMonth:
      return AppendPadded(out, at.month(), 0);
    case LayoutField::kZeroMonth:
      return AppendPadded(out, at.month(), 2);
    case LayoutField::kLongWeekday:
      out->append(GoWeekdayName(weekday));
      return;
    case LayoutField::kWeekday:
      out->append(GoWeekdayName(weekday).substr(0, 3));
      return;
    case LayoutField::kUnderDay:
      if (at.day() < 10) out->push_back(' ');
      [[fallthrough]];
    case LayoutField::kDay:
      return AppendPadded(out, at.day(), 0);
    case LayoutField::kZeroDay:
      return AppendPadded(out, at.day(), 2);
    case LayoutField::kUnderYearDay: {
      const int day = absl::GetYearDay(at);
      out->append(day < 10 ? 2 : day < 100 ? 1 : 0, ' ');
      return AppendPadded(out, day, 0);
    }
    default:
      return AppendPadded(out, absl::GetYearDay(at), 3);
  }
}

void AppendClockElement(std::string* out, const GoCivil& civil, const LayoutElement& element) {
  const absl::CivilSecond& at = civil.second;
  switch (element.field) {
    case LayoutField::kHour:
      return AppendPadded(out, at.hour(), 2);
    case LayoutField::kHour12:
      return AppendPadded(out, Hour12(at.hour()), 0);
    case LayoutField::kZeroHour12:
      return AppendPadded(out, Hour12(at.hour()), 2);
    case LayoutField::kMinute:
      return AppendPadded(out, at.minute(), 0);
    case LayoutField::kZeroMinute:
      return AppendPadded(out, at.minute(), 2);
    case LayoutField::kSecond:
      return AppendPadded(out, at.second(), 0);
    case LayoutField::kZeroSecond:
      return AppendPadded(out, at.second(), 2);
    case LayoutField::kUpperPm:
      out->append(at.hour() >= 12 ? "PM" : "AM");
      return;
    case LayoutField::kLowerPm:
      out->append(at.hour() >= 12 ? "pm" : "am");
      return;
    case LayoutField::kZoneName:
      return AppendZoneName(out, civil);
    case LayoutField::kFractionZeros:
    case LayoutField::kFractionNines:
      return AppendFraction(out, civil.nanosecond, element);
    default:
      return AppendOffset(out, civil.offset, element.text);
  }
}

bool IsDateField(LayoutField field) {
  switch (field) {
    case LayoutField::kLongYear:
    case LayoutField::kYear:
    case LayoutField::kLongMonth:
    case LayoutField::kMonth:
    case LayoutField::kNumMonth:
    case LayoutField::kZeroMonth:
    case LayoutField::kLongWeekday:
    case LayoutField::kWeekday:
    case LayoutField::kDay:
    case LayoutField::kUnderDay:
    case LayoutField::kZeroDay:
    case LayoutField::kUnderYearDay:
    case LayoutField::kZeroYearDay:
      return true;
    default:
      return false;
  }
}

// A name that may stand for a file of the zone database, and for nothing outside it.
bool IsZoneName(std::string_view name) {
  constexpr size_t kMaxLength = 64;
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '+' ||
           c == '/';
  };
  return name.size() <= kMaxLength && name[0] != '/' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

std::string_view GoMonthName(int month) { return kMonths[month - 1]; }
std::string_view GoWeekdayName(int weekday) { return kWeekdays[weekday]; }

GoTime ZeroGoTime() {
  GoTime time;
  time.instant = absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone());
  return time;
}

absl::Time FromGoCivil(absl::CivilSecond second, absl::TimeZone zone) {
  const absl::Time as_utc = absl::FromCivil(second, absl::UTCTimeZone());
  const absl::Time guess = as_utc - absl::Seconds(zone.At(as_utc).offset);
  return as_utc - absl::Seconds(zone.At(guess).offset);
}

int64_t GoUnixNanos(const GoTime& time) {
  const int64_t seconds = absl::ToUnixSeconds(time.instant);
  const absl::Duration rest = time.instant - absl::FromUnixSeconds(seconds);
  return static_cast<int64_t>(static_cast<uint64_t>(seconds) * 1'000'000'000 +
                              static_cast<uint64_t>(absl::ToInt64Nanoseconds(rest)));
}

GoCivil CivilOf(const GoTime& time) {
  GoCivil civil;
  if (time.fixed) {
    const auto info = absl::UTCTimeZone().At(time.instant + absl::Seconds(time.fixed_offset));
    civil.second = info.cs;
    civil.nanosecond = static_cast<int>(absl::ToInt64Nanoseconds(info.subsecond));
    civil.offset = time.fixed_offset;
    civil.abbreviation = time.abbreviation;
    return civil;
  }
  const auto info = time.zone.At(time.instant);
  civil.second = info.cs;
  civil.nanosecond = static_cast<int>(absl::ToInt64Nanoseconds(info.subsecond));
  civil.offset = info.offset;
  civil.abbreviation = info.zone_abbr;
  return civil;
}

void AppendGoTime(std::string* out, const GoTime& time, std::string_view layout) {
  const GoCivil civil = CivilOf(time);
  while (!layout.empty()) {
    const LayoutElement element = NextLayoutElement(&layout);
    out->append(element.prefix);
    if (element.field == LayoutField::kNone) return;
    if (IsDateField(element.field)) {
      AppendDateElement(out, civil, element.field);
    } else {
      AppendClockElement(out, civil, element);
    }
  }
}

void AppendGoTimeString(std::string* out, const GoTime& time) {
  AppendGoTime(out, time, "2006-01-02 15:04:05.999999999 -0700 MST");
}

StatusOr<absl::TimeZone> LoadGoLocation(std::string_view name) {
  if (name.empty() || name == "UTC") return absl::UTCTimeZone();
  if (name == "Local") return absl::LocalTimeZone();
  const Status unknown = NotFound(StrCat("unknown time zone ", name));
  if (!IsZoneName(name)) return unknown;
  // Abseil keeps every name it was ever asked for, so it is asked only for files that exist.
  const char* directory = std::getenv("TZDIR");
  const std::filesystem::path file =
      std::filesystem::path(directory != nullptr ? directory : "/usr/share/zoneinfo") / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return unknown;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(std::string(name), &zone)) return unknown;
  return zone;
}

}  // namespace skald
