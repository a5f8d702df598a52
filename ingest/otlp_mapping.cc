#include "ingest/otlp_mapping.h"

#include <utility>

namespace skald::ingest {

StatusOr<AttributeRules> AttributeRules::Create(const std::vector<AttributeRule>& rules) {
  AttributeRules compiled;
  for (const AttributeRule& rule : rules) {
    if (!rule.regex.empty() && !rule.attributes.empty()) {
      return InvalidArgument("only one of attributes or regex can be set at a time");
    }
    Compiled entry{rule.action, {}, {}};
    entry.names.insert(rule.attributes.begin(), rule.attributes.end());
    if (!rule.regex.empty()) {
      ASSIGN_OR_RETURN(Matcher pattern, Matcher::Create("", MatchOp::kRegex, rule.regex));
      entry.patterns.push_back(std::move(pattern));
    }
    compiled.rules_.push_back(std::move(entry));
  }
  return compiled;
}

AttributeAction AttributeRules::ActionFor(std::string_view name) const {
  for (const Compiled& rule : rules_) {
    if (rule.names.contains(name)) return rule.action;
    if (!rule.patterns.empty() && rule.patterns.front().Matches(name)) return rule.action;
  }
  return AttributeAction::kStructuredMetadata;
}

StatusOr<OtlpMapping> OtlpMapping::Create(const OtlpConfig& config) {
  for (const AttributeRule& rule : config.scope_attributes) {
    if (rule.action == AttributeAction::kIndexLabel) {
      return InvalidArgument("index_label action is only supported for resource_attributes");
    }
  }
  std::vector<AttributeRule> resource = config.resource_attributes;
  if (!config.ignore_resource_defaults) {
    resource.push_back({AttributeAction::kIndexLabel, config.default_index_labels, ""});
  }
  OtlpMapping mapping;
  ASSIGN_OR_RETURN(mapping.resource_, AttributeRules::Create(resource));
  ASSIGN_OR_RETURN(mapping.scope_, AttributeRules::Create(config.scope_attributes));
  ASSIGN_OR_RETURN(mapping.log_, AttributeRules::Create(config.log_attributes));
  mapping.severity_text_as_label_ = config.severity_text_as_label;
  return mapping;
}

}  // namespace skald::ingest
