// The pretty form of queries. An expression whose canonical text has at most kLineBytes bytes
// stays on one line; a longer one is broken, its parts indented one level deeper.
#include <string>
#include <utility>
#include <vector>

#include "query/syntax/operators.h"
#include "query/syntax/print_parts.h"
#include "query/syntax/printer.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

constexpr size_t kLineBytes = 100;

// A stage a line, except that adjoining line filters share one.
std::vector<std::string> StageLines(const std::vector<Stage>& stages) {
  std::vector<std::string> lines;
  bool after_filter = false;
  for (const Stage& stage : stages) {
    const bool is_filter = std::holds_alternative<LineFilterStage>(stage);
    if (is_filter && after_filter) {
      StrAppend(&lines.back(), " ", Print(stage));
    } else {
      lines.push_back(Print(stage));
    }
    after_filter = is_filter;
  }
  return lines;
}

void AppendIndent(int level, std::string* out) { out->append(2 * static_cast<size_t>(level), ' '); }

void AppendLine(int level, std::string_view text, std::string* out) {
  AppendIndent(level, out);
  out->append(text);
}

void AppendLog(const LogExpr& log, int level, std::string* out) {
  const std::string line = Print(log);
  if (line.size() <= kLineBytes) {
    AppendLine(level, line, out);
    return;
  }
  AppendLine(level, PrintSelector(log), out);
  for (const std::string& stage : StageLines(log.stages)) {
    out->append("\n");
    AppendLine(level + 1, stage, out);
  }
}

void AppendRange(const LogRange& range, int level, std::string* out) {
  AppendLog(range.log, level, out);
  if (range.unwrap.has_value()) {
    out->append("\n");
    AppendLine(level + 1, PrintUnwrap(*range.unwrap), out);
    for (const LabelCondition& filter : range.unwrap->filters) {
      out->append("\n");
      AppendLine(level + 1, StrCat("| ", Print(filter)), out);
    }
  }
  StrAppend(out, " [", FormatPrometheusDuration(std::chrono::nanoseconds(range.range_nanos)), "]");
  if (range.offset_nanos != 0) {
    StrAppend(out, " offset ",
              FormatPrometheusDuration(std::chrono::nanoseconds(range.offset_nanos)));
  }
}

// As in Loki, variants are always broken up.
bool FitsOnLine(const MetricExpr& expr) {
  return !std::holds_alternative<VariantsExpr>(expr.node) && Print(expr).size() <= kLineBytes;
}

// Prints an expression that is too long for one line. Appends, so that deep trees are not copied
// once a level.
struct PrettyPrinter {
  int level;
  std::string* out;

  void Append(const MetricExpr& expr) const {
    if (FitsOnLine(expr)) {
      AppendLine(level, Print(expr), out);
    } else {
      std::visit(*this, expr.node);
    }
  }
  PrettyPrinter Inner() const { return {level + 1, out}; }
  // `head(` and `)`, each a line around a call's arguments.
  void Open(std::string_view head) const {
    AppendLine(level, head, out);
    out->append("(\n");
  }
  void Close() const {
    out->append("\n");
    AppendLine(level, ")", out);
  }
  // An argument of one line, before another.
  void AppendParameter(std::string_view text) const {
    AppendLine(level + 1, text, out);
    out->append(",\n");
  }

  void operator()(const RangeAggregation& e) const {
    Open(OpText(e.op));
    if (e.parameter.has_value()) AppendParameter(FormatGoFloat(*e.parameter, 'f'));
    AppendRange(e.range, level + 1, out);
    Close();
    if (e.grouping.has_value()) out->append(PrintGrouping(*e.grouping, ", "));
  }
  void operator()(const VectorAggregation& e) const {
    const std::string grouping = e.grouping.has_value() ? PrintGrouping(*e.grouping, ", ") : "";
    Open(StrCat(OpText(e.op), grouping));
    if (TakesCount(e.op)) AppendParameter(StrCat(e.parameter));
    Inner().Append(*e.inner);
    Close();
  }
  void operator()(const BinaryExpr& e) const {
    AppendOperand(e.op, *e.left, IsRightAssociative(e.op));
    out->append("\n");
    AppendLine(level, PrintOperator(e, ", "), out);
    out->append(HasBareMatching(e) ? " \n" : "\n");
    AppendOperand(e.op, *e.right, !IsRightAssociative(e.op));
  }
  // A side of a binary operation, in parentheses where precedence would part it: broken
  // operations, unlike those on one line, have none of their own. `strict`: also at equal
  // precedence.
  void AppendOperand(BinaryOp op, const MetricExpr& operand, bool strict) const {
    const auto* binary = std::get_if<BinaryExpr>(&operand.node);
    const int looseness = binary == nullptr ? -1 : PrecedenceOf(op) - PrecedenceOf(binary->op);
    if (looseness < 0 || (looseness == 0 && !strict) || FitsOnLine(operand)) {
      Inner().Append(operand);
      return;
    }
    Inner().Open("");
    Inner().Inner().Append(operand);
    Inner().Close();
  }
  void operator()(const LabelReplaceExpr& e) const {
    Open("label_replace");
    Inner().Append(*e.inner);
    out->append(",\n");
    AppendParameter(GoQuote(e.target));
    AppendParameter(GoQuote(e.replacement));
    AppendParameter(GoQuote(e.source));
    AppendLine(level + 1, GoQuote(e.regex), out);
    Close();
  }
  void operator()(const VariantsExpr& e) const {
    Open("variants");
    for (size_t i = 0; i < e.variants.size(); ++i) {
      if (i > 0) out->append(",\n");
      Inner().Append(*e.variants[i]);
    }
    Close();
    out->append(" of (\n");
    AppendRange(e.of, level + 1, out);
    Close();
  }
  void operator()(const LiteralExpr& e) const { AppendLine(level, PrintLiteral(e.value), out); }
  void operator()(const VectorExpr& e) const { AppendLine(level, PrintVector(e.value), out); }
};

}  // namespace

std::string PrettyPrint(const Query& query) {
  std::string out;
  if (query.log() != nullptr) {
    AppendLog(*query.log(), 0, &out);
  } else {
    PrettyPrinter{0, &out}.Append(*query.metric());
  }
  return out;
}

}  // namespace skald::query
