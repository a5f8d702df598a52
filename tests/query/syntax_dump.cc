#include "tests/query/syntax_dump.h"

#include "query/syntax/operators.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

std::string Number(double value) { return FormatGoFloat(value, 'g'); }
std::string Seconds(int64_t nanos) {
  return StrCat(FormatGoFloat(static_cast<double>(nanos) / 1e9, 'f'), "s");
}

std::string Names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) StrAppend(&out, out.empty() ? "" : ",", name);
  return out;
}

std::string DumpString(const StringCondition& c) {
  return StrCat(c.name, MatchOpText(c.op), GoQuote(c.value));
}

std::string Dump(const LabelCondition& condition) {
  struct Visitor {
    std::string operator()(const StringCondition& c) const { return DumpString(c); }
    std::string operator()(const NumberCondition& c) const {
      return StrCat(c.name, OpText(c.op), Number(c.value));
    }
    std::string operator()(const DurationCondition& c) const {
      return StrCat(c.name, OpText(c.op), Seconds(c.nanos));
    }
    std::string operator()(const BytesCondition& c) const {
      return StrCat(c.name, OpText(c.op), c.bytes, "B");
    }
    std::string operator()(const IpCondition& c) const {
      return StrCat(c.name, c.negated ? "!=" : "=", "ip:", GoQuote(c.pattern));
    }
    std::string operator()(const BooleanCondition& c) const {
      return StrCat("(", c.is_or ? "or " : "and ", Dump(*c.left), " ", Dump(*c.right), ")");
    }
  };
  return std::visit(Visitor{}, condition.node);
}

std::string DumpNamed(std::string_view stage, const std::vector<NamedLabel>& labels) {
  std::string out = StrCat("(", stage);
  for (const NamedLabel& label : labels) {
    StrAppend(&out, " ", label.condition ? DumpString(*label.condition) : label.name);
  }
  return out + ")";
}

std::string DumpExtractions(const std::vector<Extraction>& extractions) {
  std::string out;
  for (const Extraction& e : extractions) {
    StrAppend(&out, " ", e.name, "=", GoQuote(e.expression));
  }
  return out;
}

std::string Dump(const Stage& stage) {
  struct Visitor {
    std::string operator()(const LineFilterStage& s) const {
      std::string out = StrCat("(", OpText(s.op));
      for (const LineFilterOperand& operand : s.operands) {
        StrAppend(&out, " ", operand.is_ip ? "ip:" : "", GoQuote(operand.text));
      }
      return out + ")";
    }
    std::string operator()(const LabelFilterStage& s) const {
      return StrCat("(where ", Dump(s.condition), ")");
    }
    std::string operator()(const JsonStage& s) const {
      return StrCat("(json", DumpExtractions(s.extractions), ")");
    }
    std::string operator()(const LogfmtStage& s) const {
      return StrCat("(logfmt", s.strict ? " strict" : "", s.keep_empty ? " keep_empty" : "",
                    DumpExtractions(s.extractions), ")");
    }
    std::string operator()(const RegexpStage& s) const {
      return StrCat("(regexp ", GoQuote(s.pattern), ")");
    }
    std::string operator()(const PatternStage& s) const {
      return StrCat("(pattern ", GoQuote(s.pattern), ")");
    }
    std::string operator()(const UnpackStage&) const { return "(unpack)"; }
    std::string operator()(const DecolorizeStage&) const { return "(decolorize)"; }
    std::string operator()(const LineFormatStage& s) const {
      return StrCat("(line_format ", GoQuote(s.format), ")");
    }
    std::string operator()(const LabelFormatStage& s) const {
      std::string out = "(label_format";
      for (const LabelFormat& f : s.formats) {
        StrAppend(&out, " ", f.target, f.is_rename ? "<-" : "=",
                  f.is_rename ? f.value : GoQuote(f.value));
      }
      return out + ")";
    }
    std::string operator()(const DropStage& s) const { return DumpNamed("drop", s.labels); }
    std::string operator()(const KeepStage& s) const { return DumpNamed("keep", s.labels); }
  };
  return std::visit(Visitor{}, stage);
}

std::string Dump(const LogExpr& log) {
  std::string out = "(log {";
  for (const Matcher& matcher : log.matchers) {
    StrAppend(&out, out.back() == '{' ? "" : ",", matcher.ToString());
  }
  out.append("}");
  for (const Stage& stage : log.stages) StrAppend(&out, " ", Dump(stage));
  return out + ")";
}

std::string Dump(const LogRange& range) {
  std::string out = Dump(range.log);
  if (range.unwrap.has_value()) {
    constexpr std::string_view kSeparator[] = {"", ":"};
    const std::string_view conversion = OpText(range.unwrap->conversion);
    StrAppend(&out, " (unwrap ", conversion, kSeparator[conversion.empty() ? 0 : 1],
              range.unwrap->label);
    for (const LabelCondition& filter : range.unwrap->filters) StrAppend(&out, " ", Dump(filter));
    out.append(")");
  }
  StrAppend(&out, " [", Seconds(range.range_nanos), "]");
  if (range.offset_nanos != 0) StrAppend(&out, " offset:", Seconds(range.offset_nanos));
  return out;
}

std::string Dump(const std::optional<Grouping>& grouping) {
  if (!grouping.has_value()) return "";
  return StrCat(grouping->without ? " without:" : " by:", Names(grouping->labels));
}

std::string Dump(const std::optional<VectorMatching>& matching) {
  if (!matching.has_value()) return "";
  std::string out = StrCat(matching->on ? " on:" : " ignoring:", Names(matching->labels));
  if (matching->cardinality == MatchCardinality::kOneToOne) return out;
  const bool left = matching->cardinality == MatchCardinality::kManyToOne;
  return StrCat(out, left ? " group_left:" : " group_right:", Names(matching->include));
}

std::string Dump(const MetricExpr& expr) {
  struct Visitor {
    std::string operator()(const RangeAggregation& e) const {
      return StrCat("(", OpText(e.op), Dump(e.grouping),
                    e.parameter ? StrCat(" ", Number(*e.parameter)) : "", " ", Dump(e.range), ")");
    }
    std::string operator()(const VectorAggregation& e) const {
      return StrCat("(", OpText(e.op), Dump(e.grouping),
                    TakesCount(e.op) ? StrCat(" ", e.parameter) : "", " ", Dump(*e.inner), ")");
    }
    std::string operator()(const BinaryExpr& e) const {
      return StrCat("(", OpText(e.op), e.return_bool ? " bool" : "", Dump(e.matching), " ",
                    Dump(*e.left), " ", Dump(*e.right), ")");
    }
    std::string operator()(const LiteralExpr& e) const { return Number(e.value); }
    std::string operator()(const VectorExpr& e) const {
      return StrCat("(vector ", Number(e.value), ")");
    }
    std::string operator()(const LabelReplaceExpr& e) const {
      return StrCat("(label_replace ", Dump(*e.inner), " ", GoQuote(e.target), " ",
                    GoQuote(e.replacement), " ", GoQuote(e.source), " ", GoQuote(e.regex), ")");
    }
    std::string operator()(const VariantsExpr& e) const {
      std::string out = "(variants";
      for (const MetricExprPtr& variant : e.variants) StrAppend(&out, " ", Dump(*variant));
      return StrCat(out, " of ", Dump(e.of), ")");
    }
  };
  return std::visit(Visitor{}, expr.node);
}

}  // namespace

std::string Dump(const Query& query) {
  return query.log() != nullptr ? Dump(*query.log()) : Dump(*query.metric());
}

}  // namespace skald::query
