#include "query/syntax/printer.h"

#include <string>

#include "absl/strings/str_format.h"
#include "query/syntax/operators.h"
#include "query/syntax/print_parts.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

void AppendRange(const LogRange& range, std::string* out) {
  out->append(Print(range.log));
  if (range.unwrap.has_value()) {
    StrAppend(out, " ", PrintUnwrap(*range.unwrap));
    for (const LabelCondition& filter : range.unwrap->filters) {
      StrAppend(out, " | ", Print(filter));
    }
  }
  StrAppend(out, "[", FormatPrometheusDuration(std::chrono::nanoseconds(range.range_nanos)), "]");
  if (range.offset_nanos != 0) {
    StrAppend(out, " offset ", FormatGoDuration(std::chrono::nanoseconds(range.offset_nanos)));
  }
}

// Appends, so that deep trees are not copied once a level.
struct MetricPrinter {
  std::string* out;

  void Append(const MetricExpr& expr) const { std::visit(*this, expr.node); }

  void operator()(const RangeAggregation& e) const {
    StrAppend(out, OpText(e.op), "(");
    if (e.parameter.has_value()) StrAppend(out, FormatGoFloat(*e.parameter, 'f'), ",");
    AppendRange(e.range, out);
    out->append(")");
    if (e.grouping.has_value()) out->append(PrintGrouping(*e.grouping, ","));
  }
  void operator()(const VectorAggregation& e) const {
    out->append(OpText(e.op));
    if (e.grouping.has_value()) out->append(PrintGrouping(*e.grouping, ","));
    out->append("(");
    if (TakesCount(e.op)) StrAppend(out, e.parameter, ",");
    Append(*e.inner);
    out->append(")");
  }
  void operator()(const BinaryExpr& e) const {
    out->append("(");
    Append(*e.left);
    StrAppend(out, " ", PrintOperator(e, ","), " ");
    // With a matching clause but no group there are two spaces, as Loki has them.
    if (HasBareMatching(e)) out->append(" ");
    Append(*e.right);
    out->append(")");
  }
  void operator()(const LiteralExpr& e) const { out->append(PrintLiteral(e.value)); }
  void operator()(const VectorExpr& e) const { out->append(PrintVector(e.value)); }
  void operator()(const LabelReplaceExpr& e) const {
    out->append("label_replace(");
    Append(*e.inner);
    for (const std::string* argument : {&e.target, &e.replacement, &e.source, &e.regex}) {
      StrAppend(out, ",", GoQuote(*argument));
    }
    out->append(")");
  }
  void operator()(const VariantsExpr& e) const {
    out->append("variants(");
    for (size_t i = 0; i < e.variants.size(); ++i) {
      if (i > 0) out->append(", ");
      Append(*e.variants[i]);
    }
    out->append(") of (");
    AppendRange(e.of, out);
    out->append(")");
  }
};

}  // namespace

std::string Join(const std::vector<std::string>& labels, std::string_view separator) {
  std::string out;
  for (const std::string& label : labels) {
    StrAppend(&out, out.empty() ? "" : separator, label);
  }
  return out;
}

std::string PrintGrouping(const Grouping& grouping, std::string_view separator) {
  return StrCat(grouping.without ? " without (" : " by (", Join(grouping.labels, separator), ")");
}

std::string PrintOperator(const BinaryExpr& binary, std::string_view separator) {
  std::string out(OpText(binary.op));
  if (binary.return_bool) out.append(" bool");
  if (!binary.matching.has_value()) return out;
  const VectorMatching& matching = *binary.matching;
  StrAppend(&out, matching.on ? " on (" : " ignoring (", Join(matching.labels, separator), ")");
  if (matching.cardinality == MatchCardinality::kOneToOne) return out;
  out.append(matching.cardinality == MatchCardinality::kManyToOne ? " group_left" : " group_right");
  // An operation on the right side begins with a parenthesis, which would be taken for the list.
  const bool ambiguous = std::holds_alternative<BinaryExpr>(binary.right->node);
  if (!matching.include.empty() || ambiguous) {
    StrAppend(&out, " (", Join(matching.include, separator), ")");
  }
  return out;
}

std::string PrintLiteral(double value) { return FormatGoFloat(value, 'g'); }

std::string PrintVector(double value) {
  std::string number = absl::StrFormat("%f", value);
  const auto reread = ParseGoFloat(number);
  if (!reread.ok() || *reread != value) number = FormatGoFloat(value, 'g');
  return StrCat("vector(", number, ")");
}

bool HasBareMatching(const BinaryExpr& binary) {
  return binary.matching.has_value() && binary.matching->cardinality == MatchCardinality::kOneToOne;
}

std::string Print(const MetricExpr& expr) {
  std::string out;
  MetricPrinter{&out}.Append(expr);
  return out;
}

std::string Print(const Query& query) {
  return query.log() != nullptr ? Print(*query.log()) : Print(*query.metric());
}

}  // namespace skald::query
