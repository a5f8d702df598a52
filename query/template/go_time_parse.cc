#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "query/template/go_layout.h"
#include "query/template/go_time.h"
#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"

namespace skald {
namespace {

bool IsDigit(std::string_view text, size_t i) { return i < text.size() && skald::IsDigit(text[i]); }

int Digit(std::string_view text, size_t i) { return text[i] - '0'; }

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(text[i])) !=
        absl::ascii_tolower(static_cast<unsigned char>(prefix[i]))) {
      return false;
    }
  }
  return true;
}

// The length of `+03` or `-11` at the front: a sign and a number up to 23; 0 if there is none.
size_t SignedHoursLength(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  size_t end = 1;
  int hours = 0;
  for (; IsDigit(text, end); ++end) {
    hours = hours * 10 + Digit(text, end);
    if (hours > 23) return 0;
  }
  return end == 1 ? 0 : end;
}

// The length of a time zone abbreviation at the front, or 0.
size_t ZoneNameLength(std::string_view text) {
  if (text.size() < 3) return 0;
  const std::string_view four = text.substr(0, 4);
  if (four == "ChST" || four == "MeST") return 4;
  if (text.substr(0, 3) == "GMT") return 3 + SignedHoursLength(text.substr(3));
  if (text[0] == '+' || text[0] == '-') return SignedHoursLength(text);
  size_t upper = 0;
  while (upper < 6 && upper < text.size() && text[upper] >= 'A' && text[upper] <= 'Z') ++upper;
  if (upper == 5 && text[4] == 'T') return 5;
  if (upper == 4 && (text[3] == 'T' || four == "WITA")) return 4;
  return upper == 3 ? 3 : 0;
}

// The offset that `zone` has under the name `abbreviation` around the civil time `local`.
std::optional<int> OffsetOfName(absl::TimeZone zone, std::string_view abbreviation,
                                absl::CivilSecond local) {
  const absl::Time guess = absl::FromCivil(local, absl::UTCTimeZone());
  std::array<absl::Time, 3> places = {guess, guess, guess};
  absl::TimeZone::CivilTransition transition;
  if (zone.PrevTransition(guess, &transition)) {
    places[1] = absl::FromCivil(transition.to, zone) - absl::Hours(24);
  }
  if (zone.NextTransition(guess, &transition)) {
    places[2] = absl::FromCivil(transition.to, zone) + absl::Hours(24);
  }
  std::optional<int> found;
  for (absl::Time place : places) {
    const auto info = zone.At(place);
    if (info.zone_abbr != abbreviation) continue;
    if (zone.At(guess - absl::Seconds(info.offset)).zone_abbr == abbreviation) return info.offset;
    if (!found) found = info.offset;
  }
  return found;
}

// One parse: walks the layout and the value side by side.
class TimeParser {
 public:
  TimeParser(std::string_view layout, std::string_view value, absl::TimeZone zone)
      : layout_(layout), value_(value), rest_(value), zone_(zone) {}

  StatusOr<GoTime> Parse() {
    std::string_view layout = layout_;
    while (true) {
      const LayoutElement element = NextLayoutElement(&layout);
      if (!SkipLiteral(element.prefix)) return CannotParse(element.prefix, rest_);
      if (element.field == LayoutField::kNone) break;
      const std::string_view before = rest_;
      const bool ok = ParseElement(element, layout);
      if (!out_of_range_.empty()) return OutOfRange(out_of_range_);
      if (!ok) return CannotParse(element.text, before);
    }
    if (!rest_.empty()) return Failure(StrCat(": extra text: ", GoQuote(rest_)));
    RETURN_IF_ERROR(ResolveDay());
    return Assemble();
  }

 private:
  Status Failure(std::string_view what) const {
    return InvalidArgument(StrCat("parsing time ", GoQuote(value_), what));
  }
  Status CannotParse(std::string_view element, std::string_view rest) const {
    return Failure(StrCat(" as ", GoQuote(layout_), ": cannot parse ", GoQuote(rest), " as ",
                          GoQuote(element)));
  }
  Status OutOfRange(std::string_view what) const {
    return Failure(StrCat(": ", what, " out of range"));
  }

  // Runs of spaces match each other.
  bool SkipLiteral(std::string_view literal) {
    while (!literal.empty()) {
      if (literal[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') return false;
        while (!literal.empty() && literal[0] == ' ') literal.remove_prefix(1);
        SkipSpaces(rest_.size());
        continue;
      }
      if (rest_.empty() || rest_[0] != literal[0]) return false;
      literal.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }

  void SkipSpaces(size_t limit) {
    for (size_t i = 0; i < limit && !rest_.empty() && rest_[0] == ' '; ++i) rest_.remove_prefix(1);
  }

  // One to `width` digits, or exactly `width` of them.
  bool Number(size_t width, bool exact, int* out) {
    int value = 0;
    size_t count = 0;
    for (; count < width && IsDigit(rest_, count); ++count)
      value = value * 10 + Digit(rest_, count);
    if (count == 0 || (exact && count != width)) return false;
    rest_.remove_prefix(count);
    *out = value;
    return true;
  }

  bool NumberBelow(bool exact, int limit, std::string_view what, int* out) {
    if (!Number(2, exact, out)) return false;
    if (*out >= limit) out_of_range_ = what;
    return true;
  }

  bool Name(std::string_view (*name_of)(int), int first, int count, size_t length, int* out) {
    for (int i = first; i < first + count; ++i) {
      const std::string_view name = name_of(i).substr(0, length);
      if (!StartsWithIgnoringCase(rest_, name)) continue;
      rest_.remove_prefix(name.size());
      *out = i;
      return true;
    }
    return false;
  }

  bool ParseElement(const LayoutElement& element, std::string_view layout_after) {
    int ignored = 0;
    switch (element.field) {
      case LayoutField::kYear:
        if (!Number(2, true, &year_)) return false;
        year_ += year_ >= 69 ? 1900 : 2000;
        return true;
      case LayoutField::kLongYear:
        return Number(4, true, &year_);
      case LayoutField::kMonth:
        return Name(GoMonthName, 1, 12, 3, &month_);
      case LayoutField::kLongMonth:
        return Name(GoMonthName, 1, 12, std::string_view::npos, &month_);
      case LayoutField::kNumMonth:
      case LayoutField::kZeroMonth:
        if (!NumberBelow(element.field == LayoutField::kZeroMonth, 13, "month", &month_)) {
          return false;
        }
        if (month_ == 0) out_of_range_ = "month";
        return true;
      case LayoutField::kWeekday:
        return Name(GoWeekdayName, 0, 7, 3, &ignored);
      case LayoutField::kLongWeekday:
        return Name(GoWeekdayName, 0, 7, std::string_view::npos, &ignored);
      case LayoutField::kUnderDay:
        SkipSpaces(1);
        [[fallthrough]];
      case LayoutField::kDay:
        return Number(2, false, &day_);
      case LayoutField::kZeroDay:
        return Number(2, true, &day_);
      case LayoutField::kUnderYearDay:
        SkipSpaces(2);
        return Number(3, false, &year_day_);
      case LayoutField::kZeroYearDay:
        return Number(3, true, &year_day_);
      default:
        return ParseClockElement(element, layout_after);
    }
  }

  bool ParseClockElement(const LayoutElement& element, std::string_view layout_after) {
    switch (element.field) {
      case LayoutField::kHour:
        return NumberBelow(false, 24, "hour", &hour_);
      case LayoutField::kHour12:
      case LayoutField::kZeroHour12:
        return NumberBelow(element.field == LayoutField::kZeroHour12, 13, "hour", &hour_);
      case LayoutField::kMinute:
      case LayoutField::kZeroMinute:
        return NumberBelow(element.field == LayoutField::kZeroMinute, 60, "minute", &minute_);
      case LayoutField::kSecond:
      case LayoutField::kZeroSecond:
        return ParseSecond(element.field == LayoutField::kZeroSecond, layout_after);
      case LayoutField::kUpperPm:
        return ParsePm("PM", "AM");
      case LayoutField::kLowerPm:
        return ParsePm("pm", "am");
      case LayoutField::kZoneName:
        return ParseZoneName();
      case LayoutField::kFractionZeros:
        return ParseFraction(element.text.size());
      case LayoutField::kFractionNines:
        return !AtFraction() || ParseFraction(FractionLength());
      default:
        return ParseOffset(element.text);
    }
  }

  bool AtFraction() const {
    return rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && IsDigit(rest_, 1);
  }
  size_t FractionLength() const {
    size_t length = 2;
    while (IsDigit(rest_, length)) ++length;
    return length;
  }

  // A point or comma and digits, `length` bytes in all; digits past the nanosecond are dropped.
  bool ParseFraction(size_t length) {
    if (rest_.size() < length || (rest_[0] != '.' && rest_[0] != ',')) return false;
    int value = 0;
    for (size_t i = 1; i < 10; ++i) {
      if (i < length && !IsDigit(rest_, i)) return false;
      value = value * 10 + (i < length ? Digit(rest_, i) : 0);
    }
    nanosecond_ = value;
    rest_.remove_prefix(length);
    return true;
  }

  // A fraction may follow the seconds although the layout names none.
  bool ParseSecond(bool exact, std::string_view layout_after) {
    if (!NumberBelow(exact, 60, "second", &second_)) return false;
    if (!out_of_range_.empty() || !AtFraction()) return true;
    const LayoutField next = NextLayoutElement(&layout_after).field;
    if (next == LayoutField::kFractionZeros || next == LayoutField::kFractionNines) return true;
    return ParseFraction(FractionLength());
  }

  bool ParsePm(std::string_view pm, std::string_view am) {
    const std::string_view text = rest_.substr(0, 2);
    if (text != pm && text != am) return false;
    (text == pm ? pm_ : am_) = true;
    rest_.remove_prefix(2);
    return true;
  }

  bool ParseZoneName() {
    if (rest_.substr(0, 3) == "UTC") {
      utc_ = true;
      rest_.remove_prefix(3);
      return true;
    }
    const size_t length = ZoneNameLength(rest_);
    zone_name_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return length > 0;
  }

  // An offset in the shape of its layout text.
  bool ParseOffset(std::string_view shape) {
    if (shape[0] == 'Z' && !rest_.empty() && rest_[0] == 'Z') {
      utc_ = true;
      rest_.remove_prefix(1);
      return true;
    }
    if (rest_.size() < shape.size()) return false;
    constexpr int kUnits[] = {3600, 60, 1};
    constexpr int kLimits[] = {24, 60, 60};
    constexpr std::string_view kNames[] = {"time zone offset hour", "time zone offset minute",
                                           "time zone offset second"};
    int offset = 0;
    int unit = 0;
    for (size_t i = 1; i < shape.size();) {
      if (shape[i] == ':') {
        if (rest_[i++] != ':') return false;
        continue;
      }
      if (!IsDigit(rest_, i) || !IsDigit(rest_, i + 1)) return false;
      const int value = Digit(rest_, i) * 10 + Digit(rest_, i + 1);
      if (value > kLimits[unit]) out_of_range_ = kNames[unit];
      offset += value * kUnits[unit++];
      i += 2;
    }
    if (rest_[0] != '+' && rest_[0] != '-') return false;
    offset_ = rest_[0] == '-' ? -offset : offset;
    rest_.remove_prefix(shape.size());
    return true;
  }

  // Makes month and day definite and checks them.
  Status ResolveDay() {
    if (year_day_ >= 0) {
      const absl::CivilDay day = absl::CivilDay(year_, 1, 1) + (year_day_ - 1);
      if (year_day_ < 1 || day.year() != year_) return OutOfRange("day-of-year");
      if (month_ >= 0 && month_ != day.month())
        return Failure(": day-of-year does not match month");
      if (day_ >= 0 && day_ != day.day()) return Failure(": day-of-year does not match day");
      month_ = day.month();
      day_ = day.day();
    }
    if (month_ < 0) month_ = 1;
    if (day_ < 0) day_ = 1;
    // CivilDay normalises a day that the month does not have.
    if (absl::CivilDay(year_, month_, day_).day() != day_) return OutOfRange("day");
    return absl::OkStatus();
  }

  GoTime Assemble() {
    if (pm_ && hour_ < 12) hour_ += 12;
    if (am_ && hour_ == 12) hour_ = 0;
    const absl::CivilSecond local(year_, month_, day_, hour_, minute_, second_);
    GoTime time = Locate(local);
    time.instant += absl::Nanoseconds(nanosecond_);
    return time;
  }

  GoTime Locate(absl::CivilSecond local) const {
    GoTime time;
    time.instant = absl::FromCivil(local, absl::UTCTimeZone());
    if (utc_) return time;
    if (offset_) return LocateByOffset(time.instant - absl::Seconds(*offset_));
    if (!zone_name_.empty()) return LocateByName(local);
    time.zone = zone_;
    time.instant = FromGoCivil(local, zone_);
    return time;
  }

  GoTime LocateByOffset(absl::Time instant) const {
    GoTime time;
    time.instant = instant;
    const auto info = zone_.At(instant);
    if (info.offset == *offset_ && (zone_name_.empty() || zone_name_ == info.zone_abbr)) {
      time.zone = zone_;
    } else {
      time.fixed = true;
      time.fixed_offset = *offset_;
      time.abbreviation = zone_name_;
    }
    return time;
  }

  GoTime LocateByName(absl::CivilSecond local) const {
    GoTime time;
    time.instant = absl::FromCivil(local, absl::UTCTimeZone());
    if (const std::optional<int> offset = OffsetOfName(zone_, zone_name_, local)) {
      time.instant -= absl::Seconds(*offset);
      time.zone = zone_;
      return time;
    }
    time.fixed = true;
    time.abbreviation = zone_name_;
    if (zone_name_.size() > 4 && zone_name_.substr(0, 3) == "GMT") {
      int hours = 0;
      for (size_t i = 4; i < zone_name_.size(); ++i) hours = hours * 10 + Digit(zone_name_, i);
      time.fixed_offset = (zone_name_[3] == '-' ? -hours : hours) * 3600;
    }
    return time;
  }

  const std::string_view layout_;
  const std::string_view value_;
  std::string_view rest_;
  const absl::TimeZone zone_;

  std::string_view out_of_range_;  // what, once something was
  int year_ = 0;
  int month_ = -1;
  int day_ = -1;
  int year_day_ = -1;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int nanosecond_ = 0;
  bool am_ = false;
  bool pm_ = false;
  bool utc_ = false;
  std::optional<int> offset_;
  std::string_view zone_name_;
};

}  // namespace

StatusOr<GoTime> ParseGoTime(std::string_view layout, std::string_view value, absl::TimeZone zone) {
  return TimeParser(layout, value, zone).Parse();
}

}  // namespace skald
