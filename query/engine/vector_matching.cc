#include "query/engine/vector_matching.h"

#include <algorithm>

namespace skald::query {
namespace {

constexpr uint32_t kNoSeries = UINT32_MAX;
constexpr size_t kNever = static_cast<size_t>(-1);

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<uint32_t> KeysOf(const std::vector<Series>& series, LabelGroups* keys) {
  std::vector<uint32_t> result;
  result.reserve(series.size());
  for (const Series& one : series) result.push_back(keys->GroupOf(one.labels));
  return result;
}

}  // namespace

VectorMatcher::VectorMatcher(const VectorMatching& matching, size_t steps, Arena* arena,
                             MemoryCharge* charge, const StopToken* stop)
    : matching_(matching),
      swapped_(matching.cardinality == MatchCardinality::kOneToMany),
      steps_(steps),
      arena_(arena),
      charge_(charge),
      pacer_(stop),
      keys_(!matching.on, matching.labels, EmptyLabels::kDropped) {}

StatusOr<std::vector<Series>> VectorMatcher::Combine(const std::vector<Series>& left,
                                                     const std::vector<Series>& right,
                                                     Function function) {
  Sides sides{swapped_ ? right : left, swapped_ ? left : right, {}, {}};
  sides.many_keys = KeysOf(sides.many, &keys_);
  sides.one_keys = KeysOf(sides.one, &keys_);
  matched_at_.assign(keys_.size(), kNever);
  for (size_t step = 0; step < steps_; ++step) {
    RETURN_IF_ERROR(IndexOneSide(sides, step));
    RETURN_IF_ERROR(CombineStep(sides, step, function));
    RETURN_IF_ERROR(pacer_.Spend((left.size() + right.size()) * sizeof(Series)));
  }
  std::erase_if(result_, [](const Series& series) { return series.values.empty(); });
  std::sort(result_.begin(), result_.end(),
            [](const Series& a, const Series& b) { return LabelsLess(a.labels, b.labels); });
  return std::move(result_);
}

Status VectorMatcher::IndexOneSide(const Sides& sides, size_t step) {
  one_of_key_.assign(keys_.size(), kNoSeries);
  for (uint32_t i = 0; i < sides.one.size(); ++i) {
    if (!sides.one[i].values.Has(step)) continue;
    uint32_t& of_key = one_of_key_[sides.one_keys[i]];
    if (of_key != kNoSeries) {
      return Internal(StrCat("found duplicate series on the ", swapped_ ? "left" : "right",
                             " hand-side;many-to-many matching not allowed: matching labels must "
                             "be unique on one side"));
    }
    of_key = i;
  }
  return absl::OkStatus();
}

Status VectorMatcher::CombineStep(const Sides& sides, size_t step, Function function) {
  const bool one_to_one = matching_.cardinality == MatchCardinality::kOneToOne;
  for (uint32_t i = 0; i < sides.many.size(); ++i) {
    const uint32_t key = sides.many_keys[i];
    const uint32_t one = one_of_key_[key];
    if (one == kNoSeries || !sides.many[i].values.Has(step)) continue;
    if (one_to_one && matched_at_[key] == step) {
      return Internal(
          "multiple matches for labels: many-to-one matching must be explicit "
          "(group_left/group_right)");
    }
    matched_at_[key] = step;
    const double many_value = sides.many[i].values[step];
    const double one_value = sides.one[one].values[step];
    const std::optional<double> value =
        swapped_ ? function(one_value, many_value) : function(many_value, one_value);
    if (!value.has_value()) continue;
    ASSIGN_OR_RETURN(const uint32_t output, OutputOf(i, one, sides));
    if (written_at_[output] == step && !one_to_one) {
      return Internal("multiple matches for labels: grouping labels must ensure unique matches");
    }
    written_at_[output] = step;
    result_[output].values.Set(step, *value);
  }
  return absl::OkStatus();
}

StatusOr<uint32_t> VectorMatcher::OutputOf(uint32_t many, uint32_t one, const Sides& sides) {
  const uint64_t pair = (uint64_t{many} << 32) | one;
  if (const auto at = output_of_pair_.find(pair); at != output_of_pair_.end()) return at->second;
  const std::vector<LabelView> labels =
      ResultLabels(sides.many[many].labels, sides.one[one].labels);
  const uint32_t output = outputs_.FindOrAdd(KeyOf(labels), labels);
  if (output == result_.size()) {
    RETURN_IF_ERROR(charge_->Add(StepValues::MemoryOf(steps_) + MemoryOf(labels)));
    result_.push_back({CopyLabels(labels, arena_), StepValues(steps_)});
    written_at_.push_back(kNever);
  }
  output_of_pair_.emplace(pair, output);
  return output;
}

bool VectorMatcher::IsMatchingLabel(std::string_view name) const {
  return Contains(matching_.labels, name) == matching_.on;
}

std::vector<LabelView> VectorMatcher::ResultLabels(std::span<const LabelView> many,
                                                   std::span<const LabelView> one) const {
  std::vector<LabelView> labels;
  const bool one_to_one = matching_.cardinality == MatchCardinality::kOneToOne;
  for (const LabelView& label : many) {
    const bool kept =
        one_to_one ? IsMatchingLabel(label.name) : !Contains(matching_.include, label.name);
    if (kept && !label.value.empty()) labels.push_back(label);
  }
  if (one_to_one) return labels;
  for (const LabelView& label : one) {
    const bool included = Contains(matching_.include, label.name);
    if (included && !label.value.empty()) labels.push_back(label);
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

std::vector<Series> CombineSets(BinaryOp op, const VectorMatching& matching,
                                std::vector<Series> left, std::vector<Series> right, size_t steps) {
  LabelGroups keys(!matching.on, matching.labels, EmptyLabels::kDropped);
  const std::vector<uint32_t> left_keys = KeysOf(left, &keys);
  const std::vector<uint32_t> right_keys = KeysOf(right, &keys);
  // Removes from `series`, step by step, what the other side's keys say.
  const auto filter = [&](std::vector<Series>* series, const std::vector<uint32_t>& series_keys,
                          const std::vector<Series>& other, const std::vector<uint32_t>& other_keys,
                          bool keep_matched) {
    std::vector<bool> has_key(keys.size());
    for (size_t step = 0; step < steps; ++step) {
      has_key.assign(keys.size(), false);
      for (size_t i = 0; i < other.size(); ++i) {
        if (other[i].values.Has(step)) has_key[other_keys[i]] = true;
      }
      for (size_t i = 0; i < series->size(); ++i) {
        if (has_key[series_keys[i]] != keep_matched) (*series)[i].values.Remove(step);
      }
    }
  };
  if (op == BinaryOp::kOr) {
    filter(&right, right_keys, left, left_keys, /*keep_matched=*/false);
    for (Series& series : right) left.push_back(std::move(series));
  } else {
    filter(&left, left_keys, right, right_keys, /*keep_matched=*/op == BinaryOp::kAnd);
  }
  std::erase_if(left, [](const Series& series) { return series.values.empty(); });
  return left;
}

}  // namespace skald::query
