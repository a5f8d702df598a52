// One operand under one verb and its flags, as Go's fmt prints it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "query/template/template_value.h"

namespace skald::query {

struct FormatFlags {
  bool sharp = false;
  bool zero = false;
  bool plus = false;
  bool minus = false;
  bool space = false;
  bool go_syntax = false;  // %#v
  bool has_width = false;
  bool has_precision = false;
  int width = 0;
  int precision = 0;
};

// Threads: externally synchronised.
class GoPrinter {
 public:
  // Appends to `out`, which outlives this. Lists and maps end early once it has outgrown `limit`.
  GoPrinter(std::string* out, size_t limit) : out_(out), limit_(limit) {}

  FormatFlags flags;

  void Print(const Value& value, char32_t verb);

 private:
  void PrintBool(bool v, const Value& value, char32_t verb);
  void PrintInteger(const Value& value, char32_t verb);
  void PrintFloat(const Value& value, char32_t verb);
  void PrintString(std::string_view text, const Value& value, char32_t verb);
  void PrintList(const Value& value, char32_t verb);
  void PrintMap(const Value& value, char32_t verb);
  void PrintNested(const Value& value, char32_t verb);
  // Times, durations, months and weekdays know their own text for the verbs of strings.
  bool PrintStringer(const Value& value, char32_t verb);
  void PrintBadVerb(const Value& value, char32_t verb);

  void FormatInteger(uint64_t magnitude, bool negative, int base, char32_t verb);
  void FormatUnicode(uint64_t rune);
  void FormatFloat(double v, char verb, int precision);
  void FormatHexString(std::string_view text, bool upper);
  void FormatQuoted(std::string_view text);
  void FormatRune(uint64_t rune, bool quoted);
  std::string_view Truncated(std::string_view text) const;

  void Pad(std::string_view text);
  void PadWith(size_t count);

  std::string* out_;
  const size_t limit_;
};

}  // namespace skald::query
