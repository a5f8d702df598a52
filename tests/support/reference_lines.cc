#include "tests/support/reference_lines.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/model/go_regex.h"

namespace skald::test_support {
namespace {

// `1.2.3.4` as a number.
std::optional<uint32_t> ParseAddress(const std::string& text) {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  int end = 0;
  const int read = std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &end);
  if (read != 4 || static_cast<size_t>(end) != text.size()) return std::nullopt;
  if (std::max({a, b, c, d}) > 255) return std::nullopt;
  return a << 24 | b << 16 | c << 8 | d;
}

bool IsInRange(const std::string& range, uint32_t address) {
  const size_t slash = range.find('/');
  const uint32_t network = *ParseAddress(range.substr(0, slash));
  const unsigned bits = slash == std::string::npos ? 32U : std::stoul(range.substr(slash + 1));
  const uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
  return (address & mask) == (network & mask);
}

// The texts between the captures of a line pattern, all of which are `<_>`.
std::vector<std::string> LiteralsOf(std::string_view pattern) {
  std::vector<std::string> literals;
  for (size_t at; (at = pattern.find("<_>")) != std::string_view::npos;) {
    literals.emplace_back(pattern.substr(0, at));
    pattern.remove_prefix(at + 3);
  }
  literals.emplace_back(pattern);
  return literals;
}

// Every literal is taken where it first occurs behind the one before; a capture is not empty, and
// the pattern ends where the line does.
bool PatternHolds(const std::string& pattern, const std::string& line) {
  const std::vector<std::string> literals = LiteralsOf(pattern);
  size_t pos = line.find(literals[0]);
  if (pos == std::string::npos) return false;
  pos += literals[0].size();
  for (size_t i = 1; i < literals.size(); ++i) {
    if (literals[i].empty()) return pos < line.size();
    const size_t found = line.find(literals[i], pos);
    if (found == std::string::npos || found == pos) return false;
    pos = found + literals[i].size();
  }
  return pos == line.size();
}

bool OperandHolds(query::LineFilterOp op, const query::LineFilterOperand& operand,
                  const std::string& line) {
  if (operand.is_ip) return FindAddress(operand.text, line) == AddressSearch::kFound;
  switch (op) {
    case query::LineFilterOp::kContains:
    case query::LineFilterOp::kNotContains:
      return line.find(operand.text) != std::string::npos;
    case query::LineFilterOp::kRegex:
    case query::LineFilterOp::kNotRegex:
      return TextMatches(operand.text, line);
    case query::LineFilterOp::kPattern:
    case query::LineFilterOp::kNotPattern:
      return PatternHolds(operand.text, line);
  }
  return false;
}

}  // namespace

bool TextMatches(const std::string& regex, const std::string& text) {
  // Compiled once: lines are many, patterns few.
  static std::map<std::string, std::shared_ptr<const RE2>> compiled;
  std::shared_ptr<const RE2>& known = compiled[regex];
  if (known == nullptr) known = *CompileGoRegex(regex);
  return RE2::PartialMatch(text, *known);
}

AddressSearch FindAddress(const std::string& range, const std::string& text) {
  AddressSearch result = AddressSearch::kNone;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find_first_not_of("0123456789.", begin), text.size());
    const std::optional<uint32_t> address = ParseAddress(text.substr(begin, end - begin));
    if (address.has_value() && IsInRange(range, *address)) return AddressSearch::kFound;
    if (address.has_value()) result = AddressSearch::kOthers;
    begin = std::max(end, begin + 1);
  }
  return result;
}

bool LineHolds(const query::LineFilterStage& filter, const std::string& line) {
  const bool any = std::any_of(
      filter.operands.begin(), filter.operands.end(),
      [&](const query::LineFilterOperand& one) { return OperandHolds(filter.op, one, line); });
  const bool negative = filter.op == query::LineFilterOp::kNotContains ||
                        filter.op == query::LineFilterOp::kNotRegex ||
                        filter.op == query::LineFilterOp::kNotPattern;
  return any != negative;
}

std::string Decolorized(const std::string& line) {
  std::string plain;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line.compare(i, 2, "\x1b[") != 0) {
      plain += line[i];
      continue;
    }
    i = line.find('m', i);
  }
  return plain;
}

}  // namespace skald::test_support
