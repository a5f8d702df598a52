#include "tests/support/reference_conditions.h"

#include <algorithm>
#include <span>
#include <type_traits>
#include <variant>

namespace skald::test_support {
namespace {

// The label of a condition that may be asked early; empty for others.
std::string NameOf(const query::LabelCondition& condition) {
  return std::visit(
      [](const auto& node) -> std::string {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, query::BooleanCondition> ||
                      std::is_same_v<Node, query::IpCondition>) {
          return "";
        } else {
          return node.name;
        }
      },
      condition.node);
}

bool MaySet(const std::vector<query::Extraction>& extractions, const std::string& name) {
  return std::any_of(extractions.begin(), extractions.end(),
                     [&](const query::Extraction& extraction) {
                       return name == extraction.name || name == extraction.name + "_extracted";
                     });
}

bool MayChange(const query::Stage& stage, const std::string& name) {
  if (const auto* json = std::get_if<query::JsonStage>(&stage)) {
    return MaySet(json->extractions, name);
  }
  if (const auto* logfmt = std::get_if<query::LogfmtStage>(&stage)) {
    return MaySet(logfmt->extractions, name);
  }
  if (const auto* format = std::get_if<query::LabelFormatStage>(&stage)) {
    return std::any_of(format->formats.begin(), format->formats.end(), [&](const auto& one) {
      return one.target == name || (one.is_rename && one.value == name);
    });
  }
  if (const auto* drop = std::get_if<query::DropStage>(&stage)) {
    return std::any_of(drop->labels.begin(), drop->labels.end(),
                       [&](const query::NamedLabel& label) { return label.name == name; });
  }
  const auto* keep = std::get_if<query::KeepStage>(&stage);
  if (keep == nullptr) return false;
  return std::none_of(
      keep->labels.begin(), keep->labels.end(),
      [&](const query::NamedLabel& label) { return label.name == name && !label.condition; });
}

void AddUnlessChanged(const query::LabelCondition& condition,
                      std::span<const query::Stage> on_the_way, std::vector<EarlyCondition>* out) {
  const std::string name = NameOf(condition);
  const bool is_changed =
      std::any_of(on_the_way.begin(), on_the_way.end(),
                  [&](const query::Stage& stage) { return MayChange(stage, name); });
  if (!name.empty() && !is_changed) out->push_back({name, &condition});
}

}  // namespace

std::vector<EarlyCondition> EarlyConditionsOf(const query::LogExpr& log, size_t parser,
                                              const query::Unwrap* unwrap) {
  std::vector<EarlyCondition> conditions;
  const std::span<const query::Stage> behind = std::span(log.stages).subspan(parser + 1);
  for (size_t i = 0; i < log.stages.size(); ++i) {
    const auto* filter = std::get_if<query::LabelFilterStage>(&log.stages[i]);
    if (filter == nullptr) continue;
    AddUnlessChanged(filter->condition, behind.first(i > parser ? i - parser - 1 : 0), &conditions);
  }
  if (unwrap != nullptr) {
    for (const query::LabelCondition& filter : unwrap->filters) {
      AddUnlessChanged(filter, behind, &conditions);
    }
  }
  return conditions;
}

}  // namespace skald::test_support
