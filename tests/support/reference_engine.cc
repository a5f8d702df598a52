#include "tests/support/reference_engine.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "query/engine/step_grid.h"
#include "query/syntax/operators.h"
#include "storage/model/go_regex.h"

namespace skald::test_support {
namespace {

using Vector = std::vector<ReferenceSeries>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

enum class EmptyLabels { kKept, kDropped };

// The labels that are listed (or, `without`, those that are not).
ReferenceLabels Select(const ReferenceLabels& labels, const std::vector<std::string>& names,
                       bool without, EmptyLabels empty) {
  ReferenceLabels selected;
  for (const auto& [name, value] : labels) {
    if (empty == EmptyLabels::kDropped && value.empty()) continue;
    if (Contains(names, name) != without) selected.emplace(name, value);
  }
  return selected;
}

ReferenceLabels GroupOf(const ReferenceLabels& labels,
                        const std::optional<query::Grouping>& grouping) {
  if (!grouping.has_value()) return {};
  return Select(labels, grouping->labels, grouping->without,
                grouping->without ? EmptyLabels::kDropped : EmptyLabels::kKept);
}

bool RemovesLabels(const query::Stage& stage) {
  if (const auto* format = std::get_if<query::LabelFormatStage>(&stage)) {
    return std::any_of(format->formats.begin(), format->formats.end(),
                       [](const query::LabelFormat& f) { return f.is_rename; });
  }
  return std::holds_alternative<query::DropStage>(stage) ||
         std::holds_alternative<query::KeepStage>(stage);
}

// True if Loki hands the grouping of a sum around it down to the samples.
bool TakesOuterGrouping(const query::RangeAggregation& aggregation) {
  using query::RangeOp;
  const bool sums = aggregation.op == RangeOp::kCountOverTime || aggregation.op == RangeOp::kRate ||
                    aggregation.op == RangeOp::kBytesOverTime ||
                    aggregation.op == RangeOp::kBytesRate ||
                    aggregation.op == RangeOp::kSumOverTime;
  return sums && !aggregation.grouping.has_value();
}

// Whether the series of an aggregation lose labels with empty values (docs/logql.md).
EmptyLabels EmptyLabelsOf(const query::RangeAggregation& aggregation, bool summed) {
  using query::RangeOp;
  const auto& stages = aggregation.range.log.stages;
  bool dropped = summed;
  if (!summed && !aggregation.grouping.has_value()) {
    dropped = std::any_of(stages.begin(), stages.end(), RemovesLabels);
  } else if (!summed) {
    const bool sharded = aggregation.op == RangeOp::kMinOverTime ||
                         aggregation.op == RangeOp::kMaxOverTime ||
                         aggregation.op == RangeOp::kAvgOverTime;
    dropped = sharded && !aggregation.grouping->labels.empty();
  }
  return dropped ? EmptyLabels::kDropped : EmptyLabels::kKept;
}

// The labels of the series that a row belongs to. `sum` may be null: the sum around the
// aggregation.
ReferenceLabels SeriesOf(const ReferenceRow& row, const query::RangeAggregation& aggregation,
                         const query::VectorAggregation* sum) {
  query::Grouping grouping{true, {}};  // nothing removed
  if (sum != nullptr) {
    grouping = sum->grouping.value_or(query::Grouping{false, {}});
  } else if (aggregation.grouping.has_value()) {
    grouping = *aggregation.grouping;
  }
  if (!grouping.without) return Select(row.All(), grouping.labels, false, EmptyLabels::kKept);
  if (aggregation.range.unwrap.has_value()) {
    grouping.labels.push_back(aggregation.range.unwrap->label);
  }
  return Select(row.All(), grouping.labels, true, EmptyLabelsOf(aggregation, sum != nullptr));
}

// Values at one step by labels, turned into series step by step.
class SeriesBuilder {
 public:
  explicit SeriesBuilder(size_t steps) : steps_(steps) {}

  void Set(const ReferenceLabels& labels, size_t step, double value) {
    auto& values = values_[labels];
    values.resize(steps_);
    values[step] = value;
  }
  bool Has(const ReferenceLabels& labels, size_t step) const {
    const auto at = values_.find(labels);
    return at != values_.end() && at->second[step].has_value();
  }
  Vector Take() {
    Vector vector;
    for (auto& [labels, values] : values_) vector.push_back({labels, std::move(values)});
    return vector;
  }

 private:
  size_t steps_;
  std::map<ReferenceLabels, std::vector<std::optional<double>>> values_;
};

Vector Aggregate(const query::VectorAggregation& aggregation, const Vector& input, size_t steps) {
  SeriesBuilder result(steps);
  for (size_t step = 0; step < steps; ++step) {
    std::map<ReferenceLabels, std::vector<double>> groups;
    for (const ReferenceSeries& series : input) {
      const std::optional<double> value = series.values[step];
      if (value.has_value()) groups[GroupOf(series.labels, aggregation.grouping)].push_back(*value);
    }
    for (const auto& [labels, values] : groups) {
      result.Set(labels, step, ReferenceAggregate(aggregation.op, values));
    }
  }
  return result.Take();
}

// Of every group the values that rank first; of equal ones any. An empty label makes a group of its
// own.
Vector KeepRanked(const query::VectorAggregation& aggregation, const Vector& input, size_t steps) {
  const bool smallest = aggregation.op == query::VectorOp::kBottomk;
  SeriesBuilder result(steps);
  for (size_t step = 0; step < steps; ++step) {
    std::map<ReferenceLabels, std::vector<std::pair<double, const ReferenceSeries*>>> groups;
    for (const ReferenceSeries& series : input) {
      const std::optional<double> value = series.values[step];
      if (!value.has_value()) continue;
      // By rank: the smallest key comes first, NaN last.
      const double key = std::isnan(*value) ? kInfinity : smallest ? *value : -*value;
      const query::Grouping grouping = aggregation.grouping.value_or(query::Grouping{});
      groups[Select(series.labels, grouping.labels, grouping.without, EmptyLabels::kKept)]
          .emplace_back(key, &series);
    }
    for (auto& [labels, ranked] : groups) {
      std::stable_sort(ranked.begin(), ranked.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      const auto k = static_cast<size_t>(aggregation.parameter);
      for (size_t i = 0; i < std::min(k, ranked.size()); ++i) {
        result.Set(ranked[i].second->labels, step, *ranked[i].second->values[step]);
      }
    }
  }
  return result.Take();
}

void RemoveEmptySeries(Vector* vector) {
  std::erase_if(*vector, [](const ReferenceSeries& series) {
    return std::none_of(series.values.begin(), series.values.end(),
                        [](const auto& value) { return value.has_value(); });
  });
}

Vector ApplyNumber(const query::BinaryExpr& expr, double number, bool number_is_left,
                   Vector vector) {
  const bool filters = query::IsComparison(expr.op) && !expr.return_bool;
  for (ReferenceSeries& series : vector) {
    for (std::optional<double>& value : series.values) {
      if (!value.has_value()) continue;
      const double result = number_is_left ? ReferenceArithmetic(expr.op, number, *value)
                                           : ReferenceArithmetic(expr.op, *value, number);
      if (!filters) {
        value = result;
      } else if (result == 0) {
        value.reset();
      }
    }
  }
  RemoveEmptySeries(&vector);
  return vector;
}

ReferenceLabels MatchKey(const ReferenceLabels& labels, const query::VectorMatching& matching) {
  return Select(labels, matching.labels, !matching.on, EmptyLabels::kDropped);
}

// True if some series has the key and a value at the step.
bool HasKey(const Vector& vector, const ReferenceLabels& key, size_t step,
            const query::VectorMatching& matching) {
  return std::any_of(vector.begin(), vector.end(), [&](const ReferenceSeries& series) {
    return series.values[step].has_value() && MatchKey(series.labels, matching) == key;
  });
}

Vector CombineSets(query::BinaryOp op, const query::VectorMatching& matching, const Vector& left,
                   const Vector& right, size_t steps) {
  Vector result = left;
  for (size_t step = 0; step < steps && op != query::BinaryOp::kOr; ++step) {
    for (ReferenceSeries& series : result) {
      const bool matched = HasKey(right, MatchKey(series.labels, matching), step, matching);
      if (matched != (op == query::BinaryOp::kAnd)) series.values[step].reset();
    }
  }
  if (op == query::BinaryOp::kOr) {
    for (ReferenceSeries series : right) {
      for (size_t step = 0; step < steps; ++step) {
        const bool matched = HasKey(left, MatchKey(series.labels, matching), step, matching);
        if (matched) series.values[step].reset();
      }
      result.push_back(std::move(series));
    }
  }
  RemoveEmptySeries(&result);
  return result;
}

// The labels of a matched pair.
ReferenceLabels ResultLabels(const query::VectorMatching& matching, const ReferenceLabels& many,
                             const ReferenceLabels& one) {
  if (matching.cardinality == query::MatchCardinality::kOneToOne) return MatchKey(many, matching);
  ReferenceLabels labels = Select(many, matching.include, true, EmptyLabels::kDropped);
  labels.merge(Select(one, matching.include, false, EmptyLabels::kDropped));
  return labels;
}

StatusOr<Vector> CombineMatched(const query::BinaryExpr& expr, const Vector& left,
                                const Vector& right, size_t steps) {
  const query::VectorMatching matching = expr.matching.value_or(query::VectorMatching{});
  const bool swapped = matching.cardinality == query::MatchCardinality::kOneToMany;
  const bool filters = query::IsComparison(expr.op) && !expr.return_bool;
  const Vector& many = swapped ? right : left;
  const Vector& one = swapped ? left : right;
  SeriesBuilder result(steps);
  for (size_t step = 0; step < steps; ++step) {
    std::map<ReferenceLabels, const ReferenceSeries*> one_of_key;
    for (const ReferenceSeries& series : one) {
      if (!series.values[step].has_value()) continue;
      const bool first = one_of_key.emplace(MatchKey(series.labels, matching), &series).second;
      if (!first) return Internal("found duplicate series");
    }
    std::set<ReferenceLabels> matched;
    for (const ReferenceSeries& series : many) {
      if (!series.values[step].has_value()) continue;
      const ReferenceLabels key = MatchKey(series.labels, matching);
      const auto found = one_of_key.find(key);
      if (found == one_of_key.end()) continue;
      if (!matched.insert(key).second &&
          matching.cardinality == query::MatchCardinality::kOneToOne) {
        return Internal("multiple matches for labels");
      }
      const double other = *found->second->values[step];
      const double mine = *series.values[step];
      const double value = swapped ? ReferenceArithmetic(expr.op, other, mine)
                                   : ReferenceArithmetic(expr.op, mine, other);
      if (filters && value == 0) continue;
      const ReferenceLabels labels = ResultLabels(matching, series.labels, found->second->labels);
      if (result.Has(labels, step)) return Internal("multiple matches for labels");
      result.Set(labels, step, filters ? (swapped ? other : mine) : value);
    }
  }
  return result.Take();
}

// Only the replacement `$1` and plain text.
void ReplaceLabels(const query::LabelReplaceExpr& expr, Vector* vector) {
  const auto regex = *CompileGoRegex(StrCat("^(?:", expr.regex, ")$"));
  for (ReferenceSeries& series : *vector) {
    const auto source = series.labels.find(expr.source);
    const std::string value = source == series.labels.end() ? "" : source->second;
    re2::StringPiece groups[2];
    if (!regex->Match(value, 0, value.size(), RE2::ANCHOR_BOTH, groups, 2)) continue;
    std::string replacement = expr.replacement;
    if (const size_t at = replacement.find("$1"); at != std::string::npos) {
      replacement.replace(at, 2, std::string(groups[1]));
    }
    series.labels.erase(expr.target);
    series.labels = Select(series.labels, {}, true, EmptyLabels::kDropped);
    if (!replacement.empty()) series.labels[expr.target] = replacement;
  }
}

const double* AsNumber(const query::MetricExpr& expr) {
  const auto* literal = std::get_if<query::LiteralExpr>(&expr.node);
  return literal == nullptr ? nullptr : &literal->value;
}

}  // namespace

ReferenceEngine::ReferenceEngine(const std::vector<PlainRow>& rows) {
  for (const PlainRow& row : rows) {
    if (std::find(rows_.begin(), rows_.end(), row) == rows_.end()) rows_.push_back(row);
  }
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const PlainRow& a, const PlainRow& b) { return a.time < b.time; });
}

StatusOr<ReferenceAnswer> ReferenceEngine::Run(const query::Query& query,
                                               const query::QueryParams& params) {
  ReferenceAnswer answer;
  if (const query::LogExpr* log = query.log()) {
    RETURN_IF_ERROR(RunLog(*log, params, &answer));
    return answer;
  }
  const query::StepGrid grid =
      params.instant ? query::StepGrid::Instant(params.end)
                     : query::StepGrid::Aligned(params.start, params.end, params.step);
  steps_.clear();
  for (size_t i = 0; i < grid.count; ++i) steps_.push_back(grid.TimeOf(i));
  ASSIGN_OR_RETURN(answer.series, Evaluate(*query.metric()));
  return answer;
}

StatusOr<std::vector<ReferenceRow>> ReferenceEngine::RunPipeline(
    const query::LogExpr& log, const query::Unwrap* unwrap) const {
  std::vector<std::vector<EarlyCondition>> early;
  for (size_t i = 0; i < log.stages.size(); ++i) early.push_back(EarlyConditionsOf(log, i, unwrap));
  std::vector<ReferenceRow> out;
  for (const PlainRow& plain : rows_) {
    const LabelSet stream = Labels(plain.labels);
    const bool selected = std::all_of(
        log.matchers.begin(), log.matchers.end(),
        [&](const Matcher& matcher) { return matcher.Matches(stream.Get(matcher.name())); });
    if (!selected) continue;
    ReferenceRow row(plain);
    bool kept = true;
    for (size_t i = 0; kept && i < log.stages.size(); ++i) {
      row.early_conditions = early[i];
      ASSIGN_OR_RETURN(kept, ApplyStage(log.stages[i], &row));
    }
    if (kept) out.push_back(std::move(row));
  }
  return out;
}

Status ReferenceEngine::RunLog(const query::LogExpr& log, const query::QueryParams& params,
                               ReferenceAnswer* answer) const {
  ASSIGN_OR_RETURN(std::vector<ReferenceRow> rows, RunPipeline(log, nullptr));
  if (params.direction == query::Direction::kBackward) std::reverse(rows.begin(), rows.end());
  std::optional<int64_t> last;
  for (const ReferenceRow& row : rows) {
    if (row.time < params.start || row.time >= params.end) continue;
    if (last.has_value() && std::abs(row.time - *last) < params.interval) continue;
    if (answer->entries.size() == params.limit) break;
    answer->entries.push_back({row.All(), row.time, row.line});
    last = row.time;
  }
  return absl::OkStatus();
}

StatusOr<Vector> ReferenceEngine::EvaluateRange(const query::RangeAggregation& aggregation,
                                                const query::VectorAggregation* sum) const {
  const query::LogRange& range = aggregation.range;
  ASSIGN_OR_RETURN(std::vector<ReferenceRow> rows,
                   RunPipeline(range.log, range.unwrap.has_value() ? &*range.unwrap : nullptr));
  if (range.unwrap.has_value()) {
    std::erase_if(rows, [&](ReferenceRow& row) {
      if (!ApplyUnwrap(*range.unwrap, &row)) return true;
      return !std::all_of(
          range.unwrap->filters.begin(), range.unwrap->filters.end(),
          [&](const query::LabelCondition& filter) { return ApplyCondition(filter, &row); });
    });
  }
  SeriesBuilder result(steps_.size());
  for (size_t step = 0; step < steps_.size(); ++step) {
    const int64_t end = steps_[step] - range.offset_nanos;
    std::map<ReferenceLabels, std::vector<ReferenceSample>> windows;
    for (const ReferenceRow& row : rows) {
      if (row.time <= end - range.range_nanos || row.time > end) continue;
      if (row.HasError()) return InvalidArgument("pipeline error");
      windows[SeriesOf(row, aggregation, sum)].push_back(
          {row.time, row.value, static_cast<double>(row.line.size())});
    }
    if (aggregation.op == query::RangeOp::kAbsentOverTime) {
      ReferenceLabels labels;
      for (const Matcher& matcher : range.log.matchers) {
        if (matcher.op() != MatchOp::kEqual || matcher.value().empty()) continue;
        labels.emplace(matcher.name(), matcher.value());
      }
      if (windows.empty()) result.Set(labels, step, 1);
      continue;
    }
    for (const auto& [labels, window] : windows) {
      result.Set(labels, step, ReferenceFunction(aggregation, window));
    }
  }
  return result.Take();
}

StatusOr<Vector> ReferenceEngine::EvaluateBinary(const query::BinaryExpr& expr) const {
  const double* left_number = AsNumber(*expr.left);
  const double* right_number = AsNumber(*expr.right);
  if (left_number != nullptr || right_number != nullptr) {
    ASSIGN_OR_RETURN(Vector vector, Evaluate(left_number != nullptr ? *expr.right : *expr.left));
    return ApplyNumber(expr, left_number != nullptr ? *left_number : *right_number,
                       left_number != nullptr, std::move(vector));
  }
  ASSIGN_OR_RETURN(const Vector left, Evaluate(*expr.left));
  ASSIGN_OR_RETURN(const Vector right, Evaluate(*expr.right));
  if (query::IsSetOp(expr.op)) {
    return CombineSets(expr.op, expr.matching.value_or(query::VectorMatching{}), left, right,
                       steps_.size());
  }
  return CombineMatched(expr, left, right, steps_.size());
}

StatusOr<Vector> ReferenceEngine::Evaluate(const query::MetricExpr& expr) const {
  if (const auto* range = std::get_if<query::RangeAggregation>(&expr.node)) {
    return EvaluateRange(*range, nullptr);
  }
  if (const auto* aggregation = std::get_if<query::VectorAggregation>(&expr.node)) {
    const auto* range = std::get_if<query::RangeAggregation>(&aggregation->inner->node);
    const bool hands_down =
        aggregation->op == query::VectorOp::kSum && range != nullptr && TakesOuterGrouping(*range);
    ASSIGN_OR_RETURN(const Vector input, hands_down ? EvaluateRange(*range, aggregation)
                                                    : Evaluate(*aggregation->inner));
    switch (aggregation->op) {
      case query::VectorOp::kTopk:
      case query::VectorOp::kBottomk:
      case query::VectorOp::kApproxTopk:
        return KeepRanked(*aggregation, input, steps_.size());
      case query::VectorOp::kSort:
      case query::VectorOp::kSortDesc:
        return input;
      default:
        return Aggregate(*aggregation, input, steps_.size());
    }
  }
  if (const auto* binary = std::get_if<query::BinaryExpr>(&expr.node)) {
    return EvaluateBinary(*binary);
  }
  if (const auto* replace = std::get_if<query::LabelReplaceExpr>(&expr.node)) {
    ASSIGN_OR_RETURN(Vector vector, Evaluate(*replace->inner));
    ReplaceLabels(*replace, &vector);
    return vector;
  }
  const auto* vector = std::get_if<query::VectorExpr>(&expr.node);
  const double* number = vector != nullptr ? &vector->value : AsNumber(expr);
  if (number == nullptr) return Internal("an expression that the reference does not know");
  return Vector{{{}, std::vector<std::optional<double>>(steps_.size(), *number)}};
}

}  // namespace skald::test_support
