// GoPrinter: integers and floats.
#include <algorithm>
#include <bit>
#include <utility>

#include "query/template/go_float.h"
#include "query/template/go_printer.h"
#include "storage/base/go_quote.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

constexpr char32_t kMaxRune = 0x10FFFF;

// The sharp flag: a decimal point always, and trailing zeros up to `digits` significant ones.
std::string WithPoint(std::string_view number, char verb, int digits) {
  std::string head;
  std::string_view tail;
  bool point = false;
  bool significant = false;
  for (size_t i = 0; i < number.size(); ++i) {
    const char c = number[i];
    if (c == 'p' || c == 'P' || ((c == 'e' || c == 'E') && verb != 'x' && verb != 'X')) {
      tail = number.substr(i);
      break;
    }
    head.push_back(c);
    if (i == 0) continue;  // the sign
    if (c == '.') {
      point = true;
      continue;
    }
    if (c != '0') significant = true;
    if (significant) --digits;
  }
  if (!point) {
    if (head.size() == 2 && head[1] == '0') --digits;
    head.push_back('.');
  }
  if (digits > 0) head.append(static_cast<size_t>(digits), '0');
  return head.append(tail);
}

}  // namespace

void GoPrinter::PrintInteger(const Value& value, char32_t verb) {
  const bool negative = value.kind() != ValueKind::kUint8 && value.as_int() < 0;
  const auto bits = static_cast<uint64_t>(value.as_int());
  const uint64_t magnitude = negative ? 0 - bits : bits;
  switch (verb) {
    case 'v':
    case 'd':
      return FormatInteger(magnitude, negative, 10, verb);
    case 'b':
      return FormatInteger(magnitude, negative, 2, verb);
    case 'o':
    case 'O':
      return FormatInteger(magnitude, negative, 8, verb);
    case 'x':
    case 'X':
      return FormatInteger(magnitude, negative, 16, verb);
    case 'c':
    case 'q':
      return FormatRune(bits, verb == 'q');
    case 'U':
      return FormatUnicode(bits);
    default:
      return PrintBadVerb(value, verb);
  }
}

void GoPrinter::FormatInteger(uint64_t magnitude, bool negative, int base, char32_t verb) {
  size_t digits_wanted = 0;
  if (flags.has_precision) {
    digits_wanted = static_cast<size_t>(flags.precision);
    if (flags.precision == 0 && magnitude == 0) {
      out_->append(static_cast<size_t>(flags.width), ' ');
      return;
    }
  } else if (flags.zero && !flags.minus && flags.has_width && flags.width > 0) {
    digits_wanted = static_cast<size_t>(flags.width);
    if (negative || flags.plus || flags.space) --digits_wanted;
  }
  const char* const alphabet = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string reversed;
  do {
    reversed.push_back(alphabet[magnitude % static_cast<unsigned>(base)]);
    magnitude /= static_cast<unsigned>(base);
  } while (magnitude > 0);
  if (reversed.size() < digits_wanted) reversed.append(digits_wanted - reversed.size(), '0');
  if (flags.sharp && base == 2) reversed.append("b0");
  if (flags.sharp && base == 8 && reversed.back() != '0') reversed.push_back('0');
  if (flags.sharp && base == 16) reversed.append(verb == 'X' ? "X0" : "x0");
  if (verb == 'O') reversed.append("o0");
  if (negative) {
    reversed.push_back('-');
  } else if (flags.plus) {
    reversed.push_back('+');
  } else if (flags.space) {
    reversed.push_back(' ');
  }
  std::reverse(reversed.begin(), reversed.end());
  const bool zero = std::exchange(flags.zero, false);
  Pad(reversed);
  flags.zero = zero;
}

void GoPrinter::FormatUnicode(uint64_t bits) {
  size_t digits = std::max<size_t>(1, (std::bit_width(bits) + 3) / 4);
  const size_t wanted =
      flags.has_precision && flags.precision > 4 ? static_cast<size_t>(flags.precision) : 4;
  std::string text = "U+";
  if (digits < wanted) text.append(wanted - digits, '0');
  for (; digits > 0; --digits) text.push_back("0123456789ABCDEF"[bits >> 4 * (digits - 1) & 0xF]);
  if (flags.sharp && bits <= kMaxRune) {
    std::string rune;
    AppendRune(&rune, static_cast<char32_t>(bits));
    // Only a printable rune quotes to itself.
    if (GoQuote(rune).find(rune) != std::string::npos) text += " '" + rune + "'";
  }
  const bool zero = std::exchange(flags.zero, false);
  Pad(text);
  flags.zero = zero;
}

void GoPrinter::PrintFloat(const Value& value, char32_t verb) {
  switch (verb) {
    case 'v':
      return FormatFloat(value.as_float(), 'g', -1);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return FormatFloat(value.as_float(), static_cast<char>(verb), -1);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
      return FormatFloat(value.as_float(), verb == 'F' ? 'f' : static_cast<char>(verb), 6);
    default:
      return PrintBadVerb(value, verb);
  }
}

void GoPrinter::FormatFloat(double v, char verb, int precision) {
  if (flags.has_precision) precision = flags.precision;
  std::string number;
  AppendGoFloat(&number, v, verb, precision);
  if (number[0] != '-' && number[0] != '+') number.insert(0, "+");
  if (flags.space && number[0] == '+' && !flags.plus) number[0] = ' ';
  if (number[1] == 'I' || number[1] == 'N') {
    const bool zero = std::exchange(flags.zero, false);
    const bool bare = number[1] == 'N' && !flags.space && !flags.plus;
    Pad(bare ? std::string_view(number).substr(1) : number);
    flags.zero = zero;
    return;
  }
  if (flags.sharp && verb != 'b') {
    const bool counted = verb == 'g' || verb == 'G' || verb == 'x';
    number = WithPoint(number, verb, !counted ? 0 : precision < 0 ? 6 : precision);
  }
  if (!flags.plus && number[0] == '+') return Pad(std::string_view(number).substr(1));
  const auto width = static_cast<size_t>(flags.width);
  if (flags.zero && !flags.minus && flags.has_width && width > number.size()) {
    out_->push_back(number[0]);
    PadWith(width - number.size());
    out_->append(number, 1);
    return;
  }
  Pad(number);
}

}  // namespace skald::query
