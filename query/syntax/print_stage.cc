// The canonical text of selectors and stages.
#include <algorithm>
#include <string>
#include <utility>

#include "query/syntax/operators.h"
#include "query/syntax/print_parts.h"
#include "query/syntax/printer.h"
#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

std::string PrintOperand(const LineFilterOperand& operand) {
  const std::string quoted = GoQuote(operand.text);
  return operand.is_ip ? StrCat("ip(", quoted, ")") : quoted;
}

// True if a label filter's regex is no more than literal texts with `|` between them and `.*`
// before or after them. Loki runs most of such as string comparisons, and prints those in double
// quotes.
bool IsLiteralRegex(std::string_view regex) {
  if (regex.starts_with("(?i)")) regex.remove_prefix(4);
  if (regex == ".+") return true;
  bool single_characters = true;  // a choice of such is a character class
  size_t branches = 0;
  for (size_t begin = 0; begin <= regex.size(); ++branches) {
    const size_t end = std::min(regex.find('|', begin), regex.size());
    std::string_view branch = regex.substr(begin, end - begin);
    if (branch.starts_with(".*")) branch.remove_prefix(2);
    if (branch.ends_with(".*")) branch.remove_suffix(2);
    if (branch.find_first_of("\\.+*?()[]{}^$") != std::string_view::npos) return false;
    single_characters = single_characters && end - begin == 1;
    begin = end + 1;
  }
  return branches == 1 || !single_characters;
}

std::string PrintString(const StringCondition& condition) {
  return StrCat(condition.name, MatchOpText(condition.op), GoQuote(condition.value));
}

// As a filter, a regex that stays one is printed raw.
std::string PrintFilter(const StringCondition& condition) {
  const bool raw = condition.op == MatchOp::kRegex && !IsLiteralRegex(condition.value) &&
                   condition.value.find_first_of("`\r") == std::string::npos;
  if (!raw) return PrintString(condition);
  return StrCat(condition.name, MatchOpText(condition.op), "`", condition.value, "`");
}

// The shortest of the forms that say the size exactly.
std::string PrintBytes(uint64_t bytes) {
  std::string decimal = FormatHumanizedBytes(bytes);
  std::erase(decimal, ' ');
  const auto reread = ParseHumanizedBytes(decimal);
  if (reread.ok() && *reread == bytes) return decimal;
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  size_t unit = 0;
  for (; bytes % 1024 == 0; bytes /= 1024) ++unit;
  return StrCat(bytes, kUnits[unit]);
}

// Appends, so that deep trees are not copied once a level.
struct ConditionPrinter {
  std::string* out;

  void operator()(const StringCondition& c) const { out->append(PrintFilter(c)); }
  void operator()(const NumberCondition& c) const {
    StrAppend(out, c.name, OpText(c.op), FormatGoFloat(c.value, 'f'));
  }
  void operator()(const DurationCondition& c) const {
    StrAppend(out, c.name, OpText(c.op), FormatGoDuration(std::chrono::nanoseconds(c.nanos)));
  }
  void operator()(const BytesCondition& c) const {
    StrAppend(out, c.name, OpText(c.op), PrintBytes(c.bytes));
  }
  void operator()(const IpCondition& c) const {
    StrAppend(out, c.name, c.negated ? "!=" : "=", "ip(", GoQuote(c.pattern), ")");
  }
  void operator()(const BooleanCondition& c) const {
    out->append("( ");
    std::visit(*this, c.left->node);
    out->append(c.is_or ? " or " : " , ");
    std::visit(*this, c.right->node);
    out->append(" )");
  }
};

// Applies `print` to each item, with commas between.
template <typename Items, typename Printer>
std::string List(const Items& items, Printer print) {
  std::string out;
  for (const auto& item : items) {
    StrAppend(&out, out.empty() ? "" : ",", print(item));
  }
  return out;
}

std::string PrintNamedLabels(const std::vector<NamedLabel>& labels) {
  return List(labels, [](const NamedLabel& label) {
    return label.condition.has_value() ? PrintString(*label.condition) : label.name;
  });
}

// A leading space and the list, if there is one.
std::string PrintExtractions(const std::vector<Extraction>& extractions) {
  if (extractions.empty()) return "";
  return StrCat(" ", List(extractions, [](const Extraction& extraction) {
                  return StrCat(extraction.name, "=", GoQuote(extraction.expression));
                }));
}

struct StagePrinter {
  std::string operator()(const LineFilterStage& s) const {
    std::string out(OpText(s.op));
    std::string_view separator = " ";
    for (const LineFilterOperand& operand : s.operands) {
      StrAppend(&out, separator, PrintOperand(operand));
      separator = " or ";
    }
    return out;
  }
  std::string operator()(const LabelFilterStage& s) const {
    return StrCat("| ", Print(s.condition));
  }
  std::string operator()(const JsonStage& s) const {
    return StrCat("| json", PrintExtractions(s.extractions));
  }
  std::string operator()(const LogfmtStage& s) const {
    return StrCat("| logfmt", s.strict ? " --strict" : "", s.keep_empty ? " --keep-empty" : "",
                  PrintExtractions(s.extractions));
  }
  std::string operator()(const RegexpStage& s) const {
    return StrCat("| regexp ", GoQuote(s.pattern));
  }
  std::string operator()(const PatternStage& s) const {
    return StrCat("| pattern ", GoQuote(s.pattern));
  }
  std::string operator()(const UnpackStage&) const { return "| unpack"; }
  std::string operator()(const DecolorizeStage&) const { return "| decolorize"; }
  std::string operator()(const LineFormatStage& s) const {
    return StrCat("| line_format ", GoQuote(s.format));
  }
  std::string operator()(const LabelFormatStage& s) const {
    return StrCat("| label_format ", List(s.formats, [](const LabelFormat& format) {
                    const std::string source =
                        format.is_rename ? format.value : GoQuote(format.value);
                    return StrCat(format.target, "=", source);
                  }));
  }
  std::string operator()(const DropStage& s) const {
    return StrCat("| drop ", PrintNamedLabels(s.labels));
  }
  std::string operator()(const KeepStage& s) const {
    return StrCat("| keep ", PrintNamedLabels(s.labels));
  }
};

}  // namespace

std::string PrintSelector(const LogExpr& log) {
  std::string out = "{";
  for (const Matcher& matcher : log.matchers) {
    StrAppend(&out, out.size() == 1 ? "" : ", ", matcher.name(), MatchOpText(matcher.op()),
              GoQuote(matcher.value()));
  }
  out.push_back('}');
  return out;
}

std::string PrintUnwrap(const Unwrap& unwrap) {
  const std::string_view conversion = OpText(unwrap.conversion);
  if (conversion.empty()) return StrCat("| unwrap ", unwrap.label);
  return StrCat("| unwrap ", conversion, "(", unwrap.label, ")");
}

std::string Print(const LabelCondition& condition) {
  std::string out;
  std::visit(ConditionPrinter{&out}, condition.node);
  return out;
}

std::string Print(const Stage& stage) { return std::visit(StagePrinter{}, stage); }

std::string Print(std::span<const Stage> stages) {
  std::string out;
  for (const Stage& stage : stages) {
    StrAppend(&out, out.empty() ? "" : " ", Print(stage));
  }
  return out;
}

std::string Print(const LogExpr& log) {
  if (log.stages.empty()) return PrintSelector(log);
  return StrCat(PrintSelector(log), " ", Print(std::span<const Stage>(log.stages)));
}

}  // namespace skald::query
