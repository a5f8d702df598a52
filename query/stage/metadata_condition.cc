#include "query/stage/metadata_condition.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "query/batch/batch.h"
#include "query/stage/label_regex.h"

namespace skald::query {
namespace {

// Metadata that a stream label has renamed have names like this.
constexpr std::string_view kExtractedSuffix = "_extracted";
// More alternatives than these prune too little.
constexpr size_t kMaxAlternatives = 64;

using Alternatives = std::vector<RequiredPair>;

// One of these values; empty: nothing is required.
Alternatives RequiredBy(const StringCondition& condition) {
  Alternatives pairs;
  if (condition.name == kErrorLabel || condition.name == kErrorDetailsLabel ||
      condition.name.ends_with(kExtractedSuffix)) {
    return pairs;
  }
  std::vector<std::string> values;
  if (condition.op == MatchOp::kEqual) {
    values.push_back(condition.value);
  } else if (condition.op == MatchOp::kRegex) {
    const StatusOr<LabelRegex> regex = LabelRegex::Compile(condition.value);
    if (regex.ok()) values = regex->Values();  // else its own stage tells
  }
  for (std::string& value : values) {
    if (value.empty()) return {};  // absent labels pass
    pairs.push_back({condition.name, std::move(value)});
  }
  return pairs;
}

RequiredMetadata RequiredBy(const LabelCondition& condition);

RequiredMetadata RequiredBy(const BooleanCondition& condition) {
  RequiredMetadata left = RequiredBy(*condition.left);
  RequiredMetadata right = RequiredBy(*condition.right);
  if (!condition.is_or) {
    std::move(right.begin(), right.end(), std::back_inserter(left));
    return left;
  }
  // Any group of the one side or any of the other; which ones does not matter for correctness.
  if (left.empty() || right.empty()) return {};
  Alternatives either = std::move(left.front());
  std::move(right.front().begin(), right.front().end(), std::back_inserter(either));
  return {std::move(either)};
}

RequiredMetadata RequiredBy(const LabelCondition& condition) {
  if (const auto* both = std::get_if<BooleanCondition>(&condition.node)) return RequiredBy(*both);
  const auto* text = std::get_if<StringCondition>(&condition.node);
  if (text == nullptr) return {};
  Alternatives pairs = RequiredBy(*text);
  if (pairs.empty()) return {};
  return {std::move(pairs)};
}

}  // namespace

RequiredMetadata MetadataRequiredBy(std::span<const Stage> stages) {
  RequiredMetadata required;
  for (const Stage& stage : stages) {
    if (std::holds_alternative<LineFilterStage>(stage)) continue;
    const auto* filter = std::get_if<LabelFilterStage>(&stage);
    if (filter == nullptr) break;
    RequiredMetadata more = RequiredBy(filter->condition);
    std::move(more.begin(), more.end(), std::back_inserter(required));
  }
  std::erase_if(required,
                [](const Alternatives& pairs) { return pairs.size() > kMaxAlternatives; });
  return required;
}

}  // namespace skald::query
