#include "query/stage/label_use.h"

#include <algorithm>

#include "query/stage/label_name.h"
#include "query/template/template.h"

namespace skald::query {
namespace {

// The templates of a formatting stage.
std::vector<Template> TemplatesOf(const Stage& stage) {
  std::vector<Template> templates;
  const auto add = [&](std::string_view name, std::string_view text) {
    StatusOr<Template> parsed = Template::Parse(name, text);
    if (parsed.ok()) templates.push_back(*std::move(parsed));
  };
  if (const auto* line = std::get_if<LineFormatStage>(&stage)) add("line", line->format);
  if (const auto* labels = std::get_if<LabelFormatStage>(&stage)) {
    for (const LabelFormat& format : labels->formats) {
      if (!format.is_rename) add("label", format.value);
    }
  }
  return templates;
}

// Adds what a stage reads; false if that may be any label.
bool CollectStageNames(const Stage& stage, std::vector<std::string>* names) {
  if (const auto* filter = std::get_if<LabelFilterStage>(&stage)) {
    CollectConditionNames(filter->condition, names);
  }
  if (const auto* labels = std::get_if<LabelFormatStage>(&stage)) {
    for (const LabelFormat& format : labels->formats) {
      if (format.is_rename) names->push_back(format.value);
    }
  }
  for (const Template& parsed : TemplatesOf(stage)) {
    if (!parsed.fields()) return false;
    names->insert(names->end(), parsed.fields()->begin(), parsed.fields()->end());
  }
  return true;
}

// True if an extraction may set the label, by its own name or after a conflict.
bool MayExtract(const std::vector<Extraction>& extractions, std::string_view name) {
  return std::any_of(extractions.begin(), extractions.end(), [&](const Extraction& extraction) {
    return name.starts_with(extraction.name) &&
           (name.size() == extraction.name.size() ||
            name.substr(extraction.name.size()) == kExtractedSuffix);
  });
}

}  // namespace

void CollectConditionNames(const LabelCondition& condition, std::vector<std::string>* names) {
  std::vector<const LabelCondition*> open = {&condition};
  while (!open.empty()) {
    const LabelCondition* next = open.back();
    open.pop_back();
    std::visit(
        [&](const auto& node) {
          if constexpr (std::is_same_v<std::decay_t<decltype(node)>, BooleanCondition>) {
            open.push_back(node.left.get());
            open.push_back(node.right.get());
          } else {
            names->push_back(node.name);
          }
        },
        next->node);
  }
}

std::optional<std::vector<std::string>> NeededLabels(std::span<const Stage* const> stages,
                                                     const PipelineOptions& options) {
  std::vector<std::string> names = options.grouping_labels.value_or(std::vector<std::string>());
  for (const Stage* stage : stages) {
    if (!CollectStageNames(*stage, &names)) return std::nullopt;
  }
  if (options.unwrap != nullptr) {
    names.push_back(options.unwrap->label);
    for (const LabelCondition& filter : options.unwrap->filters) {
      CollectConditionNames(filter, &names);
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (!names[i].ends_with(kExtractedSuffix)) continue;
    std::string plain = names[i].substr(0, names[i].size() - kExtractedSuffix.size());
    names.push_back(std::move(plain));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool MayChangeLabel(const Stage& stage, std::string_view name) {
  const auto is_name = [&](const NamedLabel& label) { return label.name == name; };
  if (const auto* json = std::get_if<JsonStage>(&stage)) return MayExtract(json->extractions, name);
  if (const auto* logfmt = std::get_if<LogfmtStage>(&stage)) {
    return MayExtract(logfmt->extractions, name);
  }
  if (const auto* drop = std::get_if<DropStage>(&stage)) {
    return std::any_of(drop->labels.begin(), drop->labels.end(), is_name);
  }
  if (const auto* keep = std::get_if<KeepStage>(&stage)) {
    return !std::any_of(keep->labels.begin(), keep->labels.end(), [&](const NamedLabel& label) {
      return label.name == name && !label.condition;
    });
  }
  if (const auto* labels = std::get_if<LabelFormatStage>(&stage)) {
    return std::any_of(labels->formats.begin(), labels->formats.end(),
                       [&](const LabelFormat& format) {
                         return format.target == name || (format.is_rename && format.value == name);
                       });
  }
  return false;
}

bool IsParser(const Stage& stage) {
  return std::holds_alternative<JsonStage>(stage) || std::holds_alternative<LogfmtStage>(stage) ||
         std::holds_alternative<RegexpStage>(stage) ||
         std::holds_alternative<PatternStage>(stage) || std::holds_alternative<UnpackStage>(stage);
}

bool ChangesLines(const Stage& stage) {
  return std::holds_alternative<LineFormatStage>(stage) ||
         std::holds_alternative<UnpackStage>(stage) ||
         std::holds_alternative<DecolorizeStage>(stage);
}

bool TemplateReadsLine(const Stage& stage) {
  const std::vector<Template> templates = TemplatesOf(stage);
  return std::any_of(templates.begin(), templates.end(),
                     [](const Template& parsed) { return parsed.uses_line(); });
}

}  // namespace skald::query
