// Which OpenTelemetry attributes become labels, which metadata, and which are dropped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skald::ingest {

enum class AttributeAction : uint8_t { kStructuredMetadata = 0, kIndexLabel = 1, kDrop = 2 };

// One rule: the attributes named, or those whose whole name matches `regex` (never both).
struct AttributeRule {
  AttributeAction action = AttributeAction::kStructuredMetadata;
  std::vector<std::string> attributes;
  std::string regex;

  bool operator==(const AttributeRule&) const = default;
};

// `limits_config.otlp_config`. The first rule that names an attribute decides; user rules stand
// before the defaults. An attribute that no rule names becomes structured metadata.
struct OtlpConfig {
  bool ignore_resource_defaults = false;
  std::vector<AttributeRule> resource_attributes;
  std::vector<AttributeRule> scope_attributes;
  std::vector<AttributeRule> log_attributes;
  bool severity_text_as_label = false;
  // `distributor.otlp_config.default_resource_attributes_as_index_labels`.
  std::vector<std::string> default_index_labels = DefaultIndexLabels();

  static std::vector<std::string> DefaultIndexLabels();
  bool operator==(const OtlpConfig&) const = default;
};

}  // namespace skald::ingest
