// The abstract syntax of LogQL.
//
// A parsed query is a tree of these structs, immutable once the parser has returned it. Log
// expressions (a selector and its pipeline) and metric expressions are separate types; variants
// that differ in data are std::variant alternatives rather than a class hierarchy.
//
// Durations are nanoseconds. Source text is not kept; Printer (printer.h) gives the canonical form.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/model/matcher.h"

namespace skald::query {

// ---- Line filters -------------------------------------------------------------------------

enum class LineFilterOp {
  kContains,     // |=
  kNotContains,  // !=
  kRegex,        // |~
  kNotRegex,     // !~
  kPattern,      // |>
  kNotPattern,   // !>
};

struct LineFilterOperand {
  std::string text;
  bool is_ip = false;  // ip("text")
};

// One operator with its `or` chain: `|= "a" or "b"`. A negative operator has a single operand:
// `!= "a" or "b"` excludes both, and has become two stages.
struct LineFilterStage {
  LineFilterOp op;
  std::vector<LineFilterOperand> operands;  // never empty
};

// ---- Label filters ------------------------------------------------------------------------

enum class CompareOp { kEqual, kNotEqual, kGreater, kGreaterOrEqual, kLess, kLessOrEqual };

// `name = "value"` and its kin. The regex of a label filter is not a selector's (logql.md 7.1), so
// the text is kept and compiled by the stage.
struct StringCondition {
  std::string name;
  MatchOp op;
  std::string value;
};
struct NumberCondition {
  std::string name;
  CompareOp op;
  double value;
};
struct DurationCondition {
  std::string name;
  CompareOp op;
  int64_t nanos;
};
struct BytesCondition {
  std::string name;
  CompareOp op;
  uint64_t bytes;
};
struct IpCondition {
  std::string name;
  bool negated;
  std::string pattern;
};

struct LabelCondition;
// `left and right` / `left or right`. Commas and juxtaposition have become kAnd.
struct BooleanCondition {
  bool is_or;
  std::unique_ptr<LabelCondition> left;
  std::unique_ptr<LabelCondition> right;
};

struct LabelCondition {
  std::variant<StringCondition, NumberCondition, DurationCondition, BytesCondition, IpCondition,
               BooleanCondition>
      node;
};

// ---- Other stages -------------------------------------------------------------------------

// `name="expression"` of json and logfmt; a bare name stands for name="name".
struct Extraction {
  std::string name;
  std::string expression;
};
struct JsonStage {
  std::vector<Extraction> extractions;  // empty: every field
};
struct LogfmtStage {
  bool strict = false;
  bool keep_empty = false;
  std::vector<Extraction> extractions;  // empty: every field
};
struct RegexpStage {
  std::string pattern;
};
struct PatternStage {
  std::string pattern;
};
struct UnpackStage {};
struct DecolorizeStage {};
struct LabelFilterStage {
  LabelCondition condition;
};
struct LineFormatStage {
  std::string format;
};
// `target=source` (rename) or `target="template"`.
struct LabelFormat {
  std::string target;
  std::string value;
  bool is_rename;
};
struct LabelFormatStage {
  std::vector<LabelFormat> formats;
};
// An element of drop or keep: a name, or a condition on it.
struct NamedLabel {
  std::string name;
  std::optional<StringCondition> condition;
};
struct DropStage {
  std::vector<NamedLabel> labels;
};
struct KeepStage {
  std::vector<NamedLabel> labels;
};

using Stage = std::variant<LineFilterStage, LabelFilterStage, JsonStage, LogfmtStage, RegexpStage,
                           PatternStage, UnpackStage, DecolorizeStage, LineFormatStage,
                           LabelFormatStage, DropStage, KeepStage>;

// `{selector} | stage | stage`.
struct LogExpr {
  std::vector<Matcher> matchers;
  std::vector<Stage> stages;
};

// ---- Metric expressions -------------------------------------------------------------------

enum class UnwrapConversion { kNone, kBytes, kDuration, kDurationSeconds };

struct Unwrap {
  std::string label;
  UnwrapConversion conversion = UnwrapConversion::kNone;
  std::vector<LabelCondition> filters;  // `| unwrap x | a="b" | …`
};

// A log expression over a sliding window.
struct LogRange {
  LogExpr log;
  std::optional<Unwrap> unwrap;
  int64_t range_nanos = 0;
  int64_t offset_nanos = 0;
};

struct Grouping {
  bool without = false;
  std::vector<std::string> labels;
};

enum class RangeOp {
  kCountOverTime,
  kRate,
  kRateCounter,
  kBytesOverTime,
  kBytesRate,
  kAvgOverTime,
  kSumOverTime,
  kMinOverTime,
  kMaxOverTime,
  kStdvarOverTime,
  kStddevOverTime,
  kQuantileOverTime,
  kFirstOverTime,
  kLastOverTime,
  kAbsentOverTime,
};

enum class VectorOp {
  kSum,
  kAvg,
  kCount,
  kMax,
  kMin,
  kStddev,
  kStdvar,
  kBottomk,
  kTopk,
  kSort,
  kSortDesc,
  kApproxTopk,
};

enum class BinaryOp {
  kOr,
  kAnd,
  kUnless,
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
};

struct MetricExpr;
using MetricExprPtr = std::unique_ptr<MetricExpr>;

struct RangeAggregation {
  RangeOp op;
  LogRange range;
  std::optional<double> parameter;
  std::optional<Grouping> grouping;
};

struct VectorAggregation {
  VectorOp op;
  MetricExprPtr inner;
  int64_t parameter = 0;             // k of topk, bottomk and approx_topk
  std::optional<Grouping> grouping;  // absent: one group
};

enum class MatchCardinality {
  kOneToOne,
  kManyToOne /* group_left */,
  kOneToMany /* group_right */
};

struct VectorMatching {
  MatchCardinality cardinality = MatchCardinality::kOneToOne;
  bool on = false;  // else ignoring
  std::vector<std::string> labels;
  std::vector<std::string> include;  // labels named in group_left(…)/group_right(…)
};

struct BinaryExpr {
  BinaryOp op;
  MetricExprPtr left;
  MetricExprPtr right;
  bool return_bool = false;
  std::optional<VectorMatching> matching;  // absent: on all labels
};

struct LiteralExpr {
  double value;
};
struct VectorExpr {
  double value;
};
struct LabelReplaceExpr {
  MetricExprPtr inner;
  std::string target;
  std::string replacement;
  std::string source;
  std::string regex;
};
// `variants(e, …) of (range)`; only at the top of a query.
struct VariantsExpr {
  std::vector<MetricExprPtr> variants;
  LogRange of;
};

struct MetricExpr {
  std::variant<RangeAggregation, VectorAggregation, BinaryExpr, LiteralExpr, VectorExpr,
               LabelReplaceExpr, VariantsExpr>
      node;
};

// ---- Queries ------------------------------------------------------------------------------

struct Query {
  std::variant<LogExpr, MetricExprPtr> node;

  const LogExpr* log() const { return std::get_if<LogExpr>(&node); }
  const MetricExpr* metric() const {
    const MetricExprPtr* expr = std::get_if<MetricExprPtr>(&node);
    return expr == nullptr ? nullptr : expr->get();
  }
};

}  // namespace skald::query
