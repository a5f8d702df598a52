#include "query/syntax/number_scanner.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "absl/strings/ascii.h"
#include "storage/base/ascii.h"
#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

char Lower(char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); }

std::string_view BaseName(int base) {
  switch (base) {
    case 2:
      return "binary";
    case 8:
      return "octal";
    case 10:
      return "decimal";
    default:
      return "hexadecimal";
  }
}

// Reads one Go number literal, remembering what its parts allow.
class NumberScanner {
 public:
  explicit NumberScanner(std::string_view text) : text_(text) {}

  StatusOr<size_t> Scan() {
    ScanPrefix();
    if (Peek() != '.') ScanDigits();
    const bool whole = Peek() != '.';
    if (!whole) {
      if (prefix_ == 'o' || prefix_ == 'b') return Bad("invalid radix point in ", " literal");
      ++offset_;
      ScanDigits();
    }
    if (!has_digits_) return Bad("", " literal has no digits");
    RETURN_IF_ERROR(ScanExponent(whole));
    if (is_whole_ && invalid_digit_ != 0) {
      return InvalidArgument(StrCat("invalid digit '", std::string(1, invalid_digit_), "' in ",
                                    BaseName(base_), " literal"));
    }
    if (!UnderscoresOk()) return InvalidArgument("'_' must separate successive digits");
    return offset_;
  }

 private:
  char Peek(size_t ahead = 0) const {
    return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
  }
  Status Bad(std::string_view before, std::string_view after) const {
    return InvalidArgument(StrCat(before, BaseName(base_), after));
  }

  void ScanPrefix() {
    if (Peek() != '0') return;
    ++offset_;
    prefix_ = Lower(Peek());
    if (prefix_ == 'x' || prefix_ == 'o' || prefix_ == 'b') {
      base_ = prefix_ == 'x' ? 16 : prefix_ == 'o' ? 8 : 2;
      ++offset_;
      return;
    }
    prefix_ = '0';
    base_ = 8;
    has_digits_ = true;
  }

  // Digits past the base are read too, and remembered: `09.5` is a float.
  void ScanDigits() {
    for (; offset_ < text_.size(); ++offset_) {
      const char c = text_[offset_];
      if (c == '_') continue;
      const bool digit =
          base_ == 16 ? absl::ascii_isxdigit(static_cast<unsigned char>(c)) : IsDigit(c);
      if (!digit) return;
      has_digits_ = true;
      if (base_ < 10 && c - '0' >= base_ && invalid_digit_ == 0) invalid_digit_ = c;
    }
  }

  Status ScanExponent(bool whole) {
    const char mark = Lower(Peek());
    is_whole_ = whole;
    if (mark != 'e' && mark != 'p') {
      if (prefix_ == 'x' && !whole) {
        return InvalidArgument("hexadecimal mantissa requires a 'p' exponent");
      }
      return absl::OkStatus();
    }
    if (mark == 'e' && prefix_ != '\0' && prefix_ != '0') {
      return InvalidArgument(
          StrCat("'", std::string(1, Peek()), "' exponent requires decimal mantissa"));
    }
    if (mark == 'p' && prefix_ != 'x') {
      return InvalidArgument(
          StrCat("'", std::string(1, Peek()), "' exponent requires hexadecimal mantissa"));
    }
    is_whole_ = false;
    ++offset_;
    if (Peek() == '+' || Peek() == '-') ++offset_;
    has_digits_ = false;
    base_ = 10;
    ScanDigits();
    if (!has_digits_) return InvalidArgument("exponent has no digits");
    return absl::OkStatus();
  }

  // An underscore stands between digits, or between the prefix and a digit.
  bool UnderscoresOk() const {
    const std::string_view literal = text_.substr(0, offset_);
    const bool hex = prefix_ == 'x';
    auto is_digit = [&](size_t i) {
      if (i >= literal.size()) return false;
      if (i == 1 && prefix_ != '\0' && prefix_ != '0') return true;  // the base prefix
      return hex ? absl::ascii_isxdigit(static_cast<unsigned char>(literal[i]))
                 : IsDigit(literal[i]);
    };
    for (size_t i = 0; i < literal.size(); ++i) {
      if (literal[i] == '_' && (i == 0 || !is_digit(i - 1) || !is_digit(i + 1))) return false;
    }
    return true;
  }

  std::string_view text_;
  size_t offset_ = 0;
  int base_ = 10;
  char prefix_ = '\0';  // x, o, b, 0 (a leading zero) or none
  char invalid_digit_ = '\0';
  bool has_digits_ = false;
  bool is_whole_ = true;
};

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The size of the run at the front of `text` made of `characters` and the micro sign.
size_t DurationRun(std::string_view text) {
  size_t size = 0;
  while (size < text.size()) {
    if (text.substr(size).starts_with("\u00B5")) {
      size += 2;
    } else if (std::string_view("0123456789.numshdwy").find(text[size]) != text.npos) {
      ++size;
    } else {
      break;
    }
  }
  return size;
}

// The byte size that the first `size` bytes of `text` are, whose unit begins at `unit_begin`.
ScannedUnit BytesOfSize(std::string_view text, size_t unit_begin, size_t size) {
  const std::string unit =
      absl::AsciiStrToLower(ToAbsl(text.substr(unit_begin, size - unit_begin)));
  if (unit.empty() || unit == "e") return {};  // a bare `1e` is a number without its exponent
  const StatusOr<uint64_t> bytes = ParseHumanizedBytes(text.substr(0, size));
  if (!bytes.ok()) return {};
  return {size, *bytes};
}

StatusOr<double> PrefixedInteger(std::string_view digits, int base) {
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, base);
  if (result.ec != std::errc() || result.ptr != end) return InvalidArgument("");
  return static_cast<double>(value);
}

}  // namespace

StatusOr<size_t> ScanNumber(std::string_view text) { return NumberScanner(text).Scan(); }

ScannedUnit ScanDuration(std::string_view text) {
  const size_t sign = text.starts_with('-') ? 1 : 0;
  const size_t run = DurationRun(text.substr(sign));
  const std::string_view digits = text.substr(sign, run);
  if (digits.find_first_not_of("0123456789.") == std::string_view::npos) return {};
  auto duration =
      sign == 0 ? ParsePrometheusDuration(digits) : ParseGoDuration(text.substr(0, 1 + run));
  if (!duration.ok() && sign == 0) duration = ParseGoDuration(digits);
  if (!duration.ok()) return {};
  return {sign + run, static_cast<uint64_t>(duration->count())};
}

ScannedUnit ScanBytes(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789.";
  const size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
  size_t word_end = digits;
  while (word_end < text.size() && IsNameCharacter(text[word_end])) ++word_end;
  const ScannedUnit word = BytesOfSize(text, digits, word_end);
  if (word.size > 0) return word;
  const size_t run_end = text.find_first_not_of("0123456789.BikKMGTP");
  return BytesOfSize(text, digits, std::min(run_end, text.size()));
}

StatusOr<double> FilterNumber(std::string_view literal) {
  StatusOr<double> value = ParseGoFloat(literal);
  if (value.ok() || literal.size() < 3 || literal[0] != '0') return value;
  std::string digits(literal.substr(2));
  std::erase(digits, '_');
  const char prefix = Lower(literal[1]);
  const int base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 0;
  if (base == 0) return value;
  const StatusOr<double> integer = PrefixedInteger(digits, base);
  return integer.ok() ? integer : value;
}

}  // namespace skald::query
