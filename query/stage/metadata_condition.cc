#include "query/stage/metadata_condition.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "query/batch/batch.h"
#include "query/stage/label_name.h"
#include "query/stage/label_regex.h"
#include "query/stage/label_use.h"

namespace skald::query {
namespace {

// More alternatives than these prune too little.
constexpr size_t kMaxAlternatives = 64;
// Shorter words are in every filter.
constexpr size_t kMinWord = 4;

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

// The longest stretch of ASCII letters and digits.
std::string_view LongestWord(std::string_view text) {
  std::string_view longest;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[end]))) ++end;
    if (end - begin > longest.size()) longest = text.substr(begin, end - begin);
    begin = end + 1;
  }
  return longest;
}

// What the line has where one of the pairs is a field of it; none if nothing can be said.
// `delimited`: parsers find only fields that no letter or digit touches.
std::vector<RequiredLiteral> LiteralsOf(const Alternatives& pairs, bool delimited) {
  std::vector<RequiredLiteral> literals;
  for (const RequiredPair& pair : pairs) {
    const std::string_view word = LongestWord(pair.value);
    // Labels named like this do not come from lines alone.
    if (word.size() < kMinWord || pair.name.starts_with("__")) return {};
    const bool is_whole = delimited && word.size() == pair.value.size();
    literals.push_back(
        {std::string(word), false, is_whole ? LiteralPlace::kWholeField : LiteralPlace::kField});
  }
  return literals;
}

bool FindsDelimitedFields(const Stage& parser) {
  return std::holds_alternative<JsonStage>(parser) || std::holds_alternative<LogfmtStage>(parser) ||
         std::holds_alternative<UnpackStage>(parser);
}

bool MayBeChangedBy(const std::vector<const Stage*>& stages, const Alternatives& pairs) {
  return std::any_of(stages.begin(), stages.end(), [&](const Stage* stage) {
    return std::any_of(pairs.begin(), pairs.end(),
                       [&](const RequiredPair& pair) { return MayChangeLabel(*stage, pair.name); });
  });
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

std::vector<FieldCondition> FieldsRequiredBy(std::span<const Stage> stages) {
  std::vector<FieldCondition> conditions;
  std::vector<const Stage*> changes;  // label stages so far
  bool is_parsed = false;
  bool is_line_changed = false;
  bool delimited = true;
  for (const Stage& stage : stages) {
    if (IsParser(stage)) {
      if (is_line_changed) break;  // it finds what lines do not have
      is_parsed = true;
      delimited = delimited && FindsDelimitedFields(stage);
    } else if (const auto* filter = std::get_if<LabelFilterStage>(&stage)) {
      if (!is_parsed) continue;
      for (Alternatives& pairs : RequiredBy(filter->condition)) {
        std::vector<RequiredLiteral> literals = LiteralsOf(pairs, delimited);
        if (literals.empty() || pairs.size() > kMaxAlternatives) continue;
        if (MayBeChangedBy(changes, pairs)) continue;
        conditions.push_back({{std::move(pairs)}, {std::move(literals)}});
      }
    } else if (!std::holds_alternative<LineFilterStage>(stage)) {
      changes.push_back(&stage);
    }
    is_line_changed = is_line_changed || ChangesLines(stage);
  }
  return conditions;
}

}  // namespace skald::query
