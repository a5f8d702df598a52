#include "query/template/go_printer.h"

#include <algorithm>
#include <utility>

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
