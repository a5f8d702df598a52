#include "tools/cli/flag_values.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_join.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"

namespace skald::cli {
namespace {

StatusOr<int64_t> ParseInteger(std::string_view text) {
  ASSIGN_OR_RETURN(double value, ParseGoFloat(text));
  if (!(std::fabs(value) < 9e18)) return InvalidArgument("number out of range");
  return static_cast<int64_t>(value);
}

// `1d2h` as `24h2h`: units that Go lacks, written in hours.
StatusOr<std::string> DaysAsHours(std::string_view text) {
  std::string out;
  size_t number = 0;  // where the number before the current unit begins
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool of_number = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
    if (of_number) continue;
    if (c == 'd' || c == 'w') {
      ASSIGN_OR_RETURN(double count, ParseGoFloat(text.substr(number, i - number)));
      out += FormatGoFloat(count * (c == 'd' ? 24 : 168), 'f');
      out += 'h';
      number = i + 1;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !(text[end] >= '0' && text[end] <= '9')) ++end;
    out += text.substr(number, end - number);
    number = end;
    i = end - 1;
  }
  out += text.substr(number);
  return out;
}

}  // namespace

Setter SetText(std::string* out) {
  return [out](std::string_view text) {
    *out = text;
    return absl::OkStatus();
  };
}

Setter AppendText(std::vector<std::string>* out) {
  return [out](std::string_view text) {
    out->emplace_back(text);
    return absl::OkStatus();
  };
}

Setter SetSwitch(bool* out) {
  return [out](std::string_view text) -> Status {
    bool on = text == "true" || text == "1" || text == "t" || text == "TRUE" || text == "True";
    bool off = text == "false" || text == "0" || text == "f" || text == "FALSE" || text == "False";
    if (!on && !off) {
      return InvalidArgument(StrCat("strconv.ParseBool: parsing \"", text, "\": invalid syntax"));
    }
    *out = on;
    return absl::OkStatus();
  };
}

Setter SetInteger(int64_t* out) {
  return [out](std::string_view text) -> Status {
    ASSIGN_OR_RETURN(*out, ParseInteger(text));
    return absl::OkStatus();
  };
}

Setter SetSeconds(std::chrono::seconds* out) {
  return [out](std::string_view text) -> Status {
    ASSIGN_OR_RETURN(int64_t seconds, ParseInteger(text));
    *out = std::chrono::seconds(std::clamp<int64_t>(seconds, 0, 86400));
    return absl::OkStatus();
  };
}

Setter SetChoice(std::string* out, std::vector<std::string> choices) {
  return [out, choices = std::move(choices)](std::string_view text) -> Status {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
      return InvalidArgument(
          StrCat("enum value must be one of ", absl::StrJoin(choices, ","), ", got '", text, "'"));
    }
    *out = text;
    return absl::OkStatus();
  };
}

Setter SetDuration(std::chrono::nanoseconds* out) {
  return [out](std::string_view text) -> Status {
    ASSIGN_OR_RETURN(*out, ParseFlagDuration(text));
    return absl::OkStatus();
  };
}

StatusOr<std::chrono::nanoseconds> ParseFlagDuration(std::string_view text) {
  if (auto plain = ParseGoDuration(text); plain.ok()) return plain;
  auto hours = DaysAsHours(text);
  if (hours.ok()) {
    if (auto duration = ParseGoDuration(*hours); duration.ok()) return duration;
  }
  return ParseGoDuration(text);  // for its error
}

}  // namespace skald::cli
