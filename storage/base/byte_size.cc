#include "storage/base/byte_size.h"

#include <cmath>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "storage/base/go_number.h"

namespace skald {
namespace {

// The factor of a lower-case unit: "", b, or a prefix letter followed by "", i, b or ib.
std::optional<double> UnitFactor(std::string_view unit) {
  constexpr std::string_view kPrefixes = "kmgtpe";
  if (unit.empty() || unit == "b") return 1;
  const size_t power = kPrefixes.find(unit[0]);
  if (power == std::string_view::npos) return std::nullopt;
  const std::string_view rest = unit.substr(1);
  if (rest == "i" || rest == "ib") return std::pow(1024.0, static_cast<double>(power + 1));
  if (rest.empty() || rest == "b") return std::pow(1000.0, static_cast<double>(power + 1));
  return std::nullopt;
}

}  // namespace

StatusOr<uint64_t> ParseHumanizedBytes(std::string_view text) {
  size_t digits = text.find_first_not_of("0123456789.,");
  if (digits == std::string_view::npos) digits = text.size();
  std::string number(text.substr(0, digits));
  std::erase(number, ',');
  ASSIGN_OR_RETURN(double value, ParseGoFloat(number));
  std::string unit(ToStd(absl::StripAsciiWhitespace(ToAbsl(text.substr(digits)))));
  absl::AsciiStrToLower(&unit);
  const std::optional<double> factor = UnitFactor(unit);
  if (!factor.has_value()) return InvalidArgument(StrCat("unhandled size name: ", unit));
  value *= *factor;
  if (value >= 18446744073709551616.0) return InvalidArgument(StrCat("too large: ", text));
  return static_cast<uint64_t>(value);
}

std::string FormatHumanizedBytes(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 10) return StrCat(bytes, " B");
  const auto size = static_cast<double>(bytes);
  const double power = std::floor(std::log(size) / std::log(1000.0));
  const double value = std::floor(size / std::pow(1000.0, power) * 10 + 0.5) / 10;
  const char* unit = kUnits[static_cast<size_t>(power)];
  return value < 10 ? absl::StrFormat("%.1f %s", value, unit)
                    : absl::StrFormat("%.0f %s", value, unit);
}

}  // namespace skald
