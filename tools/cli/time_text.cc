#include "tools/cli/time_text.h"

#include <array>

#include "absl/time/clock.h"
#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"

namespace skald::cli {
namespace {

constexpr std::string_view kLayout = "2006-01-02T15:04:05.999999999Z07:00";

// Reads RFC 3339 piece by piece, naming the first piece of the layout that does not fit.
class Rfc3339Reader {
 public:
  explicit Rfc3339Reader(std::string_view text) : text_(text), rest_(text) {}

  StatusOr<int64_t> Read() {
    int year, month, day, hour, minute, second;
    RETURN_IF_ERROR(Number("2006", 4, &year));
    RETURN_IF_ERROR(Literal("-"));
    RETURN_IF_ERROR(Number("01", 2, &month));
    RETURN_IF_ERROR(Literal("-"));
    RETURN_IF_ERROR(Number("02", 2, &day));
    RETURN_IF_ERROR(Literal("T"));
    RETURN_IF_ERROR(Number("15", 2, &hour));
    RETURN_IF_ERROR(Literal(":"));
    RETURN_IF_ERROR(Number("04", 2, &minute));
    RETURN_IF_ERROR(Literal(":"));
    RETURN_IF_ERROR(Number("05", 2, &second));
    int64_t nanos = Fraction();
    int offset = 0;
    RETURN_IF_ERROR(Offset(&offset));
    if (!rest_.empty()) return Fail(StrCat(": extra text: ", GoQuote(rest_)));
    if (month < 1 || month > 12) return OutOfRange("month");
    if (hour > 23) return OutOfRange("hour");
    if (minute > 59) return OutOfRange("minute");
    if (second > 59) return OutOfRange("second");
    absl::CivilSecond civil(year, month, day, hour, minute, second);
    if (civil.day() != day) return OutOfRange("day");
    int64_t seconds = civil - absl::CivilSecond(1970, 1, 1) - offset;
    return seconds * 1'000'000'000 + nanos;
  }

 private:
  Status Fail(std::string_view reason) const {
    return InvalidArgument(StrCat("parsing time ", GoQuote(text_), reason));
  }
  Status OutOfRange(std::string_view what) const {
    return Fail(StrCat(": ", what, " out of range"));
  }
  Status Misfit(std::string_view piece) const {
    return InvalidArgument(StrCat("parsing time ", GoQuote(text_), " as ", GoQuote(kLayout),
                                  ": cannot parse ", GoQuote(rest_), " as ", GoQuote(piece)));
  }

  Status Number(std::string_view piece, size_t digits, int* out) {
    *out = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (i >= rest_.size() || !IsDigit(rest_[i])) return Misfit(piece);
      *out = *out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return absl::OkStatus();
  }

  Status Literal(std::string_view piece) {
    if (rest_.substr(0, piece.size()) != piece) return Misfit(piece);
    rest_.remove_prefix(piece.size());
    return absl::OkStatus();
  }

  int64_t Fraction() {
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_[1])) return 0;
    int64_t nanos = 0;
    int64_t unit = 100'000'000;
    rest_.remove_prefix(1);
    for (; !rest_.empty() && IsDigit(rest_[0]); rest_.remove_prefix(1), unit /= 10) {
      nanos += unit * (rest_[0] - '0');
    }
    return nanos;
  }

  Status Offset(int* seconds) {
    if (!rest_.empty() && rest_[0] == 'Z') return Literal("Z");
    bool fits = rest_.size() >= 6 && (rest_[0] == '+' || rest_[0] == '-') && IsDigit(rest_[1]) &&
                IsDigit(rest_[2]) && rest_[3] == ':' && IsDigit(rest_[4]) && IsDigit(rest_[5]);
    if (!fits) return Misfit("Z07:00");
    int hours = (rest_[1] - '0') * 10 + rest_[2] - '0';
    int minutes = (rest_[4] - '0') * 10 + rest_[5] - '0';
    if (hours > 24) return OutOfRange("time zone offset hour");
    if (minutes > 60) return OutOfRange("time zone offset minute");
    *seconds = (rest_[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
    rest_.remove_prefix(6);
    return absl::OkStatus();
  }

  std::string_view text_;
  std::string_view rest_;
};

StatusOr<int64_t> ParseFlagTime(std::string_view text) {
  auto time = ParseRfc3339(text);
  if (!time.ok()) return InvalidArgument(StrCat("Unable to parse time ", Message(time.status())));
  return time;
}

}  // namespace

StatusOr<int64_t> ParseRfc3339(std::string_view text) { return Rfc3339Reader(text).Read(); }

std::string FormatTimestamp(int64_t ns, std::string_view format, absl::TimeZone zone) {
  struct Form {
    std::string_view name;
    const char* layout;
  };
  constexpr std::array<Form, 8> kForms = {{{"rfc3339", "%Y-%m-%dT%H:%M:%S"},
                                           {"rfc3339nano", "%Y-%m-%dT%H:%M:%E*S"},
                                           {"rfc822z", "%d %b %y %H:%M %z"},
                                           {"rfc1123z", "%a, %d %b %Y %H:%M:%S %z"},
                                           {"stampmicro", "%b %e %H:%M:%E6S"},
                                           {"stampmilli", "%b %e %H:%M:%E3S"},
                                           {"stampnano", "%b %e %H:%M:%E9S"},
                                           {"unixdate", "%a %b %e %H:%M:%S %Z %Y"}}};
  absl::Time time = absl::FromUnixNanos(ns);
  for (const Form& form : kForms) {
    if (form.name != format) continue;
    std::string text = absl::FormatTime(form.layout, time, zone);
    if (format.substr(0, 7) != "rfc3339") return text;
    return text + (zone.At(time).offset == 0 ? "Z" : absl::FormatTime("%Ez", time, zone));
  }
  return std::string();
}

absl::TimeZone ZoneNamed(std::string_view name) {
  return name == "UTC" ? absl::UTCTimeZone() : absl::LocalTimeZone();
}

StatusOr<TimeSpan> SpanOf(const RangeOptions& range, int64_t now) {
  TimeSpan span{now - range.since.count(), now};
  if (!range.from.empty()) {
    ASSIGN_OR_RETURN(span.start, ParseFlagTime(range.from));
  }
  if (!range.to.empty()) {
    ASSIGN_OR_RETURN(span.end, ParseFlagTime(range.to));
  }
  return span;
}

int64_t WallClock() { return absl::GetCurrentTimeNanos(); }

}  // namespace skald::cli
