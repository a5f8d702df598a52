#include "query/template/go_printer.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "query/template/go_float.h"
#include "storage/base/duration.h"
#include "storage/base/go_quote.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

constexpr char32_t kMaxRune = 0x10FFFF;

size_t RuneCount(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(DecodeRune(text).size);
  return count;
}

// %+q: everything outside ASCII is escaped.
std::string AsciiQuoted(std::string_view text) {
  const std::string quoted = GoQuote(text);
  std::string out;
  std::string_view rest = quoted;
  while (!rest.empty()) {
    const DecodedRune decoded = DecodeRune(rest);
    if (decoded.rune < 0x80) {
      out.push_back(rest[0]);
    } else {
      const bool wide = decoded.rune > 0xFFFF;
      out.append(wide ? "\\U" : "\\u");
      for (int shift = wide ? 28 : 12; shift >= 0; shift -= 4) {
        out.push_back("0123456789abcdef"[decoded.rune >> shift & 0xF]);
      }
    }
    rest.remove_prefix(decoded.size);
  }
  return out;
}

// Whether a raw string literal can hold the text unchanged.
bool CanBackquote(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    const char32_t rune = decoded.rune;
    if (decoded.invalid || rune == 0xFEFF || rune == '`' || rune == 0x7F) return false;
    if (rune < ' ' && rune != '\t') return false;
    text.remove_prefix(decoded.size);
  }
  return true;
}

std::string TextOf(const Value& value) {
  std::string text;
  switch (value.kind()) {
    case ValueKind::kTime:
      AppendGoTimeString(&text, value.as_time());
      break;
    case ValueKind::kDuration:
      text = FormatGoDuration(std::chrono::nanoseconds(value.as_int()));
      break;
    case ValueKind::kMonth:
      text = GoMonthName(static_cast<int>(value.as_int()));
      break;
    default:
      text = GoWeekdayName(static_cast<int>(value.as_int()));
  }
  return text;
}

}  // namespace

void GoPrinter::PadWith(size_t count) {
  out_->append(count, flags.zero && !flags.minus ? '0' : ' ');
}

void GoPrinter::Pad(std::string_view text) {
  const size_t width = flags.has_width ? static_cast<size_t>(flags.width) : 0;
  const size_t runes = width == 0 ? 0 : RuneCount(text);
  const size_t padding = width > runes ? width - runes : 0;
  if (!flags.minus) PadWith(padding);
  out_->append(text);
  if (flags.minus) PadWith(padding);
}

std::string_view GoPrinter::Truncated(std::string_view text) const {
  if (!flags.has_precision) return text;
  std::string_view rest = text;
  for (int i = 0; i < flags.precision && !rest.empty(); ++i) {
    rest.remove_prefix(DecodeRune(rest).size);
  }
  return text.substr(0, text.size() - rest.size());
}

void GoPrinter::PrintBadVerb(const Value& value, char32_t verb) {
  const FormatFlags saved = flags;
  out_->append("%!");
  AppendRune(out_, verb);
  out_->push_back('(');
  if (value.is_nil()) {
    out_->append("<nil>");
  } else {
    out_->append(TypeName(value));
    out_->push_back('=');
    // The number behind a name or a duration, not its text.
    if (value.is_signed_integer()) {
      PrintInteger(value, 'v');
    } else {
      Print(value, 'v');
    }
  }
  out_->push_back(')');
  flags = saved;
}

void GoPrinter::Print(const Value& value, char32_t verb) {
  if (value.is_nil()) {
    if (verb == 'v' || verb == 'T') return Pad("<nil>");
    return PrintBadVerb(value, verb);
  }
  if (verb == 'T') return Pad(Truncated(TypeName(value)));
  if (PrintStringer(value, verb)) return;
  switch (value.kind()) {
    case ValueKind::kBool:
      return PrintBool(value.as_bool(), value, verb);
    case ValueKind::kFloat64:
      return PrintFloat(value, verb);
    case ValueKind::kString:
      return PrintString(value.as_string(), value, verb);
    case ValueKind::kTime:
      return PrintBadVerb(value, verb);
    case ValueKind::kList:
      return PrintList(value, verb);
    case ValueKind::kMap:
    case ValueKind::kLabels:
      return PrintMap(value, verb);
    default:
      return PrintInteger(value, verb);
  }
}

bool GoPrinter::PrintStringer(const Value& value, char32_t verb) {
  switch (value.kind()) {
    case ValueKind::kTime:
    case ValueKind::kDuration:
    case ValueKind::kMonth:
    case ValueKind::kWeekday:
      break;
    default:
      return false;
  }
  if (flags.go_syntax ||
      (verb != 'v' && verb != 's' && verb != 'x' && verb != 'X' && verb != 'q')) {
    return false;
  }
  PrintString(TextOf(value), value, verb);
  return true;
}

void GoPrinter::PrintBool(bool v, const Value& value, char32_t verb) {
  if (verb != 't' && verb != 'v') return PrintBadVerb(value, verb);
  Pad(v ? "true" : "false");
}

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

void GoPrinter::FormatRune(uint64_t bits, bool quoted) {
  const char32_t rune = bits > kMaxRune ? kReplacementRune : static_cast<char32_t>(bits);
  std::string text;
  AppendRune(&text, rune);
  if (!quoted) return Pad(text);
  // A character literal differs from a string literal only in which quote it escapes.
  const std::string as_string = flags.plus ? AsciiQuoted(text) : GoQuote(text);
  std::string inner = as_string.substr(1, as_string.size() - 2);
  if (rune == '\'') inner = "\\'";
  if (rune == '"') inner = "\"";
  Pad("'" + inner + "'");
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

namespace {

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

void GoPrinter::PrintString(std::string_view text, const Value& value, char32_t verb) {
  switch (verb) {
    case 'v':
      if (flags.go_syntax) return FormatQuoted(text);
      [[fallthrough]];
    case 's':
      return Pad(Truncated(text));
    case 'x':
    case 'X':
      return FormatHexString(text, verb == 'X');
    case 'q':
      return FormatQuoted(text);
    default:
      return PrintBadVerb(value, verb);
  }
}

void GoPrinter::FormatQuoted(std::string_view text) {
  text = Truncated(text);
  if (flags.sharp && CanBackquote(text)) return Pad(StrCat("`", text, "`"));
  Pad(flags.plus ? AsciiQuoted(text) : GoQuote(text));
}

void GoPrinter::FormatHexString(std::string_view text, bool upper) {
  if (flags.has_precision) text = text.substr(0, static_cast<size_t>(flags.precision));
  const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const std::string_view prefix = !flags.sharp ? "" : upper ? "0X" : "0x";
  std::string hex;
  for (size_t i = 0; i < text.size(); ++i) {
    if (flags.space && i > 0) hex.push_back(' ');
    if (i == 0 || flags.space) hex.append(prefix);
    const auto byte = static_cast<unsigned char>(text[i]);
    hex.push_back(digits[byte >> 4]);
    hex.push_back(digits[byte & 0xF]);
  }
  Pad(hex);
}

void GoPrinter::PrintNested(const Value& value, char32_t verb) {
  if (!value.is_nil()) return Print(value, verb);
  out_->append(flags.go_syntax ? "interface {}(nil)" : "<nil>");
}

void GoPrinter::PrintList(const Value& value, char32_t verb) {
  if (flags.go_syntax) out_->append(TypeName(value));
  out_->push_back(flags.go_syntax ? '{' : '[');
  bool first = true;
  for (const Value& item : value.as_list()) {
    if (out_->size() > limit_) return;
    if (!std::exchange(first, false)) out_->append(flags.go_syntax ? ", " : " ");
    PrintNested(item, verb);
  }
  out_->push_back(flags.go_syntax ? '}' : ']');
}

void GoPrinter::PrintMap(const Value& value, char32_t verb) {
  out_->append(flags.go_syntax ? TypeName(value) : "map");
  out_->push_back(flags.go_syntax ? '{' : '[');
  bool first = true;
  for (const MapEntry& entry : value.as_map()) {
    if (out_->size() > limit_) return;
    if (!std::exchange(first, false)) out_->append(flags.go_syntax ? ", " : " ");
    Print(Value::String(entry.key), verb);
    out_->push_back(':');
    PrintNested(entry.value, verb);
  }
  out_->push_back(flags.go_syntax ? '}' : ']');
}

}  // namespace skald::query
